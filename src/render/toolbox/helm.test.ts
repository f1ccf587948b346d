/** The method `helm`: output as `helm template` has it, and where mistakes are said to be. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type Failure, fails, memoryTree, testToolbox } from './test-trees.ts';

const box = testToolbox();
after(() => box.close());

const chart = {
  'c/Chart.yaml': 'apiVersion: v2\nname: demo\nversion: 1.2.3\nappVersion: "4"\n',
  'c/values.yaml': 'a: 1\nb: {c: 2, d: 3}\n',
};
const configMap = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n${data}\n`;
const options = { chart: 'c', release: 'r', namespace: 'n' };

describe('helm', () => {
  const values = (text: string) => ({ 'c/templates/a.yaml': configMap(text) });
  const render = async (files: Record<string, string>, more: object = {}) => {
    const { docs } = await box.helm({ fs: memoryTree({ ...chart, ...files }), ...options, ...more });
    return docs.map(
      (doc) => JSON.parse(doc.json) as { kind: string; data?: { v: string }; metadata: { name: string } },
    );
  };

  test('values: files, then texts, then --set, --set-string, --set-file', async () => {
    const files = {
      ...values('  v: {{ .Values | toJson | squote }}'),
      'v1.yaml': 'a: file\nb: {c: file}',
      'cfg.txt': 'text',
    };
    const [doc] = await render(files, {
      values: [{ file: 'v1.yaml' }, { inline: 'e: inline' }],
      set: ['b.c=7', 'l={x,y}'],
      setString: ['s=8'],
      setFile: ['f=cfg.txt'],
    });
    const v = JSON.parse(doc?.data?.v ?? '') as object;
    assert.deepEqual(v, { a: 'file', b: { c: 7, d: 3 }, e: 'inline', l: ['x', 'y'], s: '8', f: 'text' });
  });

  test('capabilities, release and files are as helm template has them; lookup finds nothing', async () => {
    const text = `  v: '{{ .Capabilities.KubeVersion }} {{ .Capabilities.APIVersions.Has "x.io/v1" }} {{ .Capabilities.APIVersions.Has "apps/v1" }} {{ .Capabilities.APIVersions.Has "apiextensions.k8s.io/v1" }} {{ .Release.Name }}/{{ .Release.Namespace }} {{ .Release.IsInstall }} {{ .Files.Get "f.txt" }} {{ lookup "v1" "Pod" "a" "b" }} {{ .Capabilities.HelmVersion.Version }}'`;
    const [doc] = await render(
      { ...values(text), 'c/f.txt': 'hi' },
      { kubeVersion: '1.30.2', apiVersions: ['x.io/v1'] },
    );
    assert.match(doc?.data?.v ?? '', /^v1\.30\.2 true true true r\/n true hi map\[\] v4/);
  });

  test('templates see neither environment nor network', async () => {
    const [doc] = await render(values(`  v: '[{{ getHostByName "localhost" }}]'`));
    assert.equal(doc?.data?.v, '[]');
    for (const text of ['{{ env "PATH" }}', '{{ expandenv "$PATH" }}']) {
      await fails(render({ 'c/templates/a.yaml': text }), { code: 'template', file: 'c/templates/a.yaml', line: 1 });
    }
  });

  test('order: CRDs, by kind, then hooks; tests can be left out, notes are', async () => {
    const object = (kind: string, name: string, hook = '') =>
      `kind: ${kind}\napiVersion: v1\nmetadata:\n  name: ${name}\n${hook && `  annotations: {"helm.sh/hook": ${hook}}\n`}`;
    const files = {
      'c/crds/crd.yaml': object('CustomResourceDefinition', 'crd'),
      'c/templates/1.yaml': [object('Deployment', 'd'), object('Pod', 't', 'test'), object('Secret', 's')].join(
        '---\n',
      ),
      'c/templates/2.yaml': [object('Job', 'j', 'pre-install'), object('Zed', 'z', 'no-such-hook')].join('---\n'),
      'c/templates/NOTES.txt': 'hello',
    };
    const names = async (more: object) => (await render(files, more)).map((it) => it.metadata.name);
    assert.deepEqual(await names({ includeCrds: true }), ['crd', 's', 'd', 't', 'j']);
    assert.deepEqual(await names({ skipTests: true }), ['s', 'd', 'j']);
  });

  test('subcharts: conditions, aliases, import-values, links, file:// repositories', async () => {
    const sub = (name: string) => ({
      [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name.split('/').at(-1)}\nversion: 0.1.0\n`,
      [`${name}/values.yaml`]: 'exports: {up: {fromSub: yes}}\nv: sub\n',
      [`${name}/templates/x.yaml`]: configMap('  v: {{ .Values.v }}').replace('name: x', 'name: {{ .Chart.Name }}'),
    });
    const files = {
      ...sub('c/charts/one'),
      ...sub('local'),
      'c/charts/linked': '-> elsewhere',
      ...sub('elsewhere'),
      'c/Chart.yaml': `${chart['c/Chart.yaml']}dependencies:
- {name: one, version: 0.1.0, condition: one.enabled, import-values: [up]}
- {name: one, version: 0.1.0, alias: two}
- {name: local, version: ^0.1.0, repository: "file://../local"}
`,
      'c/templates/p.yaml': configMap('  v: "{{ .Values.fromSub }}"'),
    };
    const rendered = async (set: string[]) => (await render(files, { set })).map((it) => it.metadata.name).sort();
    assert.deepEqual(await rendered([]), ['elsewhere', 'local', 'one', 'two', 'x']);
    assert.deepEqual(await rendered(['one.enabled=false']), ['elsewhere', 'local', 'two', 'x']);
  });

  test('missing dependencies are named; v1 charts have them in requirements.yaml', async () => {
    const fs = memoryTree({
      ...chart,
      'c/Chart.yaml': 'apiVersion: v1\nname: demo\nversion: 1.0.0\n',
      'c/requirements.yaml': 'dependencies:\n- {name: redis, version: ~1.2, repository: "https://charts.example"}\n',
      'c/requirements.lock': 'dependencies:\n- {name: redis, version: 1.2.9, repository: "https://charts.example"}\n',
    });
    const redis = { name: 'redis', version: '~1.2', repository: 'https://charts.example' };
    const error = await fails(box.helm({ fs, ...options }), { code: 'missing-dependencies' });
    assert.deepEqual(error.details.dependencies, [redis]);
    const { declared, locked, missing } = await box.helmDependencies({ fs, chart: 'c' });
    assert.deepEqual([declared, locked, missing], [[redis], [{ ...redis, version: '1.2.9' }], [redis]]);
  });

  const mistakes: { reason: string; files: Record<string, string>; more?: object; failure: Failure }[] = [
    {
      reason: 'a bad template',
      files: { 'c/templates/a.yaml': 'a: 1\nb: {{ .Values.x.y.z }}\n' },
      failure: { code: 'template', file: 'c/templates/a.yaml', line: 2 },
    },
    {
      reason: 'a template that does not parse',
      files: { 'c/templates/a.yaml': '\n\n{{ if }}' },
      failure: { code: 'template', file: 'c/templates/a.yaml', line: 3 },
    },
    {
      reason: 'fail',
      files: { 'c/templates/a.yaml': '\n{{ fail "no" }}' },
      failure: { code: 'template', file: 'c/templates/a.yaml', line: 2 },
    },
    {
      reason: 'output that is no YAML',
      files: { 'c/templates/a.yaml': 'a: [' },
      failure: { code: 'yaml', file: 'c/templates/a.yaml' },
    },
    {
      reason: 'an include that includes itself',
      files: {
        'c/templates/_h.tpl': '{{ define "x" }}{{ include "x" . }}{{ end }}',
        'c/templates/a.yaml': '{{ include "x" . }}',
      },
      failure: { code: 'cycle' },
    },
    {
      reason: 'values that are no YAML',
      files: { 'c/values.yaml': 'a: 1\nb: [' },
      failure: { code: 'chart', file: 'c/values.yaml' },
    },
    {
      reason: 'a value file that is not there',
      files: {},
      more: { values: [{ file: 'no.yaml' }] },
      failure: { code: 'not-found', file: 'no.yaml' },
    },
    {
      reason: 'a value file outside of the tree',
      files: {},
      more: { values: [{ file: '../../etc/passwd' }] },
      failure: { code: 'not-found' },
    },
    {
      reason: 'a schema that does not hold',
      files: { 'c/values.schema.json': '{"properties":{"a":{"type":"string"}}}' },
      failure: { code: 'schema' },
    },
    {
      reason: 'a schema on the network',
      files: { 'c/values.schema.json': '{"$ref":"https://x.example/s.json"}' },
      failure: { code: 'remote-base' },
    },
    {
      reason: 'a schema on the disk',
      files: { 'c/values.schema.json': '{"$ref":"file:///etc/passwd"}' },
      failure: { code: 'remote-base' },
    },
    {
      reason: 'a chart for other clusters',
      files: { 'c/Chart.yaml': `${chart['c/Chart.yaml']}kubeVersion: ">=1.90"\n` },
      failure: { code: 'kube-version' },
    },
    { reason: 'no chart', files: {}, more: { chart: 'd' }, failure: { code: 'not-found', file: 'd' } },
    {
      reason: 'a library',
      files: { 'c/Chart.yaml': `${chart['c/Chart.yaml']}type: library\n` },
      failure: { code: 'chart' },
    },
    {
      reason: 'a link around',
      files: { 'c/templates/loop': '-> c' },
      failure: { code: 'cycle', file: 'c/templates/loop' },
    },
    { reason: 'a link out', files: { 'c/files/out': '-> ../x' }, failure: { code: 'not-found', file: 'c/files/out' } },
  ];
  for (const { reason, files, more, failure } of mistakes) {
    test(reason, async () => {
      await fails(render(files, more), failure);
    });
  }

  test('a schema elsewhere can be mounted; what was read is told', async () => {
    const fs = memoryTree({
      ...chart,
      'c/values.schema.json': '{"$ref":"https://x.example/s.json"}',
      's.json': '{"properties":{"a":{"type":"number"}}}',
      'c/ignored.txt': '',
      'c/.helmignore': 'ignored.txt\n',
    });
    const { trace } = await box.helm({ fs, ...options, mounts: { 'https://x.example/s.json': 's.json' } });
    assert.deepEqual(trace.read, ['c/.helmignore', 'c/Chart.yaml', 'c/values.schema.json', 'c/values.yaml', 's.json']);
    assert.deepEqual(trace.listed, ['c']);
  });
});
