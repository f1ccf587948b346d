/** The method `kustomize`: the edits of an Application, remote references, and where mistakes are said to be. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { KustomizeEdits } from './protocol.ts';
import { type Failure, fails, memoryTree, testToolbox } from './test-trees.ts';

const box = testToolbox();
after(() => box.close());

const configMap = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n${data}\n`;
describe('kustomize', () => {
  const deployment = `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: "nginx:1"}]}\n`;
  const files = { 'b/kustomization.yaml': 'resources: [d.yaml]\n', 'b/d.yaml': deployment };
  type Deployment = {
    metadata: { name: string; namespace?: string; labels?: object; annotations?: object };
    spec: {
      replicas: number;
      selector: { matchLabels: object };
      template: { spec: { containers: { image: string }[] } };
    };
  };
  const build = async (edits: KustomizeEdits, more: Record<string, string> = {}) => {
    const { docs } = await box.kustomize({ fs: memoryTree({ ...files, ...more }), root: 'b', edits });
    return docs.map((doc) => JSON.parse(doc.json) as Deployment);
  };

  test('the edits of an Application', async () => {
    const [it] = await build({
      namePrefix: 'p-',
      nameSuffix: '-s',
      namespace: 'ns',
      images: ['nginx=registry:5000/other:2@sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3'],
      replicas: [{ name: 'web', count: 5 }],
      commonLabels: { team: 'a' },
      commonAnnotations: { note: 'b' },
      patches: [
        { patch: '[{"op":"add","path":"/metadata/labels","value":{"x":"y"}}]', target: { kind: 'Deployment' } },
      ],
    });
    assert.equal(it?.metadata.name, 'p-web-s');
    assert.equal(it?.metadata.namespace, 'ns');
    assert.deepEqual(it?.metadata.labels, { team: 'a', x: 'y' });
    assert.deepEqual(it?.metadata.annotations, { note: 'b' });
    assert.deepEqual(it?.spec.selector.matchLabels, { app: 'web', team: 'a' });
    assert.equal(it?.spec.replicas, 5);
    assert.match(it?.spec.template.spec.containers[0]?.image ?? '', /^registry:5000\/other:2@sha256:24a0/);
  });

  test('labels without selectors, components that may be missing, * in images', async () => {
    const more = {
      'b/kustomization.yaml': 'resources: [d.yaml]\nimages: [{name: nginx, newName: first, newTag: "7"}]\n',
      'comp/kustomization.yaml': 'kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnamePrefix: c-\n',
    };
    const [it] = await build(
      {
        commonLabels: { team: 'a' },
        labelWithoutSelector: true,
        components: ['../comp', '../none'],
        ignoreMissingComponents: true,
        images: ['nginx=other:*'],
      },
      more,
    );
    assert.equal(it?.metadata.name, 'c-web');
    assert.deepEqual(it?.spec.selector.matchLabels, { app: 'web' });
    assert.equal(it?.spec.template.spec.containers[0]?.image, 'other:7');
  });

  test('remote bases and files are named, and found where they are mounted', async () => {
    const [dir, file] = ['https://github.com/o/r//deploy?ref=v1', 'https://x.example/cm.yaml'];
    const fs = memoryTree({
      'k/kustomization.yaml': `resources: ["${dir}", "${file}"]\n`,
      ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`m/1/${path}`, text])),
      'm/2/cm.yaml': configMap('  a: b'),
    });
    const error = await fails(box.kustomize({ fs, root: 'k' }), { code: 'remote-base', file: 'k/kustomization.yaml' });
    assert.deepEqual(error.details.urls, [dir, file]);
    const { docs } = await box.kustomize({ fs, root: 'k', mounts: { [dir]: 'm/1/b', [file]: 'm/2/cm.yaml' } });
    assert.deepEqual(
      docs.map((doc) => (JSON.parse(doc.json) as { kind: string }).kind),
      ['ConfigMap', 'Deployment'],
    );
  });

  test('one build does not see the OpenAPI schema of another', async () => {
    const custom = `{"definitions":{"io.x.W":{"type":"object","x-kubernetes-group-version-kind":[{"group":"x.io","kind":"W","version":"v1"}]}}}`;
    const own = { 'b/kustomization.yaml': 'resources: [d.yaml]\nopenapi: {path: s.json}\n', 'b/s.json': custom };
    const patch = {
      patches: [{ patch: deployment.replace('nginx:1', 'nginx:2').replace('name: web,', 'name: web, env: [],') }],
    };
    const before = await build(patch);
    await build({}, own);
    assert.deepEqual(await build(patch), before);
  });

  test('what a generator was told is not in its error', async () => {
    const kustomization = 'secretGenerator: [{name: a, literals: [k=hidden], envs: [nowhere]}]\n';
    const error = await fails(build({}, { 'b/kustomization.yaml': kustomization }), { code: 'kustomization' });
    assert.ok(!error.message.includes('hidden'), error.message);
    const patch = 'resources: [d.yaml]\npatches: [{patch: "hidden: `a`"}]\n';
    const other = await fails(build({}, { 'b/kustomization.yaml': patch }), { code: 'kustomization' });
    assert.ok(!other.message.includes('with config'), other.message);
  });

  const k = (text: string) => ({ 'b/kustomization.yaml': text });
  const mistakes: { reason: string; more: Record<string, string>; edits?: KustomizeEdits; failure: Failure }[] = [
    { reason: 'bad YAML', more: { 'b/d.yaml': 'a: 1\nb: [' }, failure: { code: 'yaml', file: 'b/d.yaml' } },
    {
      reason: 'an unknown field',
      more: k('resources: [d.yaml]\nnope: 1\n'),
      failure: { code: 'kustomization', file: 'b/kustomization.yaml' },
    },
    {
      reason: 'a resource that is not there',
      more: k('resources: [no.yaml]\n'),
      failure: { code: 'kustomization', file: 'b/kustomization.yaml' },
    },
    {
      reason: 'a resource outside of the tree',
      more: k('resources: [../../../../etc]\n'),
      failure: { code: 'kustomization' },
    },
    {
      reason: 'a file outside of the kustomization',
      more: { ...k('configMapGenerator: [{name: a, files: [../x.txt]}]\n'), 'x.txt': '' },
      failure: { code: 'load-restriction' },
    },
    {
      reason: 'bases in a circle',
      more: { ...k('resources: [../c]\n'), 'c/kustomization.yaml': 'resources: [../b]\n' },
      failure: { code: 'cycle' },
    },
    {
      reason: 'a remote patch',
      more: k('resources: [d.yaml]\npatches: [{path: "https://x.example/p.yaml"}]\n'),
      failure: { code: 'remote-base' },
    },
    {
      reason: 'helm charts',
      more: k('helmCharts: [{name: a, repo: "https://x.example"}]\n'),
      failure: { code: 'unsupported' },
    },
    {
      reason: 'a function in a container',
      more: {
        ...k('transformers: [f.yaml]\n'),
        'b/f.yaml':
          'apiVersion: a/v1\nkind: F\nmetadata:\n  name: f\n  annotations: {config.kubernetes.io/function: "container: {image: x}"}\n',
      },
      failure: { code: 'unsupported' },
    },
    {
      reason: 'a label that is there already',
      more: k('resources: [d.yaml]\ncommonLabels: {a: b}\n'),
      edits: { commonLabels: { a: 'c' } },
      failure: { code: 'kustomization' },
    },
    {
      reason: 'no kustomization',
      more: { 'b/kustomization.yaml': '-> none' },
      edits: { namePrefix: 'a' },
      failure: { code: 'not-found', file: 'b' },
    },
  ];
  for (const { reason, more, edits = {}, failure } of mistakes) {
    test(reason, async () => {
      await fails(build(edits, more), failure);
    });
  }
});
