// Charts of kustomizations against the commands themselves: `kustomize build --enable-helm` and `helm`, where they are on
// PATH (PLUMBLINE_KUSTOMIZE and PLUMBLINE_HELM name others). The same objects in the same order, or both refuse.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { diskTree, testToolbox } from '../../src/render/toolbox/test-trees.ts';

const { PLUMBLINE_KUSTOMIZE: kustomize = 'kustomize', PLUMBLINE_HELM: helm = 'helm' } = process.env;
const said = (command: string, ...words: string[]) => spawnSync(command, words, { encoding: 'utf8' }).stdout ?? '';
const versions = `${said(kustomize, 'version')} ${said(helm, 'version', '--short')}`;
const skip = /v5\.8\.\d+\s+v4\.2\b/.test(versions) ? false : 'kustomize 5.8 and helm 4.2 are not on PATH';

type Files = Readonly<Record<string, string>>;
const map = (name: string, data = 'a: b', more = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}data: {${data}}\n`;
const chart = (at = 'app/charts/web'): Files => ({
  [`${at}/Chart.yaml`]: 'apiVersion: v2\nname: web\nversion: 1.2.3\n',
  [`${at}/values.yaml`]: 'color: red\nlist: [a, b]\nnested: {kept: 1, gone: 2}\nhuge: 1000000\nodd: yes\nnone: null\n',
  [`${at}/blue.yaml`]: 'color: blue\n',
  [`${at}/templates/values.yaml`]: map(
    '{{ .Release.Name }}-web',
    'values: {{ .Values | toJson | quote }}, kube: {{ .Capabilities.KubeVersion.Version }}, api: {{ .Capabilities.APIVersions.Has "x.test/v1" | quote }}, namespace: {{ .Release.Namespace }}',
  ),
  [`${at}/templates/web.yaml`]:
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: main, image: "nginx:1", args: [yes, 010, 1_000, "~"], envFrom: [{configMapRef: {name: "{{ .Release.Name }}-web"}}]}]}\n',
  [`${at}/templates/hook.yaml`]: map('hook', '', '  annotations: {helm.sh/hook: pre-install}\n'),
  [`${at}/templates/test.yaml`]: map('test', '', '  annotations: {helm.sh/hook: test}\n'),
  [`${at}/templates/far.yaml`]: `# nothing\n---\n${map('far', '', '  namespace: far\n')}`,
  [`${at}/templates/NOTES.txt`]: 'Thanks\n',
  [`${at}/crds/crd.yaml`]: `${map('crd-1')}---\n${map('crd-2')}`,
});

const local = 'name: web, releaseName: r';
const inline = 'valuesInline: {color: green, extra: [null, 1.5], list: [c], nested: {gone: null}, big: 12345678901}';
type Case = { readonly reason: string; readonly files: Files; readonly flags?: readonly string[] };
const one = (reason: string, of: string, more: Files = {}, above = '', flags: readonly string[] = []): Case => ({
  reason,
  files: { 'app/kustomization.yaml': `${above}\nhelmCharts: [{${of}}]\n`, ...chart(), ...more },
  flags,
});
const free = ['--load-restrictor', 'LoadRestrictionsNone'];
const odd = 'color: blue\na: 010\nb: !!str 5\nc: 2020-01-01\nnested: null\nx: &x {p: 1}\ny: {<<: *x, q: 2}\n';
const generator =
  'apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: g}\nname: web\nreleaseName: r\n';

