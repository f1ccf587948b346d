import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dockerLogins } from './docker-login.ts';
import type { createSources } from './sources.ts';
import { startRegistry } from './testing/oci-registry.ts';
import { makeRoom } from './testing/room.ts';
import { testDirectory } from './testing/work-repository.ts';

const basic = (text: string) => ({ auth: Buffer.from(text).toString('base64') });

const cases: readonly { readonly reason: string; readonly text: string; readonly logins: readonly string[] }[] = [
  {
    reason: 'registries by name and by address, passwords with colons',
    text: JSON.stringify({
      auths: {
        'ghcr.io': basic('me:p:w'),
        'https://index.docker.io/v1/': basic('you:pw'),
        'https://r.example/': basic('x:y'),
      },
    }),
    logins: ['ghcr.io me p:w', 'docker.io you pw', 'r.example x y'],
  },
  {
    reason: 'what lies in a credential store is not there',
    text: JSON.stringify({ auths: { 'ghcr.io': {} }, credsStore: 'desktop' }),
    logins: [],
  },
  { reason: 'no JSON', text: '{', logins: [] },
  { reason: 'something else', text: '{"auths": ["x"]}', logins: [] },
];
for (const { reason, text, logins } of cases) {
  test(`docker login: ${reason}`, async (t) => {
    const folder = testDirectory(t);
    writeFileSync(join(folder, 'config.json'), text);
    const found = await dockerLogins({ DOCKER_CONFIG: folder });
    assert.deepEqual(
      found.map(({ url, username, password }) => `${url} ${username} ${password}`),
      logins,
    );
  });
}

test('docker login: nobody has logged in', async (t) => {
  assert.deepEqual(await dockerLogins({ HOME: testDirectory(t) }), []);
});

test('docker login: a closed registry is read with it', async (t) => {
  const registry = await startRegistry(t);
  registry.push('acme/web', '1.0.0', [
    { type: 'application/vnd.oci.image.layer.v1.tar+gzip', bytes: Buffer.from('x') },
  ]);
  registry.state.login = `Basic ${Buffer.from('me:pw').toString('base64')}`;
  const folder = testDirectory(t);
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [registry.host]: basic('me:pw') } }));
  const room = makeRoom(t, testDirectory(t));
  room.credentials = await dockerLogins({ DOCKER_CONFIG: folder });
  const { images } = room.sources as ReturnType<typeof createSources>;
  assert.deepEqual(await images.tags(`${registry.host}/acme/web`, 'default'), ['1.0.0']);
});
