import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parseChallenge } from './oci/challenge.ts';
import { parseOciName } from './oci/reference.ts';
import { startRegistry } from './testing/oci-registry.ts';
import { codeOf, credentialOf, eventually, makeRoom, sourceOf } from './testing/room.ts';
import { chartArchive, tarOf } from './testing/tar.ts';
import { testDirectory } from './testing/work-repository.ts';

const project = 'default';
const chartType = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const filesType = 'application/vnd.oci.image.layer.v1.tar+gzip';
const chartLayer = (version: string) => ({ type: chartType, bytes: chartArchive('web', version) });
const filesLayer = (text: string) => ({
  type: filesType,
  bytes: gzipSync(tarOf([{ path: 'app/x.yaml', content: text }])),
});

test('charts in a registry: versions, ranges over pages of tags, tokens', async (t) => {
  const dir = testDirectory(t);
  const registry = await startRegistry(t);
  const room = makeRoom(t, dir);
  const { sources, clock } = room;
  for (const version of ['1.0.0', '1.2.0', '1.2.0_build', '2.0.0-rc.1', '0.9.0'])
    registry.push('org/web', version, [chartLayer(version)]);
  registry.state.pageSize = 2;
  registry.state.login = `Basic ${Buffer.from('me:pw').toString('base64')}`;
  const chart = (target: string) => sourceOf(`${registry.host}/org`, target, { chart: 'web' });
  assert.equal(await codeOf(() => sources.resolve(chart('1.x'), project)), 'repo-denied');
  room.credentials = [
    credentialOf(`${registry.host}/org`, { type: 'helm', enableOCI: true, username: 'me', password: 'pw' }),
  ];
  const table: readonly [target: string, version: string][] = [
    ['1.*', '1.2.0'],
    ['', '1.2.0'],
    ['1.0', '1.0.0'],
    ['*-0', '2.0.0-rc.1'],
    ['1.0.0', '1.0.0'],
  ];
  for (const [target, version] of table)
    assert.equal((await sources.resolve(chart(target), project)).revision, version, target);
  const lists = registry.requests.filter(({ path }) => path.includes('tags/list') && !path.includes('last='));
  assert.ok(lists.length <= 3, 'the tags are listed once (asked without and with a token)');
  const tree = await sources.open(chart('1.0.0'), '1.0.0', project);
  assert.ok(String(await tree.read('Chart.yaml')).includes('version: 1.0.0'), 'the chart is the root');
  assert.equal(
    (await sources.open(chart('1.2.0+build'), '1.2.0+build', project)) !== undefined,
    true,
    'a plus sign is a tag with _',
  );
  assert.equal((await sources.info(chart('1.0.0'), '1.0.0', project))?.message, 'about 1.0.0');
  assert.equal(await codeOf(() => sources.resolve(chart('9.x'), project)), 'chart-not-found');
  assert.equal(await codeOf(() => sources.open(chart('9.9.9'), '9.9.9', project)), 'revision-not-found');
  const dependency = await sources.chart(`oci://${registry.host}/org`, 'web', '^1', project);
  assert.equal(dependency.version, '1.2.0');
  const tokens = registry.requests.filter(({ path }) => path.startsWith('/token')).length;
  clock.advance(600_000);
  await sources.resolve(chart('1.*'), project, { fresh: true });
  assert.equal(
    registry.requests.filter(({ path }) => path.startsWith('/token')).length,
    tokens + 1,
    'a token that ended',
  );
});

test('artifacts: tags that move, digests, ranges, indexes', async (t) => {
  const dir = testDirectory(t);
  const registry = await startRegistry(t);
  const { sources, clock, changes } = makeRoom(t, dir);
  const one = registry.push('org/app', '1.0.0', [filesLayer('one')]);
  const latest = registry.push('org/app', 'latest', [filesLayer('latest')]);
  const artifact = (target: string) => sourceOf(`oci://${registry.host}/org/app`, target);
  sources.watchOnly([{ source: artifact('latest'), project }]);
  assert.deepEqual(await sources.resolve(artifact('latest'), project), { revision: latest, found: 'latest' });
  assert.deepEqual(await sources.resolve(artifact(''), project), { revision: latest, found: 'latest' });
  assert.deepEqual(await sources.resolve(artifact('1.*'), project), { revision: one, found: '1.0.0' });
  assert.deepEqual(await sources.resolve(artifact(one), project), { revision: one, found: '' });
  assert.equal(String(await (await sources.open(artifact('latest'), latest, project)).read('app/x.yaml')), 'latest');
  assert.equal(await codeOf(() => sources.resolve(artifact('nope'), project)), 'revision-not-found');
  assert.equal(await codeOf(() => sources.resolve(artifact('../../x'), project)), 'revision-not-found');

  const moved = registry.push('org/app', 'latest', [filesLayer('moved')]);
  clock.advance(170_000);
  await eventually(() => changes.some((change) => change.refs.includes('latest')), 'the poll sees the tag move');
  assert.equal((await sources.resolve(artifact('latest'), project)).revision, moved);
  assert.equal(changes[0]?.repo, sources.normalize(artifact('').repoURL));
  const again = registry.push('org/app', 'latest', [filesLayer('again')]);
  const event = {
    provider: 'harbor',
    urls: [`oci://${registry.host}/org/app`],
    ref: 'latest',
    before: '',
    after: again,
  };
  assert.deepEqual(await sources.wake(event), [sources.normalize(artifact('').repoURL)]);
  assert.equal((await sources.resolve(artifact('latest'), project)).revision, again, 'a webhook');

  const index = registry.pushIndex('org/app', 'multi', [
    {
      digest: registry.push('org/app', 'a', [filesLayer('attestation')]),
      platform: { os: 'unknown', architecture: 'unknown' },
    },
    { digest: one, platform: { os: 'linux', architecture: 'amd64' } },
  ]);
  assert.equal((await sources.resolve(artifact('multi'), project)).revision, index);
  assert.equal(String(await (await sources.open(artifact('multi'), index, project)).read('app/x.yaml')), 'one');
  await registry.close();
  const down = await sources.resolve(artifact('latest'), project, { fresh: true });
  assert.ok(down.revision === again && down.stale);
  assert.equal(
    String(await (await sources.open(artifact('latest'), latest, project)).read('app/x.yaml')),
    'latest',
    'what was opened stays',
  );
});

