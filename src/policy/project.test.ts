import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Application, ObjectRef, Project } from '../model/index.ts';
import { permit, permitObjects } from './index.ts';

const project: Project = {
  name: 'team',
  description: '',
  sourceRepos: ['*'],
  destinations: [{ server: '*', namespace: '*' }],
  clusterAllow: [{ group: '*', kind: '*' }],
  clusterDeny: [],
  namespaceDeny: [],
  sourceNamespaces: [],
  windows: [],
  permitOnlyProjectScopedClusters: false,
  destinationServiceAccounts: [],
  labels: {},
  annotations: {},
  problems: [],
};
const application: Pick<Application, 'namespace' | 'name' | 'sources' | 'destination'> = {
  namespace: 'argocd',
  name: 'web',
  sources: [{ repoURL: 'https://github.com/org/repo.git', path: 'a', targetRevision: '' }],
  destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
};
const cluster = { server: 'https://kubernetes.default.svc', name: 'in-cluster' };
const context = { controlNamespace: 'argocd' };

const allowed = (
  rules: Partial<Project>,
  app: Partial<typeof application> = {},
  on: typeof cluster & { project?: string } = cluster,
) => permit({ ...application, ...app }, { ...project, ...rules }, on, context).length === 0;

describe('source repositories', () => {
  for (const [reason, sourceRepos, answer] of [
    ['everything', ['*'], true],
    ['nothing', [], false],
    ['the very one', ['https://github.com/org/repo'], true],
    ['case and .git do not matter', ['https://GitHub.com/Org/repo.git'], true],
    ['one segment', ['https://github.com/org/*'], true],
    ['a star stays in its segment', ['https://github.com/*'], false],
    ['two stars do not', ['https://github.com/**'], true],
    ['denied', ['*', '!https://github.com/org/*'], false],
    ['denied first', ['!https://github.com/org/*', '*'], false],
    ['something else denied', ['*', '!https://github.com/other/*'], true],
    ['a denial that cannot be read denies everything', ['*', '!https://[github.com'], false],
  ] as const)
    test(reason, () => assert.equal(allowed({ sourceRepos }), answer));
  test('every source counts', () =>
    assert.equal(
      allowed(
        { sourceRepos: ['https://github.com/org/*'] },
        { sources: [...application.sources, { repoURL: 'https://evil.example.com/x', targetRevision: '' }] },
      ),
      false,
    ));
  test('ssh addresses', () =>
    assert.equal(
      allowed(
        { sourceRepos: ['ssh://git@github.com/org/*'] },
        { sources: [{ repoURL: 'git@github.com:org/repo.git', targetRevision: '' }] },
      ),
      true,
    ));
});

describe('destinations', () => {
  for (const [reason, destinations, answer] of [
    ['everything', [{ server: '*', namespace: '*' }], true],
    ['by server', [{ server: 'https://kubernetes.default.svc', namespace: 'web' }], true],
    ['by name', [{ name: 'in-*', namespace: 'w*' }], true],
    ['other namespace', [{ server: '*', namespace: 'other' }], false],
    ['other server', [{ server: 'https://other', namespace: '*' }], false],
    [
      'namespace denied',
      [
        { server: '*', namespace: '*' },
        { server: '*', namespace: '!web' },
      ],
      false,
    ],
    ['another namespace denied', [{ server: '*', namespace: '!kube-system' }], true],
    [
      'server denied',
      [
        { server: '!https://kubernetes.default.svc', namespace: '*' },
        { server: '*', namespace: '*' },
      ],
      false,
    ],
    ['nothing', [], false],
  ] as const)
    test(reason, () => assert.equal(allowed({ destinations }), answer));
  test('only clusters of the project', () => {
    assert.equal(allowed({ permitOnlyProjectScopedClusters: true }), false);
    assert.equal(allowed({ permitOnlyProjectScopedClusters: true }, {}, { ...cluster, project: 'team' }), true);
  });
});

describe('namespaces of applications', () => {
  for (const [reason, sourceNamespaces, namespace, answer] of [
    ['the control namespace', [], 'argocd', true],
    ['another one', [], 'apps', false],
    ['a glob', ['app*'], 'apps', true],
    ['a regular expression', ['/^(apps|jobs)$/'], 'apps', true],
    ['a regular expression that cannot be read', ['/(/'], 'apps', false],
  ] as const)
    test(reason, () => assert.equal(allowed({ sourceNamespaces }, { namespace }), answer));
});

describe('kinds', () => {
  const ref = (group: string, kind: string, namespace: string, name = 'x'): ObjectRef => ({
    group,
    version: 'v1',
    kind,
    namespace,
    name,
  });
  const holds = (rules: Partial<Project>, object: ObjectRef, namespaced: boolean) =>
    permitObjects({ ...project, ...rules }, cluster, 'web', [{ ref: object, namespaced }]);
  for (const [reason, rules, object, namespaced, answer] of [
    ['namespaced kinds are allowed', {}, ref('apps', 'Deployment', 'web'), true, true],
    [
      'unless denied',
      { namespaceDeny: [{ group: 'apps', kind: 'Deploy*' }] },
      ref('apps', 'Deployment', 'web'),
      true,
      false,
    ],
    ['or not listed', { namespaceAllow: [{ group: '', kind: '*' }] }, ref('apps', 'Deployment', 'web'), true, false],
    ['an empty list allows nothing', { namespaceAllow: [] }, ref('apps', 'Deployment', 'web'), true, false],
    ['cluster-scoped kinds must be listed', { clusterAllow: [] }, ref('', 'Namespace', ''), false, false],
    [
      'listed by name',
      { clusterAllow: [{ group: '', kind: 'Namespace', name: 'team-*' }] },
      ref('', 'Namespace', '', 'team-a'),
      false,
      true,
    ],
    [
      'another name',
      { clusterAllow: [{ group: '', kind: 'Namespace', name: 'team-*' }] },
      ref('', 'Namespace', '', 'kube-system'),
      false,
      false,
    ],
    [
      'denied by name',
      { clusterDeny: [{ group: '', kind: 'Namespace', name: 'kube-*' }] },
      ref('', 'Namespace', '', 'kube-system'),
      false,
      false,
    ],
    [
      'a namespace that is not allowed',
      { destinations: [{ server: '*', namespace: 'web' }] },
      ref('', 'ConfigMap', 'kube-system'),
      true,
      false,
    ],
    [
      'no namespace means that of the destination',
      { destinations: [{ server: '*', namespace: 'web' }] },
      ref('', 'ConfigMap', ''),
      true,
      true,
    ],
  ] as const)
    test(reason, () => assert.equal(holds(rules as Partial<Project>, object, namespaced).length === 0, answer));
  test('one hold names all its objects', () => {
    const objects = ['a', 'b'].map((name) => ({ ref: ref('apps', 'Deployment', '', name), namespaced: true }));
    const [hold, ...more] = permitObjects({ ...project, namespaceAllow: [] }, cluster, 'web', objects);
    assert.deepEqual(more, []);
    assert.deepEqual(hold?.objects, ['apps/Deployment//a', 'apps/Deployment//b']);
  });
});

test('a project that cannot be read allows nothing', () =>
  assert.equal(allowed({ problems: ['spec.syncWindows[0].duration: must be a duration'] }), false));
