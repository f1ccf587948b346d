// Addresses of repositories, as projects compare them.

/**
 * The form in which Argo CD compares addresses: lower case, without `.git`, without `ssh://`, and `git@host:path` as
 * `git@host/path`. A `*` in a pattern stays what it is.
 */
export function normalRepository(url: string): string {
  let normal = url.trim().toLowerCase();
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//.test(normal);
  if (!scheme && /^[^/@]+@[^/:]+:/.test(normal)) normal = normal.replace(':', '/');
  if (normal.endsWith('.git')) normal = normal.slice(0, -'.git'.length);
  return normal.startsWith('ssh://') ? normal.slice('ssh://'.length) : normal;
}