test('what a hostile registry tries', async (t) => {
  const dir = testDirectory(t);
  const registry = await startRegistry(t);
  const { sources } = makeRoom(t, dir);
  const open = async (name: string, layers: readonly { readonly type: string; readonly bytes: Buffer }[]) => {
    const digest = registry.push('org/bad', name, layers);
    return codeOf(async () =>
      (await sources.open(sourceOf(`oci://${registry.host}/org/bad`), digest, project)).list(''),
    );
  };
  const tar = (...entries: Parameters<typeof tarOf>[0][number][]) => [
    { type: filesType, bytes: gzipSync(tarOf(entries)) },
  ];
  const bomb = gzipSync(Buffer.alloc(101 * 1024 * 1024), { level: 1 });
  assert.equal(await open('climbs', tar({ path: '../../etc/passwd', content: 'x' })), 'path-outside');
  assert.equal(await open('absolute', tar({ path: '/etc/passwd', content: 'x' })), 'path-outside');
  assert.equal(await open('nested', tar({ path: 'a', content: 'x' }, { path: 'a/b', content: 'x' })), 'repo-config');
  assert.equal(await open('bomb', [{ type: filesType, bytes: bomb }]), 'render-limit');
  assert.equal(
    await open('garbage', [{ type: filesType, bytes: Buffer.from('hello') }]),
    'no error',
    'too short to hold a file',
  );
  assert.equal(await open('noise', [{ type: filesType, bytes: Buffer.alloc(2048, 'x') }]), 'repo-config');
  assert.equal(
    await open('cut', [
      { type: filesType, bytes: gzipSync(tarOf([{ path: 'a', content: 'x'.repeat(900) }]).subarray(0, 1024)) },
    ]),
    'repo-config',
  );
  assert.equal(await open('two', [filesLayer('a'), filesLayer('b')]), 'repo-config');
  assert.equal(
    await open('none', [{ type: 'application/vnd.oci.image.config.v1+json', bytes: Buffer.from('{}') }]),
    'repo-config',
  );
  const link = registry.push('org/bad', 'link', tar({ path: 'out', link: '../../etc/passwd' }));
  const tree = await sources.open(sourceOf(`oci://${registry.host}/org/bad`), link, project);
  assert.equal(await codeOf(() => tree.read('out')), 'path-outside');
  registry.state.lie = Buffer.from('other bytes');
  assert.equal(await open('lie', [filesLayer('honest')]), 'repo-config', 'a layer without its digest');
});

test('names and challenges', () => {
  assert.deepEqual(parseOciName('docker.io/nginx', undefined), {
    registry: 'registry-1.docker.io',
    host: 'registry-1.docker.io',
    port: '',
    repository: 'library/nginx',
  });
  assert.deepEqual(parseOciName('oci://reg.example:5000/a/b', 'c'), {
    registry: 'reg.example:5000',
    host: 'reg.example',
    port: '5000',
    repository: 'a/b/c',
  });
  for (const name of ['oci://reg.example/A', 'oci://reg.example/', 'https://reg.example/a']) {
    assert.throws(() => parseOciName(name, undefined), { code: 'repo-config' }, name);
  }
  assert.deepEqual(parseChallenge('Bearer realm="https://a/t",service="s",scope="repository:x:pull,push"'), {
    scheme: 'bearer',
    realm: 'https://a/t',
    service: 's',
    scope: 'repository:x:pull,push',
  });
  assert.deepEqual(parseChallenge('Basic realm="x"'), { scheme: 'basic' });
  assert.equal(parseChallenge('Bearer realm="javascript:x"'), undefined);
  assert.equal(parseChallenge(undefined), undefined);
});
