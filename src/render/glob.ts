/**
 * Globs as Argo CD's users know them: gobwas without separators for `directory.include` and `.exclude` (`*` crosses
 * `/`), doublestar for Helm value files (`*` stays in a directory, `**` does not). Both take linear time per star.
 */
import type { Tree } from '../ports/index.ts';
import { joinPath } from './paths.ts';

/** Alternatives that `{a,b}` may expand to. */
const maxAlternatives = 256;

type Token =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'set'; readonly has: (char: string) => boolean };

/** A matcher for gobwas patterns; undefined when the pattern is malformed (it then matches nothing, as in Argo CD). */
export function gobwas(pattern: string): ((text: string) => boolean) | undefined {
  const alternatives = expandBraces(pattern);
  const compiled = alternatives?.map(compile);
  if (compiled === undefined || compiled.includes(undefined)) return undefined;
  return (text) => compiled.some((tokens) => tokens !== undefined && matches(tokens, text));
}

/** True when a Helm value file entry is a glob. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** The files that a doublestar pattern matches, a directory's own before those of its subdirectories, both by name. */
export async function globFiles(tree: Tree, pattern: string): Promise<string[]> {
  const found = new Set<string>();
  for (const alternative of expandBraces(pattern) ?? []) {
    const segments = alternative.split('/').filter((segment) => segment !== '');
    await walk({ tree, found, visited: new Set() }, '', segments);
  }
  return [...found];
}

/** `visited` holds directory and rest of the pattern, so that many double stars do not multiply. */
type Walk = { readonly tree: Tree; readonly found: Set<string>; readonly visited: Set<string> };

async function walk(state: Walk, at: string, segments: readonly string[]): Promise<void> {
  const [segment, ...rest] = segments;
  const visit = `${segments.length} ${at}`;
  if (segment === undefined || state.visited.has(visit)) return;
  state.visited.add(visit);
  if (segment === '**') {
    await walk(state, at, rest.length === 0 ? ['*'] : rest);
    for (const entry of (await state.tree.list(at)) ?? [])
      if (entry.kind === 'directory') await walk(state, joinPath(at, entry.name), segments);
    return;
  }
  if (!isGlob(segment)) return await step(state, joinPath(at, segment), rest);
  const tokens = compile(segment);
  if (tokens === undefined) return;
  for (const entry of (await state.tree.list(at)) ?? [])
    if (matches(tokens, entry.name)) await step(state, joinPath(at, entry.name), rest);
}

async function step(state: Walk, path: string, rest: readonly string[]): Promise<void> {
  if (rest.length > 0) return await walk(state, path, rest);
  if ((await state.tree.entry(path))?.kind === 'file') state.found.add(path);
}

/** `a{b,c}` as `ab`, `ac`; undefined when braces do not match or there are too many alternatives. */
function expandBraces(pattern: string): string[] | undefined {
  const open = indexOutside(pattern, '{', 0);
  if (open < 0) return [pattern];
  const parts: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open + 1; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === '\\') at++;
    else if (char === '{') depth++;
    else if (char === '}' && depth > 0) depth--;
    else if (char === ',' && depth === 0) {
      parts.push(pattern.slice(start, at));
      start = at + 1;
    } else if (char === '}') {
      parts.push(pattern.slice(start, at));
      return distribute(pattern.slice(0, open), parts, pattern.slice(at + 1));
    }
  }
  return undefined;
}

function distribute(before: string, parts: readonly string[], after: string): string[] | undefined {
  const all: string[] = [];
  for (const part of parts) {
    const expanded = expandBraces(`${before}${part}${after}`);
    if (expanded === undefined || all.length + expanded.length > maxAlternatives) return undefined;
    all.push(...expanded);
  }
  return all;
}

function indexOutside(pattern: string, char: string, from: number): number {
  for (let at = from; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === char) return at;
  }
  return -1;
}

function compile(pattern: string): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? '';
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (char === '?') tokens.push({ kind: 'any' });
    else if (char === '[') {
      const close = pattern.indexOf(']', at + 2);
      if (close < 0) return undefined;
      tokens.push({ kind: 'set', has: charSet(pattern.slice(at + 1, close)) });
      at = close;
    } else {
      const literal = char === '\\' ? (pattern[++at] ?? '\\') : char;
      tokens.push({ kind: 'set', has: (other) => other === literal });
    }
  }
  return tokens;
}

function charSet(content: string): (char: string) => boolean {
  const negated = content.startsWith('!') || content.startsWith('^');
  const set = negated ? content.slice(1) : content;
  return (char) => {
    let inside = false;
    for (let at = 0; at < set.length && !inside; at++) {
      const low = set[at] ?? '';
      if (set[at + 1] === '-' && at + 2 < set.length) {
        inside = low <= char && char <= (set[at + 2] ?? '');
        at += 2;
      } else inside = low === char;
    }
    return inside !== negated;
  };
}

/** Greedy matching with one point to come back to: the last star. */
function matches(tokens: readonly Token[], text: string): boolean {
  let at = 0;
  let token = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const current = tokens[token];
    if (current?.kind === 'star') {
      star = token++;
      starAt = at;
    } else if (current !== undefined && (current.kind === 'any' || current.has(text[at] ?? ''))) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (tokens[token]?.kind === 'star') token++;
  return token === tokens.length;
}
