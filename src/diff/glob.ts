// Globs without separators: `*` crosses `/`, as in Argo CD's gobwas dialect.

/** True when `text` matches `pattern`: `*` any run, `?` any one, `[a-z]` and `[!a-z]` sets, `{a,b}` alternatives. */
export function globMatch(pattern: string, text: string): boolean {
  if (!/[*?[{\\]/.test(pattern)) return pattern === text;
  return alternatives(pattern).some((one) => matchFrom(one, 0, text, 0));
}

function alternatives(pattern: string): readonly string[] {
  const open = pattern.indexOf('{');
  const close = open < 0 ? -1 : pattern.indexOf('}', open);
  if (close < 0) return [pattern];
  const [head, tail] = [pattern.slice(0, open), pattern.slice(close + 1)];
  const rest = alternatives(tail);
  return pattern
    .slice(open + 1, close)
    .split(',')
    .slice(0, 64)
    .flatMap((choice) => rest.map((end) => head + choice + end));
}

// Greedy with one way back per star: linear in the text for each star, never exponential.
function matchFrom(pattern: string, startP: number, text: string, startT: number): boolean {
  let p = startP;
  let t = startT;
  let starP = -1;
  let starT = -1;
  while (t < text.length) {
    const one = pattern[p] === '*' ? undefined : stepOver(pattern, p, text[t] ?? '');
    if (one !== undefined && one > 0) {
      p = one;
      t += 1;
    } else if (pattern[p] === '*') {
      starP = p;
      starT = t;
      p += 1;
    } else if (starP >= 0) {
      p = starP + 1;
      starT += 1;
      t = starT;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p >= pattern.length;
}

// The index behind the pattern element at `p` if it matches `char`, 0 if not, undefined at the end.
function stepOver(pattern: string, p: number, char: string): number | undefined {
  const token = pattern[p];
  if (token === undefined) return undefined;
  if (token === '?') return p + 1;
  if (token === '\\') return pattern[p + 1] === char ? p + 2 : 0;
  if (token !== '[') return token === char ? p + 1 : 0;
  const close = pattern.indexOf(']', p + 2);
  if (close < 0) return token === char ? p + 1 : 0;
  const negated = pattern[p + 1] === '!' || pattern[p + 1] === '^';
  const inside = setHas(pattern.slice(p + (negated ? 2 : 1), close), char);
  return inside !== negated ? close + 1 : 0;
}

function setHas(set: string, char: string): boolean {
  for (let i = 0; i < set.length; i += 1) {
    if (set[i + 1] === '-' && i + 2 < set.length) {
      if ((set[i] ?? '') <= char && char <= (set[i + 2] ?? '')) return true;
      i += 2;
    } else if (set[i] === char) return true;
  }
  return false;
}
