import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RenderInput } from '../../contract/index.ts';
import { defaultSettings, type JsonObject, type Manifest, renderSettingsOf, stringAt } from '../../model/index.ts';
import type { Renderer, RenderRequest, Sources } from '../../ports/index.ts';
import { manifestChanges } from './manifest-changes.ts';
import { mergePatch } from './merge-patch.ts';
import { createWorkbench } from './workbench.ts';

function manifest(name: string, body: JsonObject, kind = 'ConfigMap'): Manifest {
  const ref = { group: '', version: 'v1', kind, namespace: 'web', name };
  const whole = { apiVersion: 'v1', kind, metadata: { name }, ...body };
  return {
    ref,
    digest: JSON.stringify(whole),
    body: JSON.stringify(whole),
    steering: {},
    origin: `${name}.yaml:1`,
    source: 0,
  };
}

test('two renderings are compared field by field', () => {
  const container = (name: string, image: string) => ({ name, image });
  const before = [
    manifest('same', { data: { a: '1' } }),
    manifest('changed', {
      data: { a: '1', b: '2' },
      spec: { containers: [container('x', 'x:1'), container('y', 'y:1')] },
    }),
    manifest('gone', {}),
    manifest('secret', { data: { a: 'aGk=' }, type: 'x' }, 'Secret'),
  ];
  const after = [
    manifest('new', {}),
    manifest('same', { data: { a: '1' } }),
    manifest('changed', {
      data: { a: '1', c: '3' },
      spec: { containers: [container('z', 'z:1'), container('y', 'y:2'), container('x', 'x:1')] },
    }),
    manifest('secret', { data: { a: 'aG8=' }, type: 'y' }, 'Secret'),
  ];
  const changes = manifestChanges(before, after);
  assert.deepEqual(
    changes.map((one) => `${one.kind} ${one.ref.name}`),
    ['create new', 'update changed', 'update secret', 'prune gone'],
  );
  assert.deepEqual(changes[1]?.fields, [
    { path: '/data/b', live: '"2"' },
    { path: '/data/c', desired: '"3"' },
    { path: '/spec/containers/0', desired: '{"name":"z","image":"z:1"}' },
    { path: '/spec/containers/1/image', live: '"y:1"', desired: '"y:2"' },
  ]);
  assert.deepEqual(changes[2]?.fields, [
    { path: '/data/a', live: '"++++++++"', desired: '"+++++++++"' },
    { path: '/type', live: '"x"', desired: '"y"' },
  ]);
});

test('the order of keys is no difference', () => {
  const one = manifest('a', { data: { a: '1', b: '2' } });
  const other = manifest('a', { data: { b: '2', a: '1' } });
  assert.deepEqual(manifestChanges([one], [other]), []);
});

test('a merge patch makes one of the other', () => {
  const cases: readonly (readonly [from: JsonObject, to: JsonObject, patch: JsonObject])[] = [
    [{}, {}, {}],
    [{ a: 1 }, {}, { a: null }],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1, d: 3 } }, { a: { c: null, d: 3 } }],
    [{ a: [1] }, { a: [1, 2] }, { a: [1, 2] }],
    [{ a: { b: 1 } }, { a: 'x' }, { a: 'x' }],
    [{ a: { b: 1 } }, { a: { b: 1 } }, {}],
  ];
  for (const [from, to, patch] of cases) assert.deepEqual(mergePatch(from, to), patch);
});

test('revisions replace targets, working trees say so', async () => {
  const asked: string[] = [];
  let rendered: RenderRequest | undefined;
  const sources = {
    resolve: async (source: { repoURL: string; targetRevision: string }) => {
      asked.push(`${source.repoURL}@${source.targetRevision}`);
      return { revision: `sha-of-${source.targetRevision}`, found: '' };
    },
  } as unknown as Sources;
  const renderer = {
    render: async (request: RenderRequest) => {
      rendered = request;
      return { manifests: [], digest: '', sourceTypes: ['Directory'], warnings: [], cached: false };
    },
  } as unknown as Renderer;
  const trees: unknown[] = [];
  const workbench = createWorkbench({
    bench: async (workingTrees) => {
      trees.push(workingTrees);
      return { sources, renderer };
    },
    kubeVersion: 'v1.2.3',
    normalize: (url) => url.toLowerCase(),
    checkout: { workingTree: async () => undefined, localCommit: async () => undefined },
    readObjects: async () => [],
    languages: { lua: async () => [], jq: async () => [] },
    checkSettings: ([one]) => {
      const kustomizeBuildOptions = stringAt(one, 'data', 'kustomize.buildOptions') ?? '';
      return { settings: { ...defaultSettings, kustomizeBuildOptions, problems: ['odd'] }, findings: [] };
    },
    close: async () => {},
  });
  const input: RenderInput = {
    application: { name: 'a', namespace: 'argocd', project: 'p', trackingName: 'a', destinationNamespace: 'web' },
    sources: ['r1', 'r2', 'r3'].map((repoURL) => ({ repoURL, path: '', targetRevision: 'main' })),
    revisions: ['v1', '', ''],
    workingTrees: [{ repoURL: 'r3', root: '/x' }],
  };
  const output = await workbench.render(input);
  assert.deepEqual(asked, ['r1@v1', 'r2@main', 'r3@main']);
  assert.deepEqual(output.revisions, ['sha-of-v1', 'sha-of-main', 'working-tree']);
  assert.deepEqual(trees, [input.workingTrees]);
  assert.equal(rendered?.kubeVersion, 'v1.2.3');
  assert.deepEqual(rendered?.settings, defaultSettings);
  const config = { 'kustomize.buildOptions': '--enable-helm' };
  const told = await workbench.render({ ...input, config });
  assert.equal(rendered?.settings.kustomizeBuildOptions, '--enable-helm');
  assert.deepEqual(told.warnings, [{ type: 'settings', message: 'odd' }]);
  const settings = { ...renderSettingsOf(defaultSettings), kustomizeBuildOptions: '--reorder none' };
  await workbench.render({ ...input, config, settings });
  assert.equal(rendered?.settings.kustomizeBuildOptions, '--reorder none');
  assert.equal(workbench.sameRepository('A', 'a'), true);
  const resources: JsonObject[] = [
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'web' },
      spec: { source: { repoURL: 'r' }, destination: { name: 'x' } },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } },
    { apiVersion: 'app.k8s.io/v1beta1', kind: 'Application', metadata: { name: 'y' } },
  ];
  assert.deepEqual(
    workbench.readApplications(resources).map((app) => app.name),
    ['web'],
  );
});
