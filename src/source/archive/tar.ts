import { EngineError } from '../../model/index.ts';

/** A file or a symbolic link (its bytes are the target) of an archive; paths are clean and relative. */
export type ArchiveFile = { readonly path: string; readonly kind: 'file' | 'link'; readonly bytes: Buffer };

const block = 512;
const maxEntries = 100_000;

/**
 * Reads a tar archive (ustar, pax and GNU long names). Absolute paths and `..` are `path-outside`; devices and the like
 * are passed over. The files are views into `archive`, nothing is copied.
 */
export function readTar(archive: Buffer, about: string): readonly ArchiveFile[] {
  const files = new Map<string, ArchiveFile>();
  let long: { path?: string; target?: string } = {};
  let at = 0;
  while (at + block <= archive.length) {
    const header = archive.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) break;
    checkSum(header, about);
    const size = numberField(header, 124, 12, about);
    const body = archive.subarray(at + block, at + block + size);
    if (body.length < size) throw damaged(about, 'it ends too early');
    at += block + Math.ceil(size / block) * block;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'L') long = { ...long, path: textOf(body) };
    else if (type === 'K') long = { ...long, target: textOf(body) };
    else if (type === 'x') long = { ...long, ...paxOf(body) };
    else if (type !== 'g') {
      addEntry(
        files,
        { type, path: long.path ?? pathField(header), target: long.target ?? textField(header, 157, 100), body },
        about,
      );
      long = {};
      if (files.size > maxEntries) throw damaged(about, 'it has too many files');
    }
  }
  return [...files.values()];
}

type RawEntry = { readonly type: string; readonly path: string; readonly target: string; readonly body: Buffer };

function addEntry(files: Map<string, ArchiveFile>, entry: RawEntry, about: string): void {
  const path = cleanPath(entry.path, about);
  if (path === '') return;
  if (entry.type === '0' || entry.type === '\0' || entry.type === '7') {
    files.set(path, { path, kind: 'file', bytes: entry.body });
  } else if (entry.type === '2') {
    files.set(path, { path, kind: 'link', bytes: Buffer.from(entry.target) });
  } else if (entry.type === '1') {
    const same = files.get(cleanPath(entry.target, about));
    if (same !== undefined) files.set(path, { ...same, path });
  }
}

function cleanPath(path: string, about: string): string {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (path.startsWith('/') || names.includes('..') || path.includes('\0')) {
    throw new EngineError('path-outside', `archive: a path leads out of it: ${about}: ${path.slice(0, 200)}`, {
      about,
    });
  }
  return names.join('/');
}

function pathField(header: Buffer): string {
  const name = textField(header, 0, 100);
  const ustar = header.toString('latin1', 257, 262) === 'ustar';
  const prefix = ustar ? textField(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function paxOf(body: Buffer): { path?: string; target?: string } {
  const found: { path?: string; target?: string } = {};
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(32, at);
    const length = Number(body.toString('latin1', at, Math.max(at, space)));
    if (space < 0 || !Number.isSafeInteger(length) || length <= 0) break;
    const record = body.toString('utf8', space + 1, at + length - 1);
    if (record.startsWith('path=')) found.path = record.slice(5);
    if (record.startsWith('linkpath=')) found.target = record.slice(9);
    at += length;
  }
  return found;
}

function checkSum(header: Buffer, about: string): void {
  const written = numberField(header, 148, 8, about);
  let sum = 8 * 32;
  for (let i = 0; i < block; i++) if (i < 148 || i >= 156) sum += header[i] ?? 0;
  if (sum !== written) throw damaged(about, 'it is no tar archive');
}

function numberField(header: Buffer, at: number, length: number, about: string): number {
  const first = header[at] ?? 0;
  // GNU's form for large numbers: a set high bit, then big-endian bytes.
  if ((first & 0x80) !== 0) return header.readUIntBE(at + length - 6, 6);
  const text = textField(header, at, length).trim();
  if (!/^[0-7]*$/.test(text)) throw damaged(about, 'it is no tar archive');
  return text === '' ? 0 : Number.parseInt(text, 8);
}

function textField(header: Buffer, at: number, length: number): string {
  return textOf(header.subarray(at, at + length));
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

function damaged(about: string, why: string): EngineError {
  return new EngineError('repo-config', `archive: ${why}: ${about}`, { about });
}
