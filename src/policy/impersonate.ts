// In whose name a project writes: the first entry of destinationServiceAccounts that matches the destination.
import { matchesGlob, type Project } from '../model/index.ts';

/**
 * The user of a destination, as `system:serviceaccount:<namespace>:<name>`; undefined when no entry matches. An account
 * without a namespace lives in the destination's own (Argo CD, sync impersonation).
 */
export function accountFor(
  project: Pick<Project, 'destinationServiceAccounts'>,
  server: string,
  namespace: string,
): string | undefined {
  const entry = project.destinationServiceAccounts.find(
    (one) => matchesGlob(one.server, server) && matchesGlob(one.namespace, namespace),
  );
  if (entry === undefined || entry.serviceAccount === '') return undefined;
  const colon = entry.serviceAccount.indexOf(':');
  const home = colon < 0 ? namespace : entry.serviceAccount.slice(0, colon);
  return `system:serviceaccount:${home}:${entry.serviceAccount.slice(colon + 1)}`;
}
