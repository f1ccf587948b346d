import { posix } from 'node:path';
import { EngineError } from '../../model/index.ts';
import type { Tree, TreeEntry } from '../../ports/index.ts';
import { type Address, parseAddress, shownAddress } from '../address.ts';
import type { GitTreeEntry } from './parse-objects.ts';

/** Opens a commit of another repository, one level deeper. */
export type OpenModule = (url: string, commit: string, depth: number) => Promise<Tree>;

/** What is needed of the repository that has the submodules. */
export type ModuleSource = {
  children(tree: string): Promise<ReadonlyMap<string, GitTreeEntry>> | ReadonlyMap<string, GitTreeEntry>;
  /** The submodules that a .gitmodules blob declares: address by path. */
  blob(id: string): Promise<ReadonlyMap<string, string>>;
};

/** The submodules of one repository: where .gitmodules says they are, and opening them as trees of their own. */
export class Submodules {
  readonly #parent: Address;
  readonly #open: OpenModule;
  readonly #declared = new Map<string, ReadonlyMap<string, string>>();

  constructor(parent: Address, open: OpenModule) {
    this.#parent = parent;
    this.#open = open;
  }

  /** How submodules below the tree `root` are entered, which is itself `depth` submodules deep. */
  of(root: string, source: ModuleSource, depth: number): (entry: TreeEntry, path: string) => Promise<Tree | undefined> {
    return async (entry, path) => {
      const url = (await this.#declarations(root, source)).get(path);
      if (url === undefined) return undefined;
      return this.#open(moduleAddress(this.#parent, url), entry.id, depth + 1);
    };
  }

  async #declarations(root: string, source: ModuleSource): Promise<ReadonlyMap<string, string>> {
    const file = (await source.children(root)).get('.gitmodules');
    if (file === undefined || file.kind !== 'file') return new Map();
    const known = this.#declared.get(file.id);
    if (known !== undefined) return known;
    const declared = await source.blob(file.id);
    if (this.#declared.size > 20) this.#declared.clear();
    this.#declared.set(file.id, declared);
    return declared;
  }
}

/** The address of a submodule: relative ones start at the parent's. Files are reached only from files. */
export function moduleAddress(parent: Address, url: string): string {
  const full = url.startsWith('./') || url.startsWith('../') ? relativeTo(parent, url) : url;
  const address = parseAddress(full);
  if (address.transport === 'file' && parent.transport !== 'file') {
    const shown = shownAddress(url);
    throw new EngineError('repo-config', `submodule: a local path in a remote repository: ${shown}`, { about: shown });
  }
  return full;
}

function relativeTo(parent: Address, url: string): string {
  const scp = parent.transport === 'ssh' && !parent.url.includes('://');
  const cut = scp ? parent.url.indexOf(':') + 1 : parent.url.indexOf('/', parent.url.indexOf('://') + 3) + 1;
  const path = posix.join('/', parent.url.slice(cut), url).slice(1);
  return parent.url.slice(0, cut) + path;
}
