import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tree } from '../../ports/index.ts';
import { ByteCache } from '../byte-cache.ts';
import { archiveTree } from './archive-tree.ts';

/** An archive and its files. */
export type OpenedArchive = { readonly archive: Buffer; readonly tree: Tree };

/** Archives by what identifies their content: kept on disk as they came, the last used ones opened in memory. */
export class ArchiveCache {
  readonly #dir: string;
  readonly #opened: ByteCache<OpenedArchive>;
  readonly #running = new Map<string, Promise<OpenedArchive>>();

  /** `memory` bounds what is kept open, bytes. */
  constructor(dir: string, memory: number) {
    this.#dir = dir;
    this.#opened = new ByteCache(memory);
  }

  /** The archive under `key`; `fetch` brings it (checked) when it is not on disk. */
  async open(key: string, about: string, strip: boolean, fetch: () => Promise<Buffer>): Promise<OpenedArchive> {
    const name = createHash('sha256').update(`${strip}\n${key}`).digest('hex');
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    const running = this.#running.get(name) ?? this.#load(name, about, strip, fetch);
    this.#running.set(name, running);
    try {
      return await running;
    } finally {
      this.#running.delete(name);
    }
  }

  async #load(name: string, about: string, strip: boolean, fetch: () => Promise<Buffer>): Promise<OpenedArchive> {
    const place = join(this.#dir, `${name}.tar`);
    const kept = await readFile(place).catch(() => undefined);
    const archive = kept ?? (await fetch());
    const { tree, bytes } = await archiveTree(archive, about, strip);
    if (kept === undefined) await this.#keep(place, archive);
    else await utimes(place, new Date(), new Date()).catch(() => {});
    const opened = { archive, tree };
    this.#opened.set(name, opened, bytes + archive.length);
    return opened;
  }

  async #keep(place: string, archive: Buffer): Promise<void> {
    try {
      await mkdir(this.#dir, { recursive: true, mode: 0o700 });
      await writeFile(`${place}.new`, archive, { mode: 0o600 });
      await rename(`${place}.new`, place);
    } catch {
      // Without a disk it is fetched again next time.
    }
  }
}
