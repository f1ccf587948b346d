import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { at, EngineError, type Json, objectAt, stringAt } from '../../model/index.ts';
import type { Address } from '../address.ts';
import { failure, type HttpClient, type HttpTrust, statusFailure } from '../http/client.ts';
import { type LfsPointer, parseLfsPointer } from './lfs-pointer.ts';

/** What the LFS objects of one repository need for a download, as it is at that moment. */
export type LfsContext = {
  readonly http: HttpClient;
  readonly address: Address;
  readonly dir: string;
  readonly trust: () => HttpTrust;
  readonly authorization: () => Promise<string | undefined>;
  /** Bytes of one object. */
  readonly maxBytes: number;
};

const mediaType = 'application/vnd.git-lfs+json';

/** Files that are kept in LFS: downloaded by the batch API, checked against their hash, kept on disk. */
export class LfsObjects {
  readonly #context: LfsContext;

  constructor(context: LfsContext) {
    this.#context = context;
  }

  /** The content that a pointer stands for. */
  async read(pointerBytes: Buffer, path: string): Promise<Uint8Array> {
    const pointer = parseLfsPointer(pointerBytes, path);
    if (pointer.size > this.#context.maxBytes) {
      throw new EngineError('render-limit', `file: larger than its limit: ${path}`, { about: path });
    }
    const place = join(this.#context.dir, 'lfs', pointer.oid.slice(0, 2), pointer.oid);
    const kept = await readFile(place).catch(() => undefined);
    if (kept !== undefined && isWhole(kept, pointer)) return kept;
    const bytes = await this.#download(pointer, path);
    await mkdir(join(place, '..'), { recursive: true, mode: 0o700 });
    await writeFile(`${place}.new`, bytes, { mode: 0o600 });
    await rename(`${place}.new`, place);
    return bytes;
  }

  async #download(pointer: LfsPointer, path: string): Promise<Buffer> {
    const { http, trust, address } = this.#context;
    if (address.transport !== 'https' && address.transport !== 'http') {
      const message = `file: is kept in Git LFS, which is read over https only: ${path}`;
      throw new EngineError('lfs-pointer', message, { about: path });
    }
    const { href, headers, own } = await this.#locate(pointer, path);
    const authorization = own ? await this.#context.authorization() : undefined;
    const answer = await http.send({
      url: href,
      headers,
      ...(authorization === undefined ? {} : { authorization }),
      trust: own ? trust() : { ca: '', insecure: false },
      maxBytes: pointer.size,
      timeout: 300_000,
    });
    if (answer.status !== 200) throw statusFailure(answer, 'repo-unreachable');
    if (!isWhole(answer.body, pointer)) throw failure('repo-unreachable', href, `LFS object is damaged: ${path}`);
    return answer.body;
  }

  async #locate(pointer: LfsPointer, path: string) {
    const { http, trust, address } = this.#context;
    const url = `${address.url.replace(/\.git$/, '')}.git/info/lfs/objects/batch`;
    const authorization = await this.#context.authorization();
    const answer = await http.send({
      url,
      method: 'POST',
      headers: { accept: mediaType, 'content-type': mediaType },
      ...(authorization === undefined ? {} : { authorization }),
      body: JSON.stringify({ operation: 'download', transfers: ['basic'], objects: [pointer], hash_algo: 'sha256' }),
      trust: trust(),
      maxBytes: 1024 * 1024,
      timeout: 60_000,
    });
    if (answer.status !== 200) throw statusFailure(answer, 'repo-not-found');
    const download = at(parseJson(answer.body), 'objects', '0', 'actions', 'download');
    const written = stringAt(download, 'href');
    if (written === undefined) throw failure('repo-unreachable', url, `LFS object is not there: ${path}`);
    const href = new URL(written, url).href;
    if (!/^https?:/.test(href)) throw failure('repo-config', url, `LFS object is at an unsafe address: ${path}`);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(objectAt(download, 'header'))) {
      if (typeof value === 'string') headers[name.toLowerCase()] = value;
    }
    const own = new URL(href).origin === new URL(url).origin && headers.authorization === undefined;
    return { href, headers, own };
  }
}

function parseJson(bytes: Buffer): Json {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

function isWhole(bytes: Buffer, pointer: LfsPointer): boolean {
  return bytes.length === pointer.size && createHash('sha256').update(bytes).digest('hex') === pointer.oid;
}
