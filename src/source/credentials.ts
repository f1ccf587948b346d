import type { RepositoryCredential, TrustSettings } from '../ports/index.ts';
import { type Address, parseAddress, transportForm } from './address.ts';

/** The repository Secrets as they are now; the same array as long as nothing changed. */
export type CredentialProvider = () => readonly RepositoryCredential[];

type Entry = { readonly credential: RepositoryCredential; readonly form: string; readonly host: string };

const indexes = new WeakMap<readonly RepositoryCredential[], readonly Entry[]>();

/**
 * The credential for a repository: its own Secret (the project's before one for all), else the repo-creds with the
 * longest prefix on the same server. Undefined when it is read anonymously.
 */
export function credentialFor(
  credentials: readonly RepositoryCredential[],
  address: Address,
  project: string,
): RepositoryCredential | undefined {
  const form = transportForm(address).toLowerCase();
  const usable = indexOf(credentials).filter(
    (entry) => (entry.credential.project ?? '') === '' || entry.credential.project === project,
  );
  const own = usable.filter((entry) => entry.credential.kind === 'repository' && entry.form === form);
  const ofProject = own.find((entry) => (entry.credential.project ?? '') !== '');
  const found = ofProject ?? own[0] ?? longestPrefix(usable, form, address.host);
  if (found === undefined) return undefined;
  // A repository Secret that only names the address lets a repo-creds supply what is secret.
  if (found.credential.kind === 'repository' && isEmpty(found.credential)) {
    const template = longestPrefix(usable, form, address.host);
    if (template !== undefined) return merged(found.credential, template.credential);
  }
  return found.credential;
}

/** Distinguishes what different credentials may see: they never share a mirror. Holds no secret. */
export function identityOf(credential: RepositoryCredential | undefined): string {
  if (credential === undefined || isEmpty(credential)) return '';
  const { kind, url, project = '', username = '', githubApp } = credential;
  return [kind, url, project, username, githubApp?.id ?? '', githubApp?.installationId ?? ''].join('\n');
}

/** The PEM bundle for a server, '' when the system's own authorities decide. */
export function certificatesFor(trust: TrustSettings, host: string, port: string): string {
  return trust.tlsCerts[`${host}:${port}`] ?? trust.tlsCerts[host] ?? '';
}

function indexOf(credentials: readonly RepositoryCredential[]): readonly Entry[] {
  const known = indexes.get(credentials);
  if (known !== undefined) return known;
  const entries = credentials.flatMap((credential) => {
    const address = tryParse(credential);
    if (address === undefined) return [];
    const form = transportForm(address).toLowerCase();
    // A prefix that was written with a slash at its end stops at whole names.
    const ending = credential.kind === 'repo-creds' && credential.url.endsWith('/') && !form.endsWith('/') ? '/' : '';
    return [{ credential, form: form + ending, host: address.host }];
  });
  indexes.set(credentials, entries);
  return entries;
}

function tryParse(credential: RepositoryCredential): Address | undefined {
  const bare = !credential.url.includes('://') && !credential.url.includes('@') && !credential.url.startsWith('/');
  try {
    // Helm registries are written without a scheme.
    return parseAddress(bare ? `oci://${credential.url}` : credential.url.replace(/^([^/]+@[^/]+):$/, '$1:/'));
  } catch {
    return undefined;
  }
}

function longestPrefix(entries: readonly Entry[], form: string, host: string): Entry | undefined {
  let best: Entry | undefined;
  for (const entry of entries) {
    if (entry.credential.kind !== 'repo-creds' || entry.host !== host) continue;
    // The host is compared whole: `https://forge.example` must not match `https://forge.example.evil`.
    if (form.startsWith(entry.form) && entry.form.length > (best?.form.length ?? -1)) best = entry;
  }
  return best;
}

function isEmpty(credential: RepositoryCredential): boolean {
  return (
    credential.username === undefined &&
    credential.password === undefined &&
    credential.bearerToken === undefined &&
    credential.sshPrivateKey === undefined &&
    credential.tlsClientCertData === undefined &&
    credential.githubApp === undefined
  );
}

function merged(own: RepositoryCredential, template: RepositoryCredential): RepositoryCredential {
  const { kind: _kind, url: _url, name: _name, project: _project, type: _type, ...secrets } = template;
  return {
    ...secrets,
    kind: own.kind,
    url: own.url,
    type: own.type,
    ...(own.name === undefined ? {} : { name: own.name }),
    ...(own.project === undefined ? {} : { project: own.project }),
    insecure: own.insecure || template.insecure,
    enableLfs: own.enableLfs || template.enableLfs,
    enableOCI: own.enableOCI || template.enableOCI,
    insecureOCIForceHttp: own.insecureOCIForceHttp || template.insecureOCIForceHttp,
    forceHttpBasicAuth: own.forceHttpBasicAuth || template.forceHttpBasicAuth,
    depth: own.depth || template.depth,
    ...(own.proxy === undefined ? {} : { proxy: own.proxy }),
    ...(own.noProxy === undefined ? {} : { noProxy: own.noProxy }),
  };
}