const cases: readonly Case[] = [
  one('no more than its name', 'name: web'),
  one('values in line', `${local}, ${inline}`),
  one('values that override', `${local}, valuesMerge: override, ${inline}`),
  one('values that give way', `${local}, valuesMerge: merge, ${inline}`),
  one('values that replace', `${local}, valuesMerge: replace, valuesFile: none.yaml, ${inline}`),
  one('another merge', `${local}, valuesMerge: blend`),
  one('a values file', `${local}, valuesFile: v.yaml`, { 'app/v.yaml': odd }),
  one('a values file and values in line', `${local}, valuesFile: v.yaml, ${inline}`, { 'app/v.yaml': odd }),
  one('a values file of the chart', `${local}, valuesFile: charts/web/blue.yaml`),
  one('more values files', `${local}, ${inline}, additionalValuesFiles: [v.yaml]`, { 'app/v.yaml': 'color: blue\n' }),
  one('values from elsewhere', `${local}, valuesFile: ../v.yaml`, { 'v.yaml': odd }),
  one('values from elsewhere, allowed', `${local}, valuesFile: ../v.yaml`, { 'v.yaml': odd }, '', free),
  one('values that are not there', `${local}, valuesFile: v.yaml`),
  one('namespaces', `${local}, namespace: inner`, {}, 'namespace: outer'),
  one('the namespace around it', local, {}, 'namespace: outer'),
  one('versions', `${local}, kubeVersion: "1.29", apiVersions: ["x.test/v1,y/v1"]`),
  one('versions of flags', local, {}, '', ['--helm-api-versions', 'x.test/v1']),
  one('CRDs, no tests', `${local}, includeCRDs: true, skipTests: true`),
  one('no hooks', `${local}, skipHooks: true, debug: true, devel: true`),
  one('a name by a template', 'name: web, nameTemplate: "x-{{ lower `A` }}"'),
  one('two names', `${local}, nameTemplate: x`),
  one('a name that is none', 'name: web, releaseName: A_b'),
  one('no chart', 'name: none'),
  one('an unknown field', `${local}, none: 1`),
  one('the same twice', `${local}}, {${local}`),
  one('an order', local, {}, 'sortOptions: {order: legacy}'),
  one('an order by a flag', local, {}, '', ['--reorder', 'none']),
  one('a label by a flag', local, {}, '', ['--enable-managedby-label']),
  one('the label and where all came from', local, {}, 'buildMetadata: [managedByLabel, originAnnotations]'),
  one(
    'a map that is there already',
    local,
    {},
    'configMapGenerator: [{name: r-web, literals: [a=b]}]\ngeneratorOptions: {disableNameSuffixHash: true}',
  ),
  one('a map to merge with', local, {}, 'configMapGenerator: [{name: r-web, behavior: merge, literals: [a=b]}]'),
  one(
    'all that a kustomization does',
    local,
    {},
    'namePrefix: p-\nnameSuffix: -s\nnamespace: outer\nlabels: [{pairs: {t: u}, includeTemplates: true}]\ncommonAnnotations: {x: z}\nimages: [{name: nginx, newTag: "9"}]\nreplicas: [{name: r, count: 4}]\npatches: [{target: {kind: Deployment}, patch: "- {op: add, path: /spec/paused, value: true}"}]\nconfigMapGenerator: [{name: m, literals: [a=b]}]\nreplacements: [{source: {kind: ConfigMap, name: m, fieldPath: metadata.name}, targets: [{select: {kind: Deployment}, fieldPaths: [metadata.annotations.m], options: {create: true}}]}]',
  ),
  one('a schema that is not met', `${local}, valuesInline: {color: 7}`, {
    'app/charts/web/values.schema.json': '{"properties":{"color":{"type":"string"}}}',
  }),
  one('a dependency that is not there', local, {
    'app/charts/web/Chart.yaml':
      'apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: d, version: 1.0.0, repository: "https://x.test"}]\n',
  }),
  one('a template that fails', local, { 'app/charts/web/templates/b.yaml': '{{ fail "no" }}' }),
  one('what is no object', local, { 'app/charts/web/templates/b.yaml': 'a: b\n' }),
  one('what has no name', local, {
    'app/charts/web/templates/b.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n',
  }),
  {
    reason: 'another home',
    files: {
      'app/kustomization.yaml': `helmCharts: [{${local}}]\nhelmGlobals: {chartHome: ours}\n`,
      ...chart('app/ours/web'),
    },
  },
  {
    reason: 'a home elsewhere',
    files: {
      'app/kustomization.yaml': `helmCharts: [{${local}}]\nhelmGlobals: {chartHome: ../ours}\n`,
      ...chart('ours/web'),
    },
  },
  {
    reason: 'a home by version',
    files: {
      'app/kustomization.yaml': `helmCharts: [{${local}, version: 1.2.3, repo: "https://x.test"}]\n`,
      ...chart('app/charts/web-1.2.3/web'),
    },
  },
  {
    reason: 'the deprecated field',
    files: {
      'app/kustomization.yaml':
        'helmChartInflationGenerator: [{chartName: web, releaseName: r, valuesLocal: {color: green}}]\n',
      ...chart(),
    },
  },
  {
    reason: 'a base, two levels down',
    files: {
      'app/kustomization.yaml': 'namespace: top\nresources: [../mid]\n',
      'mid/kustomization.yaml': 'namePrefix: m-\nresources: [../base]\n',
      'base/kustomization.yaml': `helmCharts: [{${local}}]\n`,
      ...chart('base/charts/web'),
    },
  },
  {
    reason: 'a component',
    files: {
      'app/kustomization.yaml': 'namespace: top\ncomponents: [../part]\n',
      'part/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nhelmCharts: [{${local}}]\n`,
      ...chart('part/charts/web'),
    },
  },
  {
    reason: 'a generator in line',
    files: {
      'app/kustomization.yaml': `namespace: top\ngenerators:\n- |-\n  ${generator.trim().replaceAll('\n', '\n  ')}\n`,
      ...chart(),
    },
  },
  {
    reason: 'a generator that is patched',
    files: {
      'app/kustomization.yaml': 'generators: [gen]\n',
      'app/gen/kustomization.yaml':
        'resources: [../../g]\npatches: [{target: {kind: HelmChartInflationGenerator}, patch: "- {op: add, path: /valuesInline, value: {color: patched}}"}]\n',
      'g/kustomization.yaml': 'resources: [g.yaml]\n',
      'g/g.yaml': `${generator}IncludeCRDs: true\n`,
      ...chart(),
    },
  },
];

