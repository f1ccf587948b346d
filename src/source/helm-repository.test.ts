import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { chartVersions } from './helm/index-section.ts';
import { startServer } from './testing/http-server.ts';
import { codeOf, credentialOf, eventually, makeRoom, sourceOf } from './testing/room.ts';
import { chartArchive } from './testing/tar.ts';
import { testDirectory } from './testing/work-repository.ts';

const project = 'default';
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function setUp(t: TestContext) {
  const dir = testDirectory(t);
  const archives = new Map(['1.0.0', '1.2.0', '2.0.0-rc.1'].map((version) => [version, chartArchive('web', version)]));
  const state = { versions: [...archives.keys()], login: '', elsewhere: '', wrongDigest: false };
  const server = await startServer(t, (request, response, path) => {
    if (state.login !== '' && request.headers.authorization !== state.login) return void response.writeHead(401).end();
    const name = /web-(.*)\.tgz$/.exec(path)?.[1];
    if (name !== undefined) return void response.end(archives.get(name) ?? chartArchive('web', name));
    if (path !== '/charts/index.yaml') return void response.writeHead(404).end();
    const lines = state.versions.map((version) => {
      const digest = state.wrongDigest ? 'f'.repeat(64) : sha(archives.get(version) ?? chartArchive('web', version));
      const url = version === '1.2.0' ? `${state.elsewhere}files/web-${version}.tgz` : `web-${version}.tgz`;
      return `  - version: ${version}\n    digest: ${digest}\n    description: 'a chart'\n    created: "2026-01-02T03:04:05Z"\n    urls:\n    - ${url}\n`;
    });
    const body = `apiVersion: v1\nentries:\n  other:\n  - version: 9.0.0\n    urls: [x]\n  web:\n${lines.join('')}generated: now\n`;
    const etag = `"${sha(Buffer.from(body)).slice(0, 8)}"`;
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
    response.writeHead(200, { etag }).end(body);
  });
  return Object.assign(makeRoom(t, dir), { dir, state, server, url: `${server.url}/charts` });
}

test('versions and ranges of a chart, its files, and how often the index is asked for', async (t) => {
  const room = await setUp(t);
  const { sources, url, server } = room;
  const chart = (target: string) => sourceOf(url, target, { chart: 'web' });
  assert.equal((await sources.resolve(chart('1.0.0'), project)).revision, '1.0.0');
  assert.equal(server.requests.length, 0, 'a version means itself');
  const table: readonly [target: string, version: string][] = [
    ['', '1.2.0'],
    ['*', '1.2.0'],
    ['1.0', '1.0.0'],
    ['^1', '1.2.0'],
    ['>=1.0.0-0', '2.0.0-rc.1'],
    ['v1.0.x', '1.0.0'],
  ];
  for (const [target, version] of table)
    assert.equal((await sources.resolve(chart(target), project)).revision, version, target);
  assert.equal(server.requests.length, 1, 'one request for all of it');
  for (const version of ['1.0.0', '1.2.0']) {
    const tree = await sources.open(chart(version), version, project);
    assert.deepEqual(
      (await tree.list(''))?.map((entry) => `${entry.kind} ${entry.name}`),
      ['file Chart.yaml', 'directory templates', 'file values.yaml'],
    );
    assert.ok(String(await tree.read('Chart.yaml')).includes(`version: ${version}`));
  }
  const asked = server.requests.length;
  await Promise.all(Array.from({ length: 50 }, () => sources.open(chart('1.0.0'), '1.0.0', project)));
  assert.equal(server.requests.length, asked, 'an archive is fetched once');
  assert.deepEqual(await sources.info(chart('1.2.0'), '1.2.0', project), {
    author: '',
    date: '2026-01-02T03:04:05Z',
    message: 'a chart',
    tags: ['1.2.0'],
    parents: [],
  });
  assert.equal(await codeOf(() => sources.resolve(chart('3.x'), project)), 'chart-not-found');
  assert.equal(
    await codeOf(() => sources.resolve(sourceOf(url, '1.x', { chart: 'none' }), project)),
    'chart-not-found',
  );
  assert.equal(
    await codeOf(() => sources.resolve(sourceOf(`${server.url}/nope`, '1.x', { chart: 'web' }), project)),
    'repo-not-found',
  );
  const dependency = await sources.chart(url, 'web', '~1.0.0', project);
  assert.deepEqual([dependency.version, dependency.archive.length > 0], ['1.0.0', true]);
});

test('a new version is told, an outage keeps the last index, over a restart too', async (t) => {
  const room = await setUp(t);
  const { sources, clock, state, server, url, changes } = room;
  const source = sourceOf(url, '1.*', { chart: 'web' });
  sources.watchOnly([{ source, project }]);
  assert.equal((await sources.resolve(source, project)).revision, '1.2.0');
  clock.advance(160_000);
  await eventually(() => server.requests.length === 2, 'it is asked again, with its ETag');
  state.versions.push('1.3.0');
  // The answer before may still be on its way, and with it the time of the next look.
  await eventually(() => {
    clock.advance(160_000);
    return changes.length > 0;
  }, 'the new version is told');
  assert.deepEqual(changes, [{ repo: sources.normalize(url), refs: ['web'] }]);
  assert.equal((await sources.resolve(source, project)).revision, '1.3.0');
  await sources.open(source, '1.3.0', project);
  await server.close();
  const down = await sources.resolve(source, project, { fresh: true });
  assert.equal(down.revision, '1.3.0');
  assert.ok(down.stale);
  await sources.stop();
  const after = makeRoom(t, room.dir);
  const again = await after.sources.resolve(source, project);
  assert.deepEqual(again, down);
  assert.ok(await (await after.sources.open(source, '1.3.0', project)).read('Chart.yaml'), 'its archive is on disk');
});

