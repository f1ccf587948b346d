/**
 * Score's placeholders: `${metadata.name}`, `${resources.db.host}`; `$$` is a dollar sign. What stands for a Secret's key
 * stays a reference, so that no secret ever passes through here.
 */
import type { Problems } from './form.ts';
import type { Place } from './node.ts';
import type { Variable } from './workload.ts';

/** A key of a Secret or ConfigMap. */
export type Reference = { readonly kind: 'secret' | 'config'; readonly from: string; readonly key: string };
export type Piece = string | Reference;

/** What a path stands for; undefined when nothing does, and that has been noted. */
export type Lookup = (path: readonly string[], place: Place) => Piece | undefined;

const placeholder = /\$(?:\$|\{([^}]*)\})/g;

/** The pieces of a text. */
export function expand(text: string, place: Place, lookup: Lookup): readonly Piece[] {
  const pieces: Piece[] = [];
  const add = (piece: Piece): void => {
    const last = pieces.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') pieces[pieces.length - 1] = last + piece;
    else if (piece !== '') pieces.push(piece);
  };
  let from = 0;
  for (const match of text.matchAll(placeholder)) {
    add(text.slice(from, match.index));
    from = match.index + match[0].length;
    const path = match[1];
    if (path === undefined) add('$');
    else add(lookup(segmentsOf(path), place) ?? '');
  }
  add(text.slice(from));
  return pieces;
}

/** The segments of a path; `\.` is a dot inside of one. */
function segmentsOf(path: string): readonly string[] {
  return path
    .trim()
    .split(/(?<!\\)\./)
    .map((segment) => segment.replaceAll('\\.', '.'));
}

/** Text whose placeholders must all stand for text. */
export function plainText(text: string, place: Place, lookup: Lookup, what: string, problems: Problems): string {
  let plain = '';
  for (const piece of expand(text, place, lookup)) {
    if (typeof piece === 'string') plain += piece;
    else {
      const message = `${what} cannot hold a secret (${piece.from}/${piece.key}): use a variable, or mount it as a volume`;
      problems.push({ place, message });
    }
  }
  return plain;
}

/**
 * The variables that make a text: the text itself, one reference, or, for a mixture, a variable for each reference and
 * one that Kubernetes puts together of them (`$(NAME)`). `taken` are the names in use; new ones are added.
 */
export function variablesOf(name: string, pieces: readonly Piece[], taken: Map<string, string>): readonly Variable[] {
  const [first = '', ...others] = pieces;
  if (others.length === 0) {
    return typeof first === 'string' ? [{ name, kind: 'text', value: literal(first) }] : [{ name, ...first }];
  }
  const parts: Variable[] = [];
  let value = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') value += literal(piece);
    else {
      const part = partName(piece, taken);
      if (part.isNew) parts.push({ name: part.name, ...piece });
      value += `$(${part.name})`;
    }
  }
  return [...parts, { name, kind: 'text', value }];
}

/** Kubernetes reads `$(NAME)` in values; the user's own text is not meant so. */
export function literal(text: string): string {
  return text.replaceAll('$(', '$$$$(');
}

function partName(piece: Reference, taken: Map<string, string>): { readonly name: string; readonly isNew: boolean } {
  const meaning = `${piece.kind} ${piece.from} ${piece.key}`;
  const plain = `${piece.from}_${piece.key}`.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
  let name = /^\d/.test(plain) ? `_${plain}` : plain;
  while (taken.has(name) && taken.get(name) !== meaning) name = `_${name}`;
  const isNew = !taken.has(name);
  taken.set(name, meaning);
  return { name, isNew };
}
