import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type FakeOptions, fakeContext } from '../../../test/doubles/fake-context.ts';
import { runCli } from '../run.ts';

const url = 'https://git.example.com/shop/deploy.git';
const here = '/home/ada/deploy';
const noTree = { workingTree: async () => undefined };

async function run(line: string, options: FakeOptions = {}) {
  const fake = fakeContext({ workbench: noTree, ...options });
  return { code: await runCli(line.split(' '), fake.context), fake };
}

/** What `plumb new repo` wrote, as files that are there. */
async function repository(): Promise<Readonly<Record<string, string>>> {
  const { fake } = await run(`new repo . --url ${url}`);
  return Object.fromEntries(fake.written);
}

describe('a repository', () => {
  test('of flags', async () => {
    const { code, fake } = await run(`new repo . --url ${url} --environment test,live --revision trunk -n control`);
    assert.equal(code, 0, fake.err());
    assert.deepEqual(
      [...fake.written.keys()].map((path) => path.replace(`${here}/`, '')),
      ['root.yaml', 'applications/projects.yaml', 'README.md', '.github/workflows/deliver.yaml'],
    );
    const root = fake.written.get(`${here}/root.yaml`) ?? '';
    for (const part of [url, 'name: deploy', 'targetRevision: trunk', 'namespace: control', 'recurse: true'])
      assert.ok(root.includes(part), part);
    const projects = fake.written.get(`${here}/applications/projects.yaml`) ?? '';
    assert.equal(projects.match(/kind: AppProject/g)?.length, 2);
    assert.ok(fake.out().includes('kubectl apply -f root.yaml'));
  });

  test('of questions', async () => {
    const { code, fake } = await run('new repo x', { terminal: true, lines: [url, ''] });
    assert.equal(code, 0, fake.err());
    assert.ok(fake.written.get(`${here}/x/root.yaml`)?.includes(url));
    assert.ok(fake.err().includes('[staging,production]'));
  });

  test('of the working tree that it is in', async () => {
    const tree = { root: here, path: '', head: '', branch: '', dirty: false, remotes: [{ name: 'origin', url }] };
    const { fake } = await run('new repo .', { workbench: { workingTree: async () => tree } });
    assert.ok(fake.written.get(`${here}/root.yaml`)?.includes(url));
  });

  test('leaves what is there', async () => {
    const { code, fake } = await run(`new repo . --url ${url}`, { files: { [`${here}/README.md`]: 'mine' } });
    assert.equal(code, 0);
    assert.equal(fake.written.has(`${here}/README.md`), false);
    assert.match(fake.out(), /kept\s+README\.md/);
  });
});

describe('a service', () => {
  const flags =
    '--image ghcr.io/acme/web:1.0.0 --port 8080 --health /healthz --domain example.com --env MODE=on --env A=$5';

  test('of flags, in every environment', async () => {
    const { code, fake } = await run(`new service web ${flags} --size m --replicas 3`, { files: await repository() });
    assert.equal(code, 0, fake.err());
    const text = (path: string): string => fake.written.get(`${here}/${path}`) ?? '';
    assert.deepEqual([...fake.written.keys()].map((path) => path.replace(`${here}/`, '')).sort(), [
      'applications/production/web.yaml',
      'applications/staging/web.yaml',
      'services/web/workload.production.yaml',
      'services/web/workload.staging.yaml',
      'services/web/workload.yaml',
    ]);
    assert.match(text('services/web/workload.yaml'), /^ {2}MODE: "on"$/m);
    assert.match(text('services/web/workload.staging.yaml'), /host: web\.staging\.example\.com/);
    assert.match(text('services/web/workload.production.yaml'), /replicas: 3\nhost: web\.example\.com/);
    assert.match(text('applications/production/web.yaml'), /project: production[\s\S]*namespace: production/);
  });

  test('as a Score file', async () => {
    const { code, fake } = await run(`new service web ${flags} --score`, { files: await repository() });
    assert.equal(code, 0, fake.err());
    assert.match(
      fake.written.get(`${here}/services/web/score.yaml`) ?? '',
      /apiVersion: score\.dev\/v1b1[\s\S]*A: "\$\$5"/,
    );
  });

  test('of questions', async () => {
    const lines = ['ghcr.io/acme/web:1.0.0', '8080', '', ''];
    const { code, fake } = await run('new service web', { files: await repository(), terminal: true, lines });
    assert.equal(code, 0, fake.err());
    assert.match(fake.written.get(`${here}/services/web/workload.yaml`) ?? '', /port: 8080/);
  });

  const wrong: readonly { reason: string; line: string; files?: Readonly<Record<string, string>>; says: string }[] = [
    { reason: 'no repository', line: `new service web ${flags}`, files: {}, says: 'path-not-found' },
    { reason: 'a name that is none', line: `new service Web ${flags}`, says: 'usage' },
    { reason: 'no image and nobody to ask', line: 'new service web', says: 'usage' },
    { reason: 'a port that is none', line: 'new service web --image a --port http', says: 'usage' },
    { reason: 'a health path that is none', line: 'new service web --image a --port 80 --health x', says: 'usage' },
    { reason: 'a variable that is none', line: 'new service web --image a --env =x', says: 'usage' },
  ];
  for (const { reason, line, files, says } of wrong)
    test(`refuses ${reason}`, async () => {
      const { code, fake } = await run(line, { files: files ?? (await repository()) });
      assert.equal(code, 2);
      assert.ok(fake.err().includes(`[${says}]`), fake.err());
      assert.equal(fake.written.size, 0);
    });
});
