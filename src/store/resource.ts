// Addresses of Applications and AppProjects on an API server, and the order of their versions.
import type { AppKey } from '../model/index.ts';

const group = '/apis/argoproj.io/v1alpha1';

/** The collection of applications of a namespace, or of all. */
export function applicationsPath(namespace?: string): string {
  return namespace === undefined
    ? `${group}/applications`
    : `${group}/namespaces/${encodeURIComponent(namespace)}/applications`;
}

/** One application. */
export function applicationPath(key: AppKey): string {
  const slash = key.indexOf('/');
  return `${applicationsPath(key.slice(0, slash))}/${encodeURIComponent(key.slice(slash + 1))}`;
}

/** The collection of projects of a namespace. */
export function projectsPath(namespace: string): string {
  return `${group}/namespaces/${encodeURIComponent(namespace)}/appprojects`;
}

/** True when resource version `a` is older than `b`; what cannot be compared is not older. */
export function isOlder(a: string, b: string): boolean {
  if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}
