import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { createSources } from './sources.ts';
import { startRegistry } from './testing/oci-registry.ts';
import { codeOf, credentialOf, makeRoom } from './testing/room.ts';
import { testDirectory } from './testing/work-repository.ts';

const layer = (text: string) => ({ type: 'application/vnd.oci.image.layer.v1.tar+gzip', bytes: Buffer.from(text) });

test('tags, digests and times of images, with the credentials of the registry', async (t) => {
  const registry = await startRegistry(t);
  const room = makeRoom(t, testDirectory(t));
  const { images } = room.sources as ReturnType<typeof createSources>;
  const image = `${registry.host}/acme/web`;
  const one = registry.push('acme/web', '1.0.0', [layer('one')], '2026-01-02T03:04:05Z');
  const two = registry.push('acme/web', '1.1.0', [layer('two')]);
  registry.pushIndex('acme/web', 'many', [{ digest: one, platform: { os: 'linux', architecture: 'amd64' } }]);
  assert.deepEqual(await images.tags(image, 'default'), ['1.0.0', '1.1.0', 'many']);
  assert.deepEqual(await images.describe(image, '1.0.0', 'default'), {
    digest: one,
    created: '2026-01-02T03:04:05.000Z',
  });
  assert.deepEqual(await images.describe(image, '1.1.0', 'default'), { digest: two });
  assert.equal((await images.describe(image, 'many', 'default')).created, '2026-01-02T03:04:05.000Z');
  const before = registry.requests.length;
  await images.describe(image, '1.0.0', 'default');
  assert.equal(registry.requests.length, before + 1, 'what a digest means is asked once');
  assert.equal(await codeOf(() => images.describe(image, '../blobs', 'default')), 'revision-not-found');
  assert.equal(await codeOf(() => images.tags(`${registry.host}/Acme/web`, 'default')), 'repo-config');
  registry.state.login = `Basic ${Buffer.from('me:pw').toString('base64')}`;
  const closed = makeRoom(t, testDirectory(t));
  const theirs = (closed.sources as ReturnType<typeof createSources>).images;
  assert.equal(await codeOf(() => theirs.tags(image, 'default')), 'repo-denied');
  closed.credentials = [
    credentialOf(registry.host, { kind: 'repo-creds', type: 'helm', enableOCI: true, username: 'me', password: 'pw' }),
  ];
  assert.equal((await theirs.tags(image, 'default')).length, 3);
});
