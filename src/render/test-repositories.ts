/** For tests: repositories in memory, and the Sources port over them. What was asked of them is counted. */
import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { defaultSettings, EngineError, type Source } from '../model/index.ts';
import type { Log, Metrics, RenderRequest, Sources, Tree, TreeEntry } from '../ports/index.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** How often a tree was asked. */
export type Counts = { entry: number; list: number; read: number };

type Directory = { readonly id: string; readonly entries: readonly TreeEntry[] };

/** A tree of files; a text that starts with `-> ` is a link to a path relative to its directory. */
export function memoryTree(files: Files, counts: Counts = { entry: 0, list: 0, read: 0 }): Tree {
  const contents = new Map(Object.entries(files));
  const directories = new Map<string, Directory>();
  const linkAt = (path: string): string | undefined => {
    const content = contents.get(path);
    return typeof content === 'string' && content.startsWith('-> ') ? content.slice(3) : undefined;
  };
  const build = (path: string): Directory => {
    const prefix = path === '' ? '' : `${path}/`;
    const names = new Set<string>();
    for (const file of contents.keys())
      if (file.startsWith(prefix)) names.add(file.slice(prefix.length).split('/')[0] ?? '');
    const entries = [...names].sort().map((name): TreeEntry => {
      const content = contents.get(prefix + name);
      if (content === undefined) return { name, kind: 'directory', id: build(prefix + name).id };
      return { name, kind: linkAt(prefix + name) === undefined ? 'file' : 'link', id: hash('sha1', content) };
    });
    const directory = { id: hash('sha1', JSON.stringify(entries)), entries };
    directories.set(path, directory);
    return directory;
  };
  build('');
  const real = (path: string, hops = 0): string => {
    if (hops > 40) throw new EngineError('path-outside', `link in a circle: ${path}`, { about: path });
    const parts = path.split('/');
    for (let n = 1; n <= parts.length; n++) {
      const target = linkAt(parts.slice(0, n).join('/'));
      if (target !== undefined) return real(join(parts.slice(0, n - 1), target, parts.slice(n), path), hops + 1);
    }
    return path;
  };
  const entry = (path: string): TreeEntry | undefined => {
    const found = real(path);
    const name = path.slice(path.lastIndexOf('/') + 1);
    const directory = directories.get(found);
    if (directory !== undefined) return { name, kind: 'directory', id: directory.id };
    const content = contents.get(found);
    return content === undefined ? undefined : { name, kind: 'file', id: hash('sha1', content) };
  };
  return {
    entry: async (path) => {
      counts.entry++;
      return entry(path);
    },
    list: async (path) => {
      counts.list++;
      return directories.get(real(path))?.entries;
    },
    read: async (path) => {
      counts.read++;
      const content = contents.get(real(path));
      return typeof content === 'string' ? Buffer.from(content) : content;
    },
    realPath: async (path) => (entry(path) === undefined ? undefined : real(path)),
  };
}

function join(base: readonly string[], target: string, rest: readonly string[], path: string): string {
  const out = [...base];
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') out.push(part);
    else if (out.pop() === undefined)
      throw new EngineError('path-outside', `a link leads out of the repository: ${path}`, { about: path });
  }
  return [...out, ...rest].join('/');
}

/** What the world holds: files by `repoURL` and revision, charts by `repoURL name version`, pages by address. */
export type World = {
  readonly repositories?: Record<string, Record<string, Files>>;
  /** What a target revision means, by `repoURL revision`; itself where it is not here. */
  readonly heads?: Record<string, string>;
  readonly charts?: Record<string, Uint8Array>;
  readonly pages?: Record<string, string>;
};

/** Sources over `world`, which may change while they are used; `asked` lists what was fetched. */
export function testSources(world: World, counts?: Counts): Sources & { readonly asked: string[] } {
  const trees = new Map<Files, Tree>();
  const asked: string[] = [];
  const treeAt = (source: Source, revision: string): Tree => {
    const files = world.repositories?.[source.repoURL]?.[revision];
    if (files === undefined)
      throw new EngineError('revision-not-found', `${source.repoURL}: no revision ${revision}`, { about: revision });
    const tree = trees.get(files) ?? memoryTree(files, counts);
    trees.set(files, tree);
    return tree;
  };
  return {
    asked,
    resolve: async (source) => {
      const revision = world.heads?.[`${source.repoURL} ${source.targetRevision}`] ?? source.targetRevision;
      return { revision, found: '' };
    },
    open: async (source, revision) => {
      asked.push(`open ${source.repoURL} ${revision}`);
      return treeAt(source, revision);
    },
    info: async () => undefined,
    chart: async (url, name, version) => {
      asked.push(`chart ${url} ${name} ${version}`);
      const archive = world.charts?.[`${url} ${name} ${version}`];
      if (archive === undefined) throw new EngineError('chart-not-found', `${url}: no chart ${name} ${version}`);
      return { version, tree: memoryTree({}), archive };
    },
    fetch: async (url) => {
      asked.push(`fetch ${url}`);
      const page = world.pages?.[url];
      if (page === undefined)
        throw new EngineError('repo-unreachable', `${url}: does not answer`, { retry: 'backoff' });
      return Buffer.from(page);
    },
    onChange: () => {},
    wake: async () => [],
    watchOnly: () => {},
    normalize: (url) => url,
    stop: async () => {},
  };
}

/** A request for one source of `https://git.test/repo` at revision `one`. */
export function testRequest(source: Partial<Source>, more: Partial<RenderRequest> = {}): RenderRequest {
  const whole: Source = { repoURL: 'https://git.test/repo', path: '', targetRevision: 'main', ...source };
  return {
    application: {
      name: 'app',
      namespace: 'argocd',
      project: 'default',
      trackingName: 'app',
      destinationNamespace: 'demo',
    },
    sources: [whole],
    revisions: ['one'],
    kubeVersion: '1.31.0',
    apiVersions: [],
    settings: defaultSettings,
    ...more,
  };
}

export const quietLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
export const noMetrics: Metrics = { count: () => {}, observe: () => {} };

/** A gzipped tar archive of files. */
export function tgz(files: Readonly<Record<string, string>>): Uint8Array {
  const blocks: Buffer[] = [];
  for (const [name, text] of Object.entries(files)) {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(Buffer.byteLength(text).toString(8).padStart(11, '0'), 124);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\x0000', 257);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    const content = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 512) * 512);
    content.write(text);
    blocks.push(header, content);
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
