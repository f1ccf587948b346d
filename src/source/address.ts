import { EngineError } from '../model/index.ts';

/**
 * The address of a repository, taken apart. Every address from outside passes through here before anything is asked of
 * git or of a server: only known transports, nothing that could be read as an option or as a transport helper.
 */
export type Address = {
  readonly transport: 'https' | 'http' | 'ssh' | 'git' | 'file' | 'oci';
  readonly user: string;
  /** Written into the address; goes to git by the environment, never by argv. */
  readonly password: string;
  /** Lower case, '' for files. */
  readonly host: string;
  readonly port: string;
  /** Without leading and trailing slash, except for files, where it is absolute. */
  readonly path: string;
  /** What git or a client is given: without user (https) and password. */
  readonly url: string;
};

const transports = new Set(['https', 'http', 'ssh', 'git', 'file', 'oci']);

/** Reads an address; EngineError `repo-config` for anything that is not one. */
export function parseAddress(text: string): Address {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.startsWith('-') || hasControl(trimmed)) throw refused('not an address', text);
  if (trimmed.startsWith('/')) return fileAddress(trimmed, text);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(trimmed);
  if (scheme !== null) return urlAddress((scheme[1] ?? '').toLowerCase(), trimmed, text);
  if (/^[A-Za-z0-9+.-]+::/.test(trimmed)) throw refused('transport helpers are not allowed', text);
  return scpAddress(trimmed, text);
}

/** One normal form for all the addresses of a repository: `git@h:o/r.git`, `https://h:8443/o/r/` → `h/o/r`. */
export function normalizeAddress(text: string): string {
  try {
    // Registries are written without a scheme, and `host:5000/org` must not be taken for ssh.
    const bare = /^[^@/:]+:\d+(?:\/|$)/.test(text.trim());
    const address = azureAsHttps(parseAddress(bare ? `oci://${text.trim()}` : text));
    if (address.transport === 'file') return `file://${address.path}`;
    return `${address.host}/${decoded(address.path).toLowerCase()}`;
  } catch {
    const bare = text.trim().replace(/^[a-z]+:\/\//i, '');
    return bare
      .replace(/\/+$/, '')
      .replace(/\.git$/, '')
      .toLowerCase();
  }
}

/** Equal for spellings of one repository over one transport: the key of mirrors and of credentials. */
export function transportForm(address: Address): string {
  if (address.transport === 'file') return `file://${address.path}`;
  const port = address.port === '' ? '' : `:${address.port}`;
  return `${address.transport}://${address.host}${port}/${address.path}`;
}

/** The address without any secret, for messages. */
export function shownAddress(text: string): string {
  return text.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^/@]*@/, '$1').slice(0, 300);
}

function fileAddress(path: string, text: string): Address {
  const clean = path
    .replace(/\/{2,}/g, '/')
    .replace(/\/+$/, '')
    .replace(/\/\.git$/, '');
  if (clean === '' || clean.split('/').includes('..')) throw refused('not the path of a repository', text);
  return { transport: 'file', user: '', password: '', host: '', port: '', path: clean, url: `file://${clean}` };
}

function urlAddress(transport: string, trimmed: string, text: string): Address {
  if (!transports.has(transport)) throw refused(`transport ${transport} is not supported`, text);
  let url: URL;
  try {
    // The URL class knows hosts of special schemes only, so others are read as https.
    url = new URL(transport === 'file' ? trimmed : trimmed.replace(/^[^:]+/, 'https'));
  } catch {
    throw refused('not an address', text);
  }
  if (transport === 'file') return fileAddress(decoded(url.pathname), text);
  const written = /^[^:]+:\/\/(?:[^/@]*@)?(?:\[[^\]]*\]|[^/:]*):(\d+)/.exec(trimmed)?.[1] ?? '';
  const port = written === defaultPorts[transport] ? '' : written;
  const host = url.hostname.toLowerCase();
  if (host === '' || host.startsWith('-')) throw refused('no server is named', text);
  const path = cleanPath(url.pathname);
  const user = decoded(url.username);
  if (user.startsWith('-')) throw refused('not a user name', text);
  const at = transport === 'ssh' && user !== '' ? `${user}@` : '';
  const address = { transport: transport as Address['transport'], user, password: decoded(url.password), host, port };
  const rest = url.pathname.replace(/^\/+/, '').replace(/\/+$/, '');
  return { ...address, path, url: `${transport}://${at}${host}${port === '' ? '' : `:${port}`}/${rest}` };
}

const defaultPorts: Readonly<Record<string, string>> = { https: '443', http: '80', ssh: '22', git: '9418', oci: '443' };

function scpAddress(trimmed: string, text: string): Address {
  const match = /^(?:([^@/:\s]+)@)?(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9_.-]+):(?!\/\/)([^\s]+)$/.exec(trimmed);
  if (match !== null) {
    const user = match[1] ?? '';
    const host = (match[2] ?? '').toLowerCase();
    const rest = match[3] ?? '';
    if (host.startsWith('-') || user.startsWith('-') || rest.startsWith('-')) throw refused('not an address', text);
    // `host:path` is relative to the home directory on the server, so that it is handed on as it is written.
    const url = `${user === '' ? '' : `${user}@`}${host}:${rest}`;
    return { transport: 'ssh', user, password: '', host, port: '', path: cleanPath(rest), url };
  }
  // Forges write `git@host/path` in some webhooks.
  const slashed = /^([^@/:\s]+)@([A-Za-z0-9_.-]+)\/([^\s]+)$/.exec(trimmed);
  if (slashed !== null && !trimmed.includes(':')) return urlAddress('ssh', `ssh://${trimmed}`, text);
  throw refused('not an address', text);
}

/** The several addresses of one Azure DevOps repository come down to one. */
function azureAsHttps(address: Address): Address {
  const parts = address.path.split('/');
  if (address.host === 'ssh.dev.azure.com' && parts[0] === 'v3' && parts.length === 4) {
    return { ...address, host: 'dev.azure.com', path: `${parts[1]}/${parts[2]}/_git/${parts[3]}` };
  }
  const legacy = /^([a-z0-9-]+)\.visualstudio\.com$/.exec(address.host);
  if (legacy !== null) {
    const path = address.path.replace(/^defaultcollection\//i, '');
    return { ...address, host: 'dev.azure.com', path: `${legacy[1]}/${path}` };
  }
  return address;
}

function cleanPath(path: string): string {
  return path
    .replace(/\/{2,}/g, '/')
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code === 127) return true;
  }
  return false;
}

function refused(what: string, text: string): EngineError {
  const shown = shownAddress(text);
  return new EngineError('repo-config', `repository address: ${what}: ${shown}`, { about: shown });
}
