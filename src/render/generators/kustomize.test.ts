/** Kustomize sources: every option of an Application, remote bases, and what a build may not do. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { at, defaultSettings, EngineError, type Json, type KustomizeOptions } from '../../model/index.ts';
import type { Rendered, RenderRequest } from '../../ports/index.ts';
import { createRenderer } from '../renderer.ts';
import { type Files, noMetrics, quietLog, testRequest, testSources, type World } from '../test-repositories.ts';
import { testToolbox } from '../toolbox/test-trees.ts';

const toolbox = testToolbox();
after(() => toolbox.close());

const deployment = [
  'apiVersion: apps/v1',
  'kind: Deployment',
  'metadata:',
  '  name: web',
  '  labels: {kept: "1"}',
  'spec:',
  '  replicas: 1',
  '  selector: {matchLabels: {app: web}}',
  '  template:',
  '    metadata: {labels: {app: web}}',
  '    spec: {containers: [{name: main, image: "nginx:1"}]}',
  '',
].join('\n');

const repository: Files = {
  'base/kustomization.yaml': 'resources: [web.yaml]\n',
  'base/web.yaml': deployment,
  'overlay/kustomization.yaml': 'resources: [../base]\n',
  'overlay/patch.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {minReadySeconds: 9}\n',
  'component/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- patch: "- {op: add, path: /spec/paused, value: true}"\n  target: {kind: Deployment}\n',
};

const none: KustomizeOptions = {
  images: [],
  replicas: [],
  commonLabels: {},
  labelWithoutSelector: false,
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

type Setup = {
  readonly files?: Files;
  readonly kustomize?: Partial<KustomizeOptions>;
  readonly world?: World;
  readonly path?: string;
  readonly more?: Partial<RenderRequest>;
};

async function render({ files, kustomize, world, path = 'overlay', more }: Setup): Promise<Rendered> {
  const repositories = { 'https://git.test/repo': { one: { ...repository, ...files } }, ...world?.repositories };
  const sources = testSources({ ...world, repositories });
  const renderer = createRenderer({ sources, toolbox, log: quietLog, metrics: noMetrics });
  const options = kustomize === undefined ? {} : { kustomize: { ...none, ...kustomize } };
  return await renderer.render(testRequest({ path, ...options }, more));
}

async function field(setup: Setup, ...path: string[]): Promise<Json | undefined> {
  const { manifests } = await render(setup);
  return at(JSON.parse(manifests[0]?.body ?? 'null'), ...path);
}

describe('options', () => {
  const image = ['spec', 'template', 'spec', 'containers', '0', 'image'];
  const table: readonly {
    readonly reason: string;
    readonly kustomize: Partial<KustomizeOptions>;
    readonly at: string[];
    readonly value: Json | undefined;
  }[] = [
    { reason: 'prefix', kustomize: { namePrefix: 'pre-' }, at: ['metadata', 'name'], value: 'pre-web' },
    { reason: 'suffix', kustomize: { nameSuffix: '-post' }, at: ['metadata', 'name'], value: 'web-post' },
    { reason: 'namespace', kustomize: { namespace: 'ns' }, at: ['metadata', 'namespace'], value: 'ns' },
    { reason: 'image tag', kustomize: { images: ['nginx:2'] }, at: image, value: 'nginx:2' },
    { reason: 'image name', kustomize: { images: ['nginx=other/nginx:3'] }, at: image, value: 'other/nginx:3' },
    {
      reason: 'image with a variable',
      kustomize: { images: ['nginx:$ARGOCD_APP_REVISION'] },
      at: image,
      value: 'nginx:one',
    },
    { reason: 'replicas', kustomize: { replicas: [{ name: 'web', count: 3 }] }, at: ['spec', 'replicas'], value: 3 },
    {
      reason: 'labels',
      kustomize: { commonLabels: { a: '$ARGOCD_APP_NAME' } },
      at: ['spec', 'selector', 'matchLabels', 'a'],
      value: 'app',
    },
    {
      reason: 'labels, no selectors',
      kustomize: { commonLabels: { a: 'b' }, labelWithoutSelector: true },
      at: ['spec', 'selector', 'matchLabels', 'a'],
      value: undefined,
    },
    {
      reason: 'labels, in templates',
      kustomize: { commonLabels: { a: 'b' }, labelWithoutSelector: true, labelIncludeTemplates: true },
      at: ['spec', 'template', 'metadata', 'labels', 'a'],
      value: 'b',
    },
    {
      reason: 'annotations',
      kustomize: { commonAnnotations: { a: '$ARGOCD_APP_NAME' } },
      at: ['metadata', 'annotations', 'a'],
      value: '$ARGOCD_APP_NAME',
    },
    {
      reason: 'annotations with variables',
      kustomize: { commonAnnotations: { a: '$ARGOCD_APP_NAME' }, commonAnnotationsEnvsubst: true },
      at: ['metadata', 'annotations', 'a'],
      value: 'app',
    },
    {
      reason: 'patch files',
      kustomize: { patches: [{ path: 'patch.yaml' }] },
      at: ['spec', 'minReadySeconds'],
      value: 9,
    },
    {
      reason: 'patches',
      kustomize: {
        patches: [{ target: { kind: 'Deployment' }, patch: '- {op: replace, path: /spec/replicas, value: 7}' }],
      },
      at: ['spec', 'replicas'],
      value: 7,
    },
    {
      reason: 'patches with options',
      kustomize: {
        patches: [
          {
            target: { kind: 'Deployment' },
            patch: '- {op: replace, path: /metadata/name, value: new}',
            options: { allowNameChange: true },
          },
        ],
      },
      at: ['metadata', 'name'],
      value: 'new',
    },
    { reason: 'components', kustomize: { components: ['../component'] }, at: ['spec', 'paused'], value: true },
    {
      reason: 'missing components',
      kustomize: { components: ['../none'], ignoreMissingComponents: true },
      at: ['metadata', 'name'],
      value: 'web',
    },
  ];
  for (const { reason, kustomize, at: path, value } of table)
    test(reason, async () => assert.deepEqual(await field({ kustomize }, ...path), value));

  test('none are needed', async () => {
    const { manifests, sourceTypes } = await render({});
    assert.deepEqual(sourceTypes, ['Kustomize']);
    assert.equal(manifests[0]?.ref.name, 'web');
  });

  test('that clash with the kustomization must be forced', async () => {
    const files = { 'overlay/kustomization.yaml': 'resources: [../base]\ncommonLabels: {a: old}\n' };
    const kustomize = { commonLabels: { a: 'new' } };
    await assert.rejects(render({ files, kustomize }), (e) => e instanceof EngineError && e.code === 'render-failed');
    const forced = await field(
      { files, kustomize: { ...kustomize, forceCommonLabels: true } },
      'metadata',
      'labels',
      'a',
    );
    assert.equal(forced, 'new');
  });
});

describe('remote bases', () => {
  const remote = { 'deploy/kustomization.yaml': 'resources: [web.yaml, ../lib]\n', 'deploy/web.yaml': deployment };
  const lib = { 'lib/kustomization.yaml': 'configMapGenerator: [{name: from-lib, literals: [a=b]}]\n' };
  const world: World = {
    repositories: {
      'https://git.test/org/base.git': { sha1: { ...remote, ...lib }, sha2: { ...remote, ...lib, x: '' } },
    },
    heads: { 'https://git.test/org/base.git v1': 'sha1' },
  };

  test('are fetched at their revision, and what they refer to is found there', async () => {
    const files = {
      'overlay/kustomization.yaml': 'resources: ["https://git.test/org/base.git//deploy?ref=v1"]\nnamePrefix: x-\n',
    };
    const { manifests } = await render({ files, world });
    assert.deepEqual(manifests.map((manifest) => manifest.ref.kind).sort(), ['ConfigMap', 'Deployment']);
    assert.ok(manifests.some((manifest) => manifest.ref.name === 'x-web'));
  });

  test('may have remote bases', async () => {
    const chain: World = {
      ...world,
      repositories: {
        ...world.repositories,
        'https://git.test/org/middle.git': {
          main: { 'kustomization.yaml': 'resources: ["https://git.test/org/base.git//deploy?ref=v1"]\n' },
        },
      },
    };
    const files = { 'overlay/kustomization.yaml': 'resources: ["https://git.test/org/middle.git?ref=main"]\n' };
    assert.equal((await render({ files, world: chain })).manifests.length, 2);
  });

  test('may be single files of the web', async () => {
    const files = { 'overlay/kustomization.yaml': 'resources: ["https://web.test/web.yaml"]\n' };
    const { manifests } = await render({ files, world: { pages: { 'https://web.test/web.yaml': deployment } } });
    assert.equal(manifests[0]?.ref.name, 'web');
  });

  test('that are missing say so', async () => {
    const files = { 'overlay/kustomization.yaml': 'resources: ["https://git.test/org/none.git?ref=v1"]\n' };
    await assert.rejects(render({ files }), (e) => e instanceof EngineError && e.code === 'revision-not-found');
  });
});

describe('what a build may not do', () => {
  const table: readonly { readonly reason: string; readonly setup: Setup; readonly code: string }[] = [
    {
      reason: 'files above their kustomization',
      setup: { files: { 'overlay/kustomization.yaml': 'resources: [../base/web.yaml]\n' } },
      code: 'path-outside',
    },
    {
      reason: 'bases outside the repository',
      setup: { files: { 'overlay/kustomization.yaml': 'resources: [../../other]\n' } },
      code: 'render-failed',
    },
    {
      reason: 'patches outside the repository',
      setup: { kustomize: { patches: [{ path: '../../../../etc/passwd' }] } },
      code: 'render-failed',
    },
    {
      reason: 'components outside the repository',
      setup: { kustomize: { components: ['../../../x'] } },
      code: 'render-failed',
    },
    {
      reason: 'a base of itself',
      setup: { files: { 'overlay/kustomization.yaml': 'resources: [../overlay]\n' } },
      code: 'render-failed',
    },
    {
      reason: 'bases of each other',
      setup: { files: { 'base/kustomization.yaml': 'resources: [../overlay]\n' } },
      code: 'render-failed',
    },
    {
      reason: 'links out of the repository',
      setup: { files: { 'overlay/kustomization.yaml': 'resources: [l.yaml]\n', 'overlay/l.yaml': '-> ../../x' } },
      code: 'path-outside',
    },
    {
      reason: 'charts',
      setup: { files: { 'overlay/kustomization.yaml': 'helmCharts: [{name: x, repo: "https://x.test"}]\n' } },
      code: 'render-failed',
    },
    {
      reason: 'programs',
      setup: {
        files: {
          'overlay/kustomization.yaml': 'generators: [g.yaml]\n',
          'overlay/g.yaml':
            'apiVersion: x/v1\nkind: G\nmetadata:\n  name: g\n  annotations: {config.kubernetes.io/function: "exec: {path: /bin/sh}"}\n',
        },
      },
      code: 'render-failed',
    },
    {
      reason: 'repositories of this machine',
      setup: { files: { 'overlay/kustomization.yaml': 'resources: ["file:///etc//x?ref=y"]\n' } },
      code: 'remote-base',
    },
    {
      reason: 'unknown build options',
      setup: { more: { settings: { ...defaultSettings, kustomizeBuildOptions: '--nope' } } },
      code: 'render-failed',
    },
  ];
  for (const { reason, setup, code } of table)
    test(reason, async () => {
      await assert.rejects(render(setup), (e) => {
        assert.ok(e instanceof EngineError);
        assert.equal(e.code, code, e.message);
        return true;
      });
    });

  test('unless the restriction is lifted', async () => {
    const files = { 'overlay/kustomization.yaml': 'resources: [../base/web.yaml]\n' };
    const settings = { ...defaultSettings, kustomizeBuildOptions: '--load-restrictor LoadRestrictionsNone' };
    assert.equal((await render({ files, more: { settings } })).manifests.length, 1);
    const outside = { 'overlay/kustomization.yaml': 'resources: [../../web.yaml]\n' };
    await assert.rejects(render({ files: outside, more: { settings } }), EngineError);
  });
});
