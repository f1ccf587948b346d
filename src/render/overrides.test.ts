import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngineError, type Source } from '../model/index.ts';
import { factsOf } from './build-environment.ts';
import { mergePatch, withOverrides } from './overrides.ts';
import { type Files, memoryTree, testRequest } from './test-repositories.ts';
import { type Toolbox, ToolboxError } from './toolbox/protocol.ts';

const toolbox = {
  yaml: async () => {
    throw new ToolboxError('yaml', 'refused');
  },
} as unknown as Toolbox;

async function merged(files: Files, source: Partial<Source> = {}, used = new Set<string>()): Promise<Source> {
  const request = testRequest({ path: 'dir', ...source });
  const own = { ...request.application, trackingName: 'team_app' };
  const tree = memoryTree(files);
  const place = { tree, path: 'dir', entries: (await tree.list('dir')) ?? [] };
  const written = request.sources[0];
  assert.ok(written);
  return await withOverrides(written, place, factsOf({ ...request, application: own }, 0, used), toolbox);
}

describe('options in the repository', () => {
  test('change nothing where there are none', async () => {
    const used = new Set<string>();
    assert.deepEqual(await merged({ 'dir/a.yaml': '' }, {}, used), testRequest({ path: 'dir' }).sources[0]);
    assert.equal(used.size, 0);
  });

  test('complete what they name', async () => {
    const { kustomize } = await merged({ 'dir/.argocd-source.yaml': 'kustomize:\n  images: [a:1]\n' });
    assert.deepEqual(kustomize?.images, ['a:1']);
    assert.deepEqual(kustomize?.replicas, []);
    assert.equal(kustomize?.forceCommonLabels, false);
  });

  test('of the application go over those of all', async () => {
    const files = {
      'dir/.argocd-source.yaml': 'helm: {releaseName: all, values: "a: 1"}\n',
      'dir/.argocd-source-team_app.yaml': 'helm: {releaseName: mine}\n',
      'dir/.argocd-source-other.yaml': 'helm: {releaseName: other}\n',
    };
    const used = new Set<string>();
    const { helm } = await merged(files, {}, used);
    assert.deepEqual([helm?.releaseName, helm?.values], ['mine', 'a: 1']);
    assert.ok(used.has('0/ARGOCD_APP_NAME'));
  });

  test('replace lists, merge maps, remove by null', async () => {
    const kustomize = {
      images: ['a:1'],
      replicas: [],
      commonLabels: { a: '1', b: '2' },
      labelWithoutSelector: true,
      labelIncludeTemplates: false,
      forceCommonLabels: false,
      commonAnnotations: {},
      commonAnnotationsEnvsubst: false,
      forceCommonAnnotations: false,
      patches: [],
      components: [],
      ignoreMissingComponents: false,
      apiVersions: [],
    };
    const patch = 'kustomize: {images: [b:2], commonLabels: {b: null, c: "3"}, labelWithoutSelector: null}\n';
    const result = await merged({ 'dir/.argocd-source.yaml': patch }, { kustomize });
    assert.deepEqual(result.kustomize?.images, ['b:2']);
    assert.deepEqual(result.kustomize?.commonLabels, { a: '1', c: '3' });
    assert.equal(result.kustomize?.labelWithoutSelector, false);
  });

  test('are read whatever the case of their names', async () => {
    const files = {
      'dir/.argocd-source.yaml': 'Helm: {RELEASENAME: x, Parameters: [{NAME: a, Value: b, forcestring: true}]}\n',
    };
    const { helm } = await merged(files);
    assert.equal(helm?.releaseName, 'x');
    assert.deepEqual(helm?.parameters, [{ name: 'a', value: 'b', forceString: true }]);
  });

  test('cannot change where the source is', async () => {
    const files = { 'dir/.argocd-source.yaml': 'repoURL: x\npath: y\ntargetRevision: z\nchart: c\nref: r\n' };
    assert.deepEqual(await merged(files), testRequest({ path: 'dir' }).sources[0]);
  });

  test('count of replicas may be text', async () => {
    const { kustomize } = await merged({
      'dir/.argocd-source.yaml': 'kustomize: {replicas: [{name: a, count: "3"}]}\n',
    });
    assert.deepEqual(kustomize?.replicas, [{ name: 'a', count: 3 }]);
  });

  const wrong: readonly { readonly text: string; readonly reason: string }[] = [
    { text: 'helm: {valueFiles: x}', reason: 'text for a list' },
    { text: 'helm: {parameters: [{name: a, value: 5}]}', reason: 'a number for text' },
    { text: 'helm: 5', reason: 'a number for options' },
    { text: '- a', reason: 'a list' },
    { text: 'helm: [', reason: 'broken YAML' },
    { text: 'kustomize: {commonLabels: {a: 1}}', reason: 'a number as a label' },
    { text: 'directory: {recurse: "true"}', reason: 'text for a switch' },
  ];
  for (const { text, reason } of wrong)
    test(`are refused: ${reason}`, async () => {
      await assert.rejects(
        merged({ 'dir/.argocd-source.yaml': text }),
        (e) =>
          e instanceof EngineError && e.code === 'manifest-invalid' && e.about.startsWith('dir/.argocd-source.yaml'),
      );
    });
});

test('merge patches are those of RFC 7396', () => {
  assert.deepEqual(mergePatch({ a: 'b', c: { d: 'e', f: 'g' } }, { a: 'z', c: { f: null } }), {
    a: 'z',
    c: { d: 'e' },
  });
  assert.deepEqual(mergePatch([1, 2], { a: { b: null } }), { a: {} });
  assert.deepEqual(mergePatch({ a: 1 }, ['x']), ['x']);
});
