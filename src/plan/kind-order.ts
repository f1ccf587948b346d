// The order in which kinds are written: what others need comes first. Kinds of one tier do not need each other at
// admission and are written side by side.

const tiers: readonly (readonly string[])[] = [
  ['Namespace'],
  ['CustomResourceDefinition', 'PriorityClass', 'StorageClass', 'IngressClass', 'RuntimeClass', 'GatewayClass'],
  ['NetworkPolicy', 'ResourceQuota', 'LimitRange', 'PodDisruptionBudget', 'ServiceAccount', 'Secret', 'ConfigMap'],
  ['PersistentVolume', 'PersistentVolumeClaim', 'ClusterRole', 'Role'],
  ['ClusterRoleBinding', 'RoleBinding', 'Service'],
  ['DaemonSet', 'Pod', 'ReplicationController', 'ReplicaSet', 'Deployment', 'StatefulSet'],
  ['HorizontalPodAutoscaler', 'Job', 'CronJob', 'Ingress', 'APIService'],
];

const rank = new Map(tiers.flatMap((kinds, tier) => kinds.map((kind) => [kind, tier] as const)));

/** The tier of a kind, lower first; kinds that are not known come last, except admission webhooks, the very last. */
export function kindTier(kind: string): number {
  if (kind === 'ValidatingWebhookConfiguration' || kind === 'MutatingWebhookConfiguration') return tiers.length + 1;
  return rank.get(kind) ?? tiers.length;
}

/** The tiers of some items in order, each sorted by kind and name; `backwards` for deletion. */
export function inTiers<T extends { readonly ref: { readonly kind: string; readonly name: string } }>(
  items: readonly T[],
  backwards = false,
): readonly (readonly T[])[] {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const tier = kindTier(item.ref.kind);
    groups.set(tier, [...(groups.get(tier) ?? []), item]);
  }
  const sorted = [...groups.entries()].sort(([a], [b]) => (backwards ? b - a : a - b));
  return sorted.map(([, group]) => group.sort((a, b) => byKindAndName(a, b)));
}

function byKindAndName(
  a: { readonly ref: { readonly kind: string; readonly name: string } },
  b: { readonly ref: { readonly kind: string; readonly name: string } },
): number {
  if (a.ref.kind !== b.ref.kind) return a.ref.kind < b.ref.kind ? -1 : 1;
  return a.ref.name < b.ref.name ? -1 : a.ref.name > b.ref.name ? 1 : 0;
}
