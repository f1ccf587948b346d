import { promisify } from 'node:util';
import { gunzip as inflate } from 'node:zlib';
import { EngineError } from '../../model/index.ts';

const run = promisify(inflate);

/** Unpacks gzip off the main thread; EngineError `render-limit` when more than `limit` bytes come out. */
export async function gunzip(bytes: Buffer, limit: number, about: string): Promise<Buffer> {
  try {
    return await run(bytes, { maxOutputLength: limit });
  } catch (cause) {
    if ((cause as { readonly code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
      const message = `archive: larger than ${Math.round(limit / 1024 / 1024)} MiB when unpacked: ${about}`;
      throw new EngineError('render-limit', message, { about, cause });
    }
    throw new EngineError('repo-config', `archive: cannot be unpacked: ${about}`, { about, cause });
  }
}

/** True for bytes that begin as gzip does. */
export function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
