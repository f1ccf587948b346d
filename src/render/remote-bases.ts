/**
 * Kustomize references to other repositories: fetched through the Sources port, never by Kustomize itself, and shown to
 * it as directories of the tree.
 */
import { EngineError, type Source } from '../model/index.ts';
import type { FileView } from './file-view.ts';
import type { Generation } from './generation.ts';
import { joinPath, resolvePath } from './paths.ts';
import { ToolboxError } from './toolbox/protocol.ts';
import { withoutLogin } from './unpinned.ts';

/** Where fetched things are shown in a tree; a path of that name in a repository is hidden by it. */
export const mountFolder = '.plumbline-mounts';

/** What a reference means: a directory of a repository at a revision, or a file on the web. */
export type RemoteReference =
  | { readonly kind: 'git'; readonly repoURL: string; readonly path: string; readonly revision: string }
  | { readonly kind: 'file'; readonly url: string };

/** Remote references that one source may have, those of its remote bases included. */
const maxRemotes = 64;

/** The references that a request to the toolbox failed for; empty when it failed for something else. */
export function remotesMissing(error: unknown): readonly string[] {
  if (!(error instanceof ToolboxError) || error.code !== 'remote-base') return [];
  const { url, urls } = error.details;
  return urls ?? (url === undefined ? [] : [url]);
}

/** Fetches `urls`, shows them in `view` and notes in `mounts` where; `read` tells what they are, where not by themselves. */
export async function mountAll(
  generation: Generation,
  view: FileView,
  urls: readonly string[],
  mounts: Record<string, string>,
  read: (url: string) => RemoteReference = parseRemote,
): Promise<void> {
  for (const url of urls) {
    const number = Object.keys(mounts).length;
    if (number >= maxRemotes) {
      const message = `${generation.path || '.'}: more than ${maxRemotes} remote references`;
      throw new EngineError('render-limit', message, { about: generation.path });
    }
    mounts[url] = await mount(generation, view, read(url), number);
  }
}

async function mount(
  generation: Generation,
  view: FileView,
  reference: RemoteReference,
  number: number,
): Promise<string> {
  const at = `${mountFolder}/${number}`;
  const { sources, request } = generation;
  if (reference.kind === 'file') {
    generation.unversioned(withoutLogin(reference.url));
    const file = `${at}.yaml`;
    view.put(file, await sources.fetch(reference.url, request.application.project));
    return file;
  }
  const source: Source = { repoURL: reference.repoURL, path: reference.path, targetRevision: reference.revision };
  const { revision } = await sources.resolve(source, request.application.project);
  view.mount(at, await sources.open(source, revision, request.application.project), '');
  generation.restsOn(source, revision);
  return joinPath(at, reference.path);
}

const schemes = /^(?:git::)?(https?|ssh):\/\//i;
// Kustomize takes a slash behind the host too.
const scpLike = /^(?:git::)?((?:[A-Za-z0-9_-]+@)[A-Za-z0-9.-]+)[:/](?!\/)(.+)$/;
const bareHost = /^(?:git::)?(github\.com|gitlab\.com|bitbucket\.org)[/:](.+)$/i;

/** A reference as Kustomize writes it. EngineError `remote-base` for what is no address of a repository. */
export function parseRemote(url: string): RemoteReference {
  const [address = '', query = ''] = splitOnce(url, '?');
  const parameters = new URLSearchParams(query);
  const revision = parameters.get('ref') ?? parameters.get('version') ?? '';
  const scp = scpLike.exec(address);
  if (scp !== null) return repository(`${scp[1]}:`, scp[2] ?? '', revision, url);
  const host = bareHost.exec(address);
  if (host !== null) return repository(`https://${host[1]?.toLowerCase()}/`, host[2] ?? '', revision, url);
  const scheme = schemes.exec(address);
  if (scheme === null) throw new EngineError('remote-base', `not an address of a repository: ${url}`, { about: url });
  const clean = address.replace(/^git::/, '');
  const isFile = /\.(?:ya?ml|json)$/.test(clean) && revision === '' && !clean.includes('.git/');
  if (isFile && /^https?:/i.test(clean)) return { kind: 'file', url: clean };
  const slash = clean.indexOf('/', clean.indexOf('://') + 3);
  if (slash < 0) throw new EngineError('remote-base', `not an address of a repository: ${url}`, { about: url });
  return repository(clean.slice(0, slash + 1), clean.slice(slash + 1), revision, url);
}

/** Cuts the path in the repository off its address: behind `//`, behind `.git`, `_git/<name>`, or behind `owner/name`. */
function repository(prefix: string, rest: string, revision: string, url: string): RemoteReference {
  const of = (repo: string, path: string): RemoteReference => {
    if (repo === '') throw new EngineError('remote-base', `not an address of a repository: ${url}`, { about: url });
    return { kind: 'git', repoURL: prefix + repo, path: resolvePath('', path, `remote base ${url}`), revision };
  };
  const double = rest.indexOf('//');
  if (double >= 0) return of(rest.slice(0, double), rest.slice(double + 2));
  const dotGit = /^(.+?\.git)(?:\/(.*))?$/.exec(rest);
  if (dotGit !== null) return of(dotGit[1] ?? '', dotGit[2] ?? '');
  const azure = /^(.*?_git\/[^/]+)(?:\/(.*))?$/.exec(rest);
  if (azure !== null) return of(azure[1] ?? '', azure[2] ?? '');
  const [owner = '', name = '', ...path] = rest.split('/').filter((segment) => segment !== '');
  return of(name === '' ? owner : `${owner}/${name}`, path.join('/'));
}

function splitOnce(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
