/** Answers what the toolbox asks about files during a request, from the request's own tree. */
import { encodeFrame, sizesOf } from './frames.ts';
import type { DirEntry, FileSource, FileStat, Preload } from './protocol.ts';

/** A question: contents, listings, or what paths lead to. */
export type Ask = {
  readonly id: number;
  readonly ask: number;
  readonly kind: 'read' | 'list' | 'stat';
  readonly paths: readonly string[];
};

/** The frame that answers a question. Rejects with what the tree threw. */
export async function answerAsk(fs: FileSource, { id, ask, kind, paths }: Ask): Promise<Uint8Array[]> {
  const head = { type: 'reply', id, ask };
  if (kind === 'read') {
    const contents = await Promise.all(paths.map((path) => fs.read(path)));
    return encodeFrame(
      { ...head, sizes: sizesOf(contents) },
      contents.filter((content) => content !== undefined),
    );
  }
  if (kind === 'list') {
    const lists = await Promise.all(paths.map((path) => fs.list(path)));
    return encodeFrame({ ...head, listed: lists.map((list) => (list ? pairs(list) : null)) });
  }
  const stats = await Promise.all(paths.map((path) => (fs.stat ? fs.stat(path) : statByList(fs, path))));
  return encodeFrame({ ...head, stats: stats.map((stat) => stat ?? null) });
}

/** The frame that says a question can't be answered; the request fails then. */
export function refuseAsk({ id, ask }: Ask): Uint8Array[] {
  return encodeFrame({ type: 'reply', id, ask, failed: true });
}

/** The part of a request's header that announces what is sent along, and the contents for its payload. */
export function encodePreload(preload: Preload | undefined): {
  readonly files: readonly string[];
  readonly contents: readonly Uint8Array[];
  readonly lists: Readonly<Record<string, [string, string][]>>;
} {
  const lists = [...(preload?.lists ?? [])].map(([path, entries]) => [path, pairs(entries)] as const);
  return {
    files: [...(preload?.files?.keys() ?? [])],
    contents: [...(preload?.files?.values() ?? [])],
    lists: Object.fromEntries(lists),
  };
}

function pairs(entries: readonly DirEntry[]): [string, string][] {
  return entries.map(({ name, kind }) => [name, kind]);
}

/** What a path leads to in a tree without links. */
async function statByList(fs: FileSource, path: string): Promise<FileStat | undefined> {
  if (path === '') return { kind: 'directory', path };
  const slash = path.lastIndexOf('/');
  const entries = await fs.list(slash < 0 ? '' : path.slice(0, slash));
  const kind = entries?.find((entry) => entry.name === path.slice(slash + 1))?.kind;
  return kind === undefined || kind === 'link' ? undefined : { kind, path };
}
