// `plumb diff` and `plumb render` against a workbench that says what it was asked to render.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeContext } from '../../../test/doubles/fake-context.ts';
import { sampleDetail, shaA, shaB } from '../../../test/doubles/sample-applications.ts';
import type { ObjectChange, RenderInput, Workbench } from '../../contract/index.ts';
import { EngineError, type Manifest } from '../../model/index.ts';
import { runCli } from '../run.ts';

const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'web', name: 'a\u001b[2J' };
const manifest: Manifest = {
  ref,
  digest: 'd',
  body: '{"kind":"ConfigMap","data":{"a":"1"},"apiVersion":"v1","metadata":{"namespace":"web","name":"a"}}',
  steering: {},
  origin: 'a.yaml:1',
  source: 0,
};
const change: ObjectChange = {
  ref,
  kind: 'update',
  origin: 'a.yaml:1',
  fields: [{ path: '/data/a', live: '"1"', desired: '"2"' }],
};
const tree = {
  root: '/home/ada/deploy',
  path: '',
  head: shaA,
  branch: 'main',
  dirty: false,
  remotes: [{ name: 'origin', url: 'git@github.com:acme/deploy.git' }],
};

function bench(more: Partial<Workbench> = {}) {
  const inputs: RenderInput[] = [];
  const workbench: Partial<Workbench> = {
    workingTree: async (directory) => ({ ...tree, path: directory.slice(tree.root.length + 1) }),
    localCommit: async (_, name) => (name === 'HEAD~1' ? shaB : undefined),
    sameRepository: (a, b) => a.replace(/.*[/:]acme/, '') === b.replace(/.*[/:]acme/, ''),
    compare: () => [change],
    render: async (input) => {
      inputs.push(input);
      return { manifests: [manifest], revisions: [shaA], sourceTypes: [], warnings: [] };
    },
    ...more,
  };
  return { inputs, workbench };
}

function renderInput(): RenderInput {
  const { application } = sampleDetail();
  const { name, namespace, project, trackingName, sources } = application;
  return { application: { name, namespace, project, trackingName, destinationNamespace: 'web' }, sources };
}

test('a path is rendered as it lies there, at a revision from Git, an address from its repository', async () => {
  const root = 'file:///home/ada/deploy';
  const cases: readonly (readonly [line: string, source: object, workingTrees: unknown, name: string])[] = [
    ['render', { repoURL: root, path: '', targetRevision: '' }, [{ repoURL: root, root: tree.root }], 'deploy'],
    [
      'render apps/Web_1/',
      { repoURL: root, path: 'apps/Web_1', targetRevision: '' },
      [{ repoURL: root, root: tree.root }],
      'web-1',
    ],
    [
      'render . --path apps/web --revision v1',
      { repoURL: root, path: 'apps/web', targetRevision: 'v1' },
      undefined,
      'web',
    ],
    [
      'render git@github.com:acme/x.git --path y',
      { repoURL: 'git@github.com:acme/x.git', path: 'y', targetRevision: '' },
      undefined,
      'y',
    ],
    [
      'render https://h/o/r.git --name z',
      { repoURL: 'https://h/o/r.git', path: '', targetRevision: '' },
      undefined,
      'z',
    ],
  ];
  for (const [line, source, workingTrees, name] of cases) {
    const { inputs, workbench } = bench();
    const fake = fakeContext({ workbench });
    assert.equal(await runCli(line.split(' '), fake.context), 0, fake.err());
    assert.deepEqual(inputs[0]?.sources, [source], line);
    assert.deepEqual(inputs[0]?.workingTrees, workingTrees, line);
    assert.equal(inputs[0]?.application.name, name, line);
    assert.equal(
      fake.out(),
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: web\ndata:\n  a: '1'\n",
    );
  }
});

test('names of objects cannot move the cursor', async () => {
  const fake = fakeContext({ workbench: bench().workbench });
  assert.equal(await runCli(['render', '-o', 'name'], fake.context), 0);
  assert.equal(fake.out(), 'ConfigMap/web/a[2J\n');
});

test('outside of Git a failure says where the files begin', async () => {
  const workbench = bench({
    workingTree: async () => undefined,
    render: async () => {
      throw new EngineError('path-outside', '../base leads out');
    },
  }).workbench;
  const fake = fakeContext({ workbench });
  assert.equal(await runCli(['render', 'x'], fake.context), 2);
  assert.match(fake.err(), /hint: try: the common root as PATH/);
});

test('the working tree is compared with what is live in the applications that lie in it', async () => {
  const { inputs, workbench } = bench();
  const elsewhere = sampleDetail({
    name: 'other',
    sources: [{ repoURL: 'https://github.com/acme/other', path: 'x', targetRevision: '' }],
  });
  const fake = fakeContext({
    workbench,
    details: [sampleDetail(), elsewhere],
    answers: {
      renderInput: async () => renderInput(),
      diff: async (key) => ({ key, revisions: [], changes: [change], holds: [], differs: true }),
    },
  });
  assert.equal(await runCli(['diff', 'apps'], fake.context), 1, fake.err());
  assert.deepEqual(inputs[0]?.workingTrees, [{ repoURL: 'https://github.com/acme/deploy.git', root: tree.root }]);
  assert.deepEqual(
    fake.calls.filter((call) => call.startsWith('diff')).map((call) => call.slice(0, 40)),
    ['diff "argocd/guestbook" {"manifests":[{"'],
  );
  assert.match(fake.out(), /data\.a {2}"1" → "2"/);
  assert.equal(fake.err(), 'Comparing guestbook\n');
  const nothing = fakeContext({ workbench, details: [elsewhere] });
  assert.equal(await runCli(['diff'], nothing.context), 2);
  assert.match(nothing.err(), /error \[not-found\]: no application has a source here/);
});

test('a revision is compared with what is live by the engine alone', async () => {
  const { inputs, workbench } = bench();
  const fake = fakeContext({
    workbench,
    answers: {
      renderInput: async () => renderInput(),
      diff: async (key) => ({ key, revisions: [shaB], changes: [], holds: [], differs: false }),
    },
  });
  assert.equal(await runCli(['diff', '--revision', 'v1', '--app', 'guestbook'], fake.context), 0, fake.err());
  assert.deepEqual(inputs, []);
  assert.ok(fake.calls.includes('diff "argocd/guestbook" {"revisions":["v1"]}'), fake.calls.join('\n'));
});

test('two renderings are compared without a cluster; names are those of the working tree', async () => {
  const { inputs, workbench } = bench();
  const fake = fakeContext({ workbench });
  assert.equal(await runCli(['diff', 'apps/web', '--against', 'HEAD~1', '-o', 'json'], fake.context), 1, fake.err());
  assert.deepEqual(
    inputs.map((input) => [input.sources[0]?.targetRevision, input.workingTrees !== undefined]),
    [
      [shaB, false],
      ['', true],
    ],
  );
  assert.equal((JSON.parse(fake.out()) as { differs: boolean }).differs, true);
  const same = fakeContext({ workbench: bench({ compare: () => [] }).workbench });
  assert.equal(await runCli(['diff', '--revision', 'a', '--against', 'b'], same.context), 0);
  assert.equal(same.out(), 'No differences.\n');
});
