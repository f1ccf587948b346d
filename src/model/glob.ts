// Argo CD's glob dialect (that of gobwas/glob), matched by a set of states: no pattern can make it slow.
// `*` is anything but a separator, `**` anything, `?` one character but a separator, `[a-z]` and `[!a-z]` one of a
// list, `{a,b}` one of several, `\` takes the next character as it is. Without separators `*` crosses everything.

type Node =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'many'; readonly separators: boolean }
  | { readonly kind: 'list'; readonly not: boolean; readonly ranges: readonly (readonly [string, string])[] }
  | { readonly kind: 'choice'; readonly choices: readonly (readonly Node[])[] };

/** A node and what follows it; undefined stands for the end of the pattern. */
type State = { readonly node: Node; readonly next: State | undefined };

const longest = 2000;
const remembered = 500;
const parsed = new Map<string, readonly Node[] | undefined>();

/** True when the whole text matches. A pattern that cannot be read matches nothing. */
export function matchesGlob(pattern: string, text: string, separators = ''): boolean {
  if (pattern === '*' && separators === '') return true;
  const nodes = nodesOf(pattern);
  if (nodes === undefined) return false;
  let states = new Set<State | undefined>();
  reach(chain(nodes, undefined), states);
  for (const character of text) {
    const following = new Set<State | undefined>();
    for (const state of states) if (state !== undefined) step(state, character, separators, following);
    if (following.size === 0) return false;
    states = following;
  }
  return states.has(undefined);
}

/** True when a pattern can be read. */
export function validGlob(pattern: string): boolean {
  return nodesOf(pattern) !== undefined;
}

function nodesOf(pattern: string): readonly Node[] | undefined {
  if (parsed.has(pattern)) return parsed.get(pattern);
  if (parsed.size >= remembered) parsed.clear();
  const nodes = pattern.length > longest ? undefined : parse(pattern);
  parsed.set(pattern, nodes);
  return nodes;
}

// States are told apart by identity: the same nodes before the same successor must be the same chain.
const chains = new WeakMap<readonly Node[], Map<State | undefined, State | undefined>>();

function chain(nodes: readonly Node[], next: State | undefined): State | undefined {
  const known = chains.get(nodes) ?? new Map<State | undefined, State | undefined>();
  chains.set(nodes, known);
  if (known.has(next)) return known.get(next);
  const state = nodes.reduceRight<State | undefined>((following, node) => ({ node, next: following }), next);
  known.set(next, state);
  return state;
}

/** Adds the state and all that is reached from it without a character. */
function reach(state: State | undefined, into: Set<State | undefined>): void {
  if (into.has(state)) return;
  into.add(state);
  if (state?.node.kind === 'many') reach(state.next, into);
  if (state?.node.kind === 'choice') for (const nodes of state.node.choices) reach(chain(nodes, state.next), into);
}

function step(state: State, character: string, separators: string, into: Set<State | undefined>): void {
  const { node, next } = state;
  if (node.kind === 'many') {
    if (node.separators || !separators.includes(character)) reach(state, into);
  } else if (takes(node, character, separators)) reach(next, into);
}

function takes(node: Node, character: string, separators: string): boolean {
  if (node.kind === 'literal') return node.text === character;
  if (node.kind === 'one') return !separators.includes(character);
  if (node.kind !== 'list') return false;
  return node.ranges.some(([from, to]) => from <= character && character <= to) !== node.not;
}

function parse(pattern: string): readonly Node[] | undefined {
  const reader = { characters: [...pattern], at: 0 };
  const nodes = parseSequence(reader, false);
  return reader.at === reader.characters.length ? nodes : undefined;
}

type Reader = { readonly characters: readonly string[]; at: number };

function parseSequence(reader: Reader, inChoice: boolean): readonly Node[] | undefined {
  const nodes: Node[] = [];
  for (;;) {
    const character = reader.characters[reader.at];
    if (character === undefined || (inChoice && (character === ',' || character === '}'))) return nodes;
    reader.at += 1;
    const node = parseNode(reader, character);
    if (node === undefined) return undefined;
    nodes.push(node);
  }
}

function parseNode(reader: Reader, character: string): Node | undefined {
  if (character === '?') return { kind: 'one' };
  if (character === '*') {
    if (reader.characters[reader.at] !== '*') return { kind: 'many', separators: false };
    while (reader.characters[reader.at] === '*') reader.at += 1;
    return { kind: 'many', separators: true };
  }
  if (character === '[') return parseList(reader);
  if (character === '{') return parseChoice(reader);
  if (character !== '\\') return { kind: 'literal', text: character };
  const escaped = reader.characters[reader.at++];
  return escaped === undefined ? undefined : { kind: 'literal', text: escaped };
}

function parseList(reader: Reader): Node | undefined {
  const not = reader.characters[reader.at] === '!';
  if (not) reader.at += 1;
  const ranges: [string, string][] = [];
  for (;;) {
    let from = reader.characters[reader.at++];
    if (from === ']' && ranges.length > 0) return { kind: 'list', not, ranges };
    if (from === '\\') from = reader.characters[reader.at++];
    if (from === undefined) return undefined;
    if (reader.characters[reader.at] === '-' && reader.characters[reader.at + 1] !== ']') {
      const to = reader.characters[reader.at + 1];
      if (to === undefined || to < from) return undefined;
      reader.at += 2;
      ranges.push([from, to]);
    } else ranges.push([from, from]);
  }
}

function parseChoice(reader: Reader): Node | undefined {
  const choices: (readonly Node[])[] = [];
  for (;;) {
    const nodes = parseSequence(reader, true);
    if (nodes === undefined) return undefined;
    choices.push(nodes);
    const end = reader.characters[reader.at++];
    if (end === '}') return { kind: 'choice', choices };
    if (end === undefined) return undefined;
  }
}
