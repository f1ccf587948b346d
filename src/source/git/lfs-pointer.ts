import { EngineError } from '../../model/index.ts';

/** What stands in Git for a file that is kept in LFS. */
export type LfsPointer = { readonly oid: string; readonly size: number };

const start = Buffer.from('version https://git-lfs.github.com/spec/v1\n');

/** True for the content of a pointer file. */
export function isLfsPointer(bytes: Buffer): boolean {
  return bytes.length < 1024 && bytes.length > start.length && bytes.subarray(0, start.length).equals(start);
}

/** Reads a pointer; EngineError `lfs-pointer` when it is damaged. */
export function parseLfsPointer(bytes: Buffer, path: string): LfsPointer {
  const text = bytes.toString('utf8');
  const oid = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1];
  const size = Number(/^size (\d{1,15})$/m.exec(text)?.[1] ?? Number.NaN);
  if (oid === undefined || !Number.isSafeInteger(size)) {
    throw new EngineError('lfs-pointer', `file: is a damaged Git LFS pointer: ${path}`, { about: path });
  }
  return { oid, size };
}
