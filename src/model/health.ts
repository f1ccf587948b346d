/** Argo CD's words for health, best first; Missing and Unknown are its words too. */
export type HealthStatus = 'Healthy' | 'Suspended' | 'Progressing' | 'Missing' | 'Degraded' | 'Unknown';

/** What an object or an application says of itself, and why. */
export type Health = { readonly status: HealthStatus; readonly message?: string };

const order: readonly HealthStatus[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'];

/** Positive when `a` is worse than `b` (the order of Argo CD's gitops-engine). */
export function compareHealth(a: HealthStatus, b: HealthStatus): number {
  return order.indexOf(a) - order.indexOf(b);
}