test('logins stay at the repository unless they are passed on, and digests are checked', async (t) => {
  const room = await setUp(t);
  const { sources, state, url } = room;
  const cdn = await startServer(t, (_request, response) => void response.end(chartArchive('web', '1.2.0')));
  state.elsewhere = `${cdn.url}/`;
  state.login = `Basic ${Buffer.from('me:pw').toString('base64')}`;
  const source = sourceOf(url, '1.2.0', { chart: 'web' });
  assert.equal(await codeOf(() => sources.open(source, '1.2.0', project)), 'repo-denied');
  room.credentials = [credentialOf(url, { type: 'helm', username: 'me', password: 'pw' })];
  await sources.open(source, '1.2.0', project);
  assert.equal(cdn.requests[0]?.headers.authorization, undefined);
  const other = makeRoom(t, `${room.dir}/other`);
  other.credentials = room.credentials;
  const helm = { valueFiles: [], parameters: [], fileParameters: [], apiVersions: [], passCredentials: true };
  const options = { ignoreMissingValueFiles: false, skipCrds: false, skipTests: false, skipSchemaValidation: false };
  await other.sources.open({ ...source, helm: { ...helm, ...options } }, '1.2.0', project);
  assert.equal(cdn.requests[1]?.headers.authorization, state.login, 'passCredentials');
  state.wrongDigest = true;
  const wrong = makeRoom(t, `${room.dir}/wrong`);
  wrong.credentials = room.credentials;
  assert.equal(
    await codeOf(() => wrong.sources.open(source, '1.0.0', project)),
    'repo-config',
    'a digest that is wrong',
  );
});

test('a name for a repository, and remote values files', async (t) => {
  const room = await setUp(t);
  const { sources, url, server } = room;
  room.credentials = [credentialOf(url, { type: 'helm', name: 'stable' })];
  for (const alias of ['@stable', 'alias:stable']) {
    assert.equal((await sources.chart(alias, 'web', '1.x', project)).version, '1.2.0', alias);
  }
  assert.equal(await codeOf(() => sources.chart('@nope', 'web', '1.x', project)), 'chart-not-found');
  assert.ok(String(Buffer.from(await sources.fetch(`${url}/index.yaml`, project))).startsWith('apiVersion'));
  assert.equal(await codeOf(() => sources.fetch(`${server.url}/none`, project)), 'path-not-found');
  assert.equal(await codeOf(() => sources.fetch('file:///etc/passwd', project)), 'repo-config');
  const large = await startServer(t, (_request, response) => void response.end(Buffer.alloc(11 * 1024 * 1024)));
  assert.equal(await codeOf(() => sources.fetch(large.url, project)), 'render-limit');
});

test('indexes in the forms that tools write', () => {
  const one = (text: string, chart = 'web') => chartVersions(text, chart, 'test').map((entry) => entry.version);
  const table: readonly [text: string, versions: readonly string[], reason: string][] = [
    [
      'entries:\n  web:\n  - version: 1.0.0\n  - version: "2.0"\n  z:\n  - version: 3.0.0\n',
      ['1.0.0', '2.0'],
      "Helm's own form",
    ],
    ['entries:\n    web:\n        - version: 1.0.0\n    z: []\n', ['1.0.0'], 'deeper indents'],
    ['entries:\r\n  web:\r\n  - version: 1.0.0\r\ngenerated: x\r\n', ['1.0.0'], 'line ends of Windows'],
    ['# c\nentries:\n\n  # about web\n  "web":\n  # more\n\n  - version: 1.0.0\n', ['1.0.0'], 'comments and quotes'],
    ['entries:\n  webber:\n  - version: 9.0.0\n  web:\n  - version: 1.0.0\n', ['1.0.0'], 'a name that begins the same'],
    [
      'entries:\n  a:\n  - description: |\n      x\n      web:\n      - version: 9.9.9\n    version: 1.0.0\n',
      [],
      'text that looks like an entry',
    ],
    ['{"entries": {"web": [{"version": "1.0.0"}]}}', ['1.0.0'], 'JSON'],
    ['entries: {web: [{version: 1.0.0}]}', ['1.0.0'], 'flow style'],
    ['entries:\n  a: &x\n  - version: 1.0.0\n  web: *x\n', ['1.0.0'], 'anchors'],
    ['apiVersion: v1\nentries: {}\n', [], 'empty'],
    ['', [], 'nothing'],
    [
      'entries:\n  web:\n  - version: 1.0.0\n    urls: [3, x]\n    digest: zz\n  - 7\n  - version: [1]\n',
      ['1.0.0'],
      'nonsense among the entries',
    ],
  ];
  for (const [text, versions, reason] of table) assert.deepEqual(one(text), versions, reason);
  assert.throws(() => chartVersions('entries:\n  web: "\n', 'web', 'test'), { code: 'repo-config' });
});