const toolbox = testToolbox();
const root = mkdtempSync(join(tmpdir(), 'plumbline-conformance-'));
after(async () => {
  rmSync(root, { recursive: true });
  await toolbox.close();
});

/** What the commands print, as JSON texts; their error. */
async function theirs(flags: readonly string[]): Promise<readonly unknown[] | string> {
  const all = ['--enable-helm', '--helm-command', helm, '--helm-kube-version', '1.31.0', ...flags];
  const env = { PATH: process.env.PATH, HOME: root, KUBECONFIG: '/dev/null' };
  const { status, stdout, stderr } = spawnSync(kustomize, ['build', join(root, 'app'), ...all], {
    encoding: 'utf8',
    env,
  });
  if (status !== 0) return stderr;
  return (await toolbox.yaml({ text: stdout })).docs.map(({ json }) => JSON.parse(json));
}

async function ours(flags: readonly string[]): Promise<readonly unknown[] | string> {
  const apiVersions = flags.includes('--helm-api-versions') ? ['x.test/v1'] : [];
  const request = {
    fs: diskTree(root),
    root: 'app',
    helm: { kubeVersion: '1.31.0', apiVersions },
    loadRestrictions: flags === free ? ('none' as const) : ('root' as const),
    managedByLabel: flags.includes('--enable-managedby-label'),
    ...(flags.includes('--reorder') ? { reorder: 'none' as const } : {}),
  };
  return toolbox.kustomize(request).then(
    ({ docs }) => docs.map(({ json }) => JSON.parse(json)),
    (error: Error) => error.message,
  );
}

describe('kustomize build --enable-helm', { skip }, () => {
  for (const { reason, files, flags = [] } of cases)
    test(reason, async (t) => {
      rmSync(root, { recursive: true });
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      const [mine, wanted] = [await ours(flags), await theirs(flags)];
      if (typeof mine === 'string' && typeof wanted === 'string') return t.diagnostic('both refuse');
      assert.deepEqual(mine, wanted);
    });
});
