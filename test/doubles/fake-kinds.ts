// The built-in kinds of the fake apiserver.
import type { FakeKind } from './fake-storage.ts';

function kind(group: string, name: string, plural: string, more: Partial<FakeKind> = {}): FakeKind {
  return { group, version: 'v1', kind: name, plural, namespaced: true, generation: true, ...more };
}

const plain = { generation: false };
const cluster = { namespaced: false };
const rbac = 'rbac.authorization.k8s.io';

/** What every cluster serves. */
export const builtInKinds: readonly FakeKind[] = [
  kind('', 'Namespace', 'namespaces', { ...plain, ...cluster }),
  kind('', 'ConfigMap', 'configmaps', plain),
  kind('', 'Secret', 'secrets', plain),
  kind('', 'ServiceAccount', 'serviceaccounts', plain),
  kind('', 'Service', 'services', plain),
  kind('', 'Pod', 'pods'),
  kind('', 'PersistentVolumeClaim', 'persistentvolumeclaims', plain),
  kind('apps', 'Deployment', 'deployments'),
  kind('apps', 'ReplicaSet', 'replicasets'),
  kind('apps', 'StatefulSet', 'statefulsets'),
  kind('apps', 'DaemonSet', 'daemonsets'),
  kind('batch', 'Job', 'jobs'),
  kind('batch', 'CronJob', 'cronjobs'),
  kind('networking.k8s.io', 'Ingress', 'ingresses'),
  kind(rbac, 'Role', 'roles', plain),
  kind(rbac, 'RoleBinding', 'rolebindings', plain),
  kind(rbac, 'ClusterRole', 'clusterroles', { ...plain, ...cluster }),
  kind(rbac, 'ClusterRoleBinding', 'clusterrolebindings', { ...plain, ...cluster }),
  kind('apiextensions.k8s.io', 'CustomResourceDefinition', 'customresourcedefinitions', cluster),
];
