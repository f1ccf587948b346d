import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KindRule, Project, Resident } from '../model/index.ts';
import { orphansOf } from './orphans.ts';

const project: Project = {
  name: 'team',
  description: '',
  sourceRepos: ['*'],
  destinations: [{ server: '*', namespace: '*' }],
  clusterAllow: [],
  clusterDeny: [],
  namespaceDeny: [],
  sourceNamespaces: [],
  orphaned: { warn: true, ignore: [] },
  windows: [],
  permitOnlyProjectScopedClusters: false,
  destinationServiceAccounts: [],
  labels: {},
  annotations: {},
  problems: [],
};

/** `Kind.group/name` in namespace `here`, or `Kind.group/namespace/name`; `= app` is what it is tracked as. */
function resident(text: string): Resident {
  const [what = '', tracking = ''] = text.split(' = ');
  const [type = '', ...place] = what.split('/');
  const [kind = '', ...group] = type.split('.');
  const [namespace, name] = place.length > 1 ? place : ['here', place[0]];
  const ref = { group: group.join('.'), version: 'v1', kind, namespace: namespace ?? '', name: name ?? '' };
  return { ref, uid: text, tracking, createdAt: '2026-01-01T00:00:00Z', resourceVersion: '1' };
}

type Case = {
  readonly reason: string;
  readonly residents: readonly string[];
  readonly want: readonly string[];
  readonly ignore?: readonly KindRule[];
  readonly more?: Partial<Project>;
};

const cases: readonly Case[] = [
  { reason: 'what is tracked by an application is none', residents: ['ConfigMap/a = shop'], want: [] },
  { reason: 'what is tracked by nobody is one', residents: ['ConfigMap/a'], want: ['a'] },
  { reason: 'an application that does not exist answers for nothing', residents: ['ConfigMap/a = gone'], want: ['a'] },
  {
    reason: 'what Kubernetes puts into every namespace is none',
    residents: [
      'ServiceAccount/default',
      'ConfigMap/kube-root-ca.crt',
      'Service/default/kubernetes',
      'Endpoints/web',
      'EndpointSlice.discovery.k8s.io/web-x2b',
    ],
    want: [],
  },
  {
    reason: 'names alone excuse nobody',
    residents: ['Service/kubernetes', 'ConfigMap/default', 'Widget.example.com/kube-root-ca.crt'],
    want: ['default', 'kubernetes', 'kube-root-ca.crt'],
  },
  {
    reason: 'the claims of a StatefulSet and the tokens of an account belong to them',
    residents: [
      'StatefulSet.apps/db = shop',
      'PersistentVolumeClaim/data-db-0',
      'PersistentVolumeClaim/data-db-11',
      'PersistentVolumeClaim/data-cache-0',
      'PersistentVolumeClaim/db-0',
      'ServiceAccount/default',
      'Secret/default-token-x7k2p',
      'Secret/robot-token-x7k2p',
    ],
    want: ['data-cache-0', 'db-0', 'robot-token-x7k2p'],
  },
  {
    reason: 'what the project denies is none',
    residents: ['Secret/a', 'ConfigMap/b'],
    more: { namespaceDeny: [{ group: '', kind: 'Secret' }] },
    want: ['b'],
  },
  {
    reason: 'what the project does not allow is none',
    residents: ['Secret/a', 'ConfigMap/b'],
    more: { namespaceAllow: [{ group: '', kind: 'Secret' }] },
    want: ['a'],
  },
  {
    reason: 'ignored by kind and name, as globs; an empty kind is every one, an empty group the core',
    residents: ['ConfigMap/istio-ca', 'ConfigMap/mine', 'Secret/istio-x', 'Deployment.apps/istio-d'],
    ignore: [{ group: '', kind: '', name: 'istio-*' }],
    want: ['mine', 'istio-d'],
  },
  {
    reason: 'ignored whatever the name',
    residents: ['Certificate.cert-manager.io/a', 'Secret/a'],
    ignore: [{ group: '*.io', kind: 'Cert*' }],
    want: ['a'],
  },
  {
    reason: 'a pattern that nobody can read ignores nothing',
    residents: ['Secret/a'],
    ignore: [{ group: '', kind: '[' }],
    want: ['a'],
  },
];

for (const { reason, residents, want, ignore, more } of cases) {
  test(`orphans: ${reason}`, () => {
    const rules: Project = { ...project, orphaned: { warn: true, ignore: ignore ?? [] }, ...more };
    const found = orphansOf(rules, residents.map(resident), (name) => name === 'shop');
    assert.deepEqual(
      found.map(({ ref }) => ref.name),
      want,
    );
  });
}

test('orphans: a project that does not ask has none', () => {
  const { orphaned: _, ...silent } = project;
  assert.deepEqual(
    orphansOf(silent, [resident('ConfigMap/a')], () => false),
    [],
  );
});
