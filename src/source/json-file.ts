import { mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Json } from '../model/index.ts';

/** A small file of last known facts. Writes happen behind the answers, one at a time, the newest content last. */
export class JsonFile {
  readonly #path: string;
  #next: (() => Json) | undefined;
  #writing: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** What it holds; undefined when it is missing or damaged: the disk holds nothing that cannot be had again. */
  async read(): Promise<Json | undefined> {
    try {
      const content = JSON.parse(await readFile(this.#path, 'utf8'));
      // Marks it as used, so that it is not swept away.
      await utimes(this.#path, new Date(), new Date());
      return content;
    } catch {
      return undefined;
    }
  }

  /** Writes soon; `content` is called when its turn comes. */
  save(content: () => Json): void {
    this.#next = content;
    this.#writing ??= this.#write();
  }

  /** Resolves when what was saved is on disk. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#next !== undefined) {
      const content = this.#next;
      this.#next = undefined;
      try {
        await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
        await writeFile(`${this.#path}.new`, JSON.stringify(content()), { mode: 0o600 });
        await rename(`${this.#path}.new`, this.#path);
      } catch {
        // A full disk costs us the memory of a restart, nothing else.
      }
    }
    this.#writing = undefined;
  }
}
