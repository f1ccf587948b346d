import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { argocd } from '../dialects/index.ts';
import { defaultSettings } from '../model/index.ts';
import { readApplicationNamespaces, readSettings } from './settings.ts';

const read = (config: Record<string, string>, params: Record<string, string> = {}) =>
  readSettings({ config, params }, argocd.parseDuration);

describe('settings', () => {
  for (const [reason, config, wanted] of [
    ['nothing', {}, defaultSettings],
    [
      'tracking',
      { 'application.resourceTrackingMethod': 'label', 'application.instanceLabelKey': 'k', installationID: 'i' },
      { trackingMethod: 'label', instanceLabelKey: 'k', installationId: 'i' },
    ],
    [
      'polling',
      { 'timeout.reconciliation': '5m', 'timeout.reconciliation.jitter': '0s' },
      { pollInterval: 300_000, pollJitter: 0 },
    ],
    ['verdicts', { 'plumbline.verdict.quietFor': '1m' }, { verdict: { ...defaultSettings.verdict, quietFor: 60_000 } }],
    ['bare seconds', { 'timeout.reconciliation': '90' }, { pollInterval: 90_000 }],
    [
      'tools',
      { 'helm.enable': 'false', 'kustomize.buildOptions': '--enable-helm', 'helm.valuesFileSchemes': 'https, s3' },
      {
        helmEnabled: false,
        kustomizeEnabled: true,
        kustomizeBuildOptions: '--enable-helm',
        kustomizeVersions: {},
        helmValuesFileSchemes: ['https', 's3'],
      },
    ],
    [
      'versions of Kustomize',
      { 'kustomize.path.v4': '/k4', 'kustomize.buildOptions.v4': '--reorder none', 'kustomize.version.v3': '/k3' },
      { kustomizeVersions: { v4: '--reorder none', v3: '' } },
    ],
    [
      'exclusions',
      { 'resource.exclusions': "- apiGroups: ['*.cilium.io']\n  kinds: [CiliumIdentity]\n  clusters: ['*']\n" },
      { exclusions: [{ apiGroups: ['*.cilium.io'], kinds: ['CiliumIdentity'], clusters: ['*'] }] },
    ],
  ] as const)
    test(reason, () =>
      assert.partialDeepStrictEqual(read(config as Record<string, string>), { ...wanted, problems: [] }),
    );

  test('ignored differences, in both forms', () => {
    const { ignoreDifferences, problems } = read({
      'resource.customizations.ignoreDifferences.apps_Deployment': 'jsonPointers:\n- /spec/replicas\n',
      'resource.customizations.ignoreDifferences.ConfigMap': "jqPathExpressions: ['.data.x']",
      'resource.customizations.ignoreDifferences.all': 'managedFieldsManagers: [hpa]',
      'resource.customizations':
        'admissionregistration.k8s.io/MutatingWebhookConfiguration:\n  ignoreDifferences: |\n    jsonPointers:\n    - /webhooks/0/clientConfig/caBundle\n',
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      ignoreDifferences.map(({ group, kind, jsonPointers, jqPathExpressions, managers }) => [
        group,
        kind,
        ...jsonPointers,
        ...jqPathExpressions,
        ...managers,
      ]),
      [
        ['apps', 'Deployment', '/spec/replicas'],
        ['', 'ConfigMap', '.data.x'],
        ['*', '*', 'hpa'],
        ['admissionregistration.k8s.io', 'MutatingWebhookConfiguration', '/webhooks/0/clientConfig/caBundle'],
      ],
    );
  });

  test('sizes', () => {
    const key = 'reposerver.max.combined.directory.manifests.size';
    assert.equal(read({}, { [key]: '5Mi' }).maxDirectoryBytes, 5 * 1024 * 1024);
    assert.equal(read({}, { [key]: '20M' }).maxDirectoryBytes, 20_000_000);
  });

  test('half of an entry counts for nobody', () => {
    const settings = read({
      'resource.exclusions': '- {apiGroups: cilium.io, kinds: [A]}\n- {kind: [B]}\n- {kinds: [C], apiGroups: null}\n',
      'resource.compareoptions': 'ignoreAggregatedRoles: "true"\n',
      globalProjects: `
- foo
- {projectName: a, labelSelector: {matchExpressions: [{key: k, operator: Near, values: [v]}]}}
- {projectName: b, labelSelector: {matchExpressions: [{key: k, operator: NotIn, values: [v, w]}]}}`,
    });
    assert.deepEqual(
      settings.exclusions.map(({ kinds }) => kinds),
      [['C']],
    );
    assert.deepEqual(settings.globalProjects, [
      { project: 'b', labels: {}, expressions: [{ key: 'k', operator: 'NotIn', values: ['v', 'w'] }] },
    ]);
    assert.equal(settings.problems.length, 5);
  });

  test('what cannot be read is told, and its default used', () => {
    const settings = read({
      'application.resourceTrackingMethod': 'magic',
      'timeout.reconciliation': 'often',
      'resource.exclusions': 'a: [b',
      'resource.inclusions': 'x: y',
      'plumbline.verdict.silent': '0 22 * * * 8h Europe/Berln',
    });
    assert.deepEqual(settings.problems.map((problem) => problem.split(':')[0]).sort(), [
      'application.resourceTrackingMethod',
      'plumbline.verdict.silent',
      'resource.exclusions',
      'resource.inclusions',
      'timeout.reconciliation',
    ]);
    assert.deepEqual({ ...settings, problems: [] }, defaultSettings);
  });
});

test('namespaces of applications', () =>
  assert.deepEqual(readApplicationNamespaces({ 'application.namespaces': 'team-*, /^ops$/' }), ['team-*', '/^ops$/']));
