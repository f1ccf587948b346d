import { EngineError } from '../../model/index.ts';

/** An entry of a tree object. */
export type GitTreeEntry = {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link' | 'module';
  readonly id: string;
};

/** What we need of a commit object. */
export type GitCommit = {
  readonly tree: string;
  readonly parents: readonly string[];
  /** `Name <mail>`. */
  readonly author: string;
  /** RFC 3339, in the author's own time zone; the committer's time, as Argo CD shows it. */
  readonly date: string;
  readonly message: string;
};

/** Reads a raw tree object. Names that could lead out of a directory are refused, whoever made them. */
export function parseTreeObject(bytes: Uint8Array, id: string): ReadonlyMap<string, GitTreeEntry> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const idLength = id.length / 2;
  const entries = new Map<string, GitTreeEntry>();
  let at = 0;
  while (at < buffer.length) {
    const space = buffer.indexOf(32, at);
    const end = buffer.indexOf(0, space);
    if (space < 0 || end < 0 || end + 1 + idLength > buffer.length) throw broken('tree', id);
    const name = buffer.toString('utf8', space + 1, end);
    if (name === '' || name === '.' || name === '..' || name.includes('/')) {
      throw new EngineError('path-outside', `tree: has an entry with a forbidden name: ${id}`, { about: id });
    }
    const mode = Number.parseInt(buffer.toString('latin1', at, space), 8);
    const entry = { name, kind: kindOf(mode), id: buffer.toString('hex', end + 1, end + 1 + idLength) };
    if (!entries.has(name)) entries.set(name, entry);
    at = end + 1 + idLength;
  }
  return entries;
}

/** Reads a raw commit object. */
export function parseCommitObject(bytes: Uint8Array, id: string): GitCommit {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const blank = text.indexOf('\n\n');
  const head = blank < 0 ? text : text.slice(0, blank);
  const fields = head.split('\n').filter((line) => !line.startsWith(' '));
  const tree = field(fields, 'tree');
  if (!/^[0-9a-f]{40,64}$/.test(tree)) throw broken('commit', id);
  const author = person(field(fields, 'author'));
  return {
    tree,
    parents: fields.filter((line) => line.startsWith('parent ')).map((line) => line.slice(7)),
    author: author.who,
    date: person(field(fields, 'committer')).when || author.when,
    message: blank < 0 ? '' : text.slice(blank + 2).trimEnd(),
  };
}

function field(lines: readonly string[], name: string): string {
  return lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? '';
}

function person(line: string): { readonly who: string; readonly when: string } {
  const match = /^(.*?) (-?\d{1,15}) ([+-])(\d\d)(\d\d)$/.exec(line);
  if (match === null) return { who: line, when: '' };
  const seconds = Number(match[2]);
  const offset = (Number(match[4]) * 60 + Number(match[5])) * (match[3] === '-' ? -1 : 1);
  const shifted = new Date((seconds + offset * 60) * 1000);
  if (Number.isNaN(shifted.getTime())) return { who: match[1] ?? '', when: '' };
  const zone = offset === 0 ? 'Z' : `${match[3]}${match[4]}:${match[5]}`;
  return { who: match[1] ?? '', when: shifted.toISOString().replace('.000Z', zone) };
}

function kindOf(mode: number): GitTreeEntry['kind'] {
  switch (mode & 0o170000) {
    case 0o040000:
      return 'directory';
    case 0o120000:
      return 'link';
    case 0o160000:
      return 'module';
    default:
      return 'file';
  }
}

function broken(what: string, id: string): EngineError {
  return new EngineError('internal', `git ${what}: cannot be read: ${id}`, { about: id });
}
