/**
 * Builds values from js-yaml's events the way go-yaml v2 does: its scalars, its merge keys (a later one overwrites),
 * its tolerance for duplicate keys and unknown tags, its limits on aliases. Called for each document of a manifest file.
 */
import { EVENT_ID, type Event, getScalarValue, type MappingEvent, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { ownKey, setKey, type Value, type ValueObject } from '../exact-json.ts';
import { keyText, plainScalar, type Scalar, taggedScalar } from './scalars.ts';

/** Something wrong with a document, and where: an offset into its text. */
export class YamlProblem extends Error {
  readonly position: number;
  readonly limit: boolean;

  constructor(message: string, position: number, limit = false) {
    super(message);
    this.name = 'YamlProblem';
    this.position = position;
    this.limit = limit;
  }
}

/** One document; `duplicates` are keys that were set twice (the last wins) and where. */
export type Constructed = {
  readonly value: Value;
  readonly position: number;
  readonly duplicates: readonly { readonly key: string; readonly position: number }[];
};

/** Bytes of text that one document may have once its aliases are expanded. */
const maxExpandedChars = 64 << 20;

type Anchored = { readonly value: Value; readonly nodes: number; readonly chars: number; readonly kind: Event['type'] };

type State = {
  readonly source: string;
  readonly events: readonly Event[];
  index: number;
  anchors: Map<string, Anchored>;
  handles: ReadonlyMap<string, string>;
  nodes: number;
  aliased: number;
  chars: number;
  duplicates: { key: string; position: number }[];
};

/** All documents of `events`; throws YamlProblem. */
export function construct(source: string, events: readonly Event[]): Constructed[] {
  const state: State = {
    source,
    events,
    index: 0,
    anchors: new Map(),
    handles: new Map(),
    nodes: 0,
    aliased: 0,
    chars: 0,
    duplicates: [],
  };
  const documents: Constructed[] = [];
  while (state.index < events.length) {
    const event = next(state);
    if (event.type !== EVENT_ID.DOCUMENT) throw new YamlProblem('unexpected content', 0);
    state.anchors = new Map();
    state.nodes = 0;
    state.aliased = 0;
    state.chars = 0;
    state.duplicates = [];
    state.handles = new Map(event.directives.flatMap((d) => (d.kind === 'tag' ? [[d.handle, d.prefix] as const] : [])));
    const first = state.events[state.index];
    const position = first === undefined ? 0 : positionOf(first);
    const value = node(state, next(state));
    documents.push({ value, position, duplicates: state.duplicates });
    next(state);
  }
  return documents;
}

function next(state: State): Event {
  const event = state.events[state.index++];
  if (event === undefined) throw new YamlProblem('unexpected end', state.source.length);
  return event;
}

function positionOf(event: Event): number {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return event.anchorStart >= 0 ? event.anchorStart : Math.max(event.valueStart, 0);
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start;
    case EVENT_ID.ALIAS:
      return event.anchorStart;
    default:
      return 0;
  }
}

function node(state: State, event: Event): Value {
  state.nodes++;
  if (event.type === EVENT_ID.ALIAS) return alias(state, event.anchorStart, event.anchorEnd).value;
  if (event.type === EVENT_ID.SCALAR && event.anchorStart < 0) return scalar(state, event);
  const nodes = state.nodes;
  const chars = state.chars;
  const value = content(state, event);
  if ('anchorStart' in event && event.anchorStart >= 0) {
    state.anchors.set(state.source.slice(event.anchorStart, event.anchorEnd), {
      value,
      nodes: state.nodes - nodes + 1,
      chars: state.chars - chars,
      kind: event.type,
    });
  }
  return value;
}

function content(state: State, event: Event): Value {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return scalar(state, event);
    case EVENT_ID.MAPPING:
      return mapping(state, event);
    case EVENT_ID.SEQUENCE: {
      const list: Value[] = [];
      for (let item = next(state); item.type !== EVENT_ID.POP; item = next(state)) list.push(node(state, item));
      return list;
    }
    default:
      throw new YamlProblem('unexpected content', 0);
  }
}

function scalar(state: State, event: ScalarEvent): Scalar {
  const text = getScalarValue(state.source, event);
  state.chars += text.length;
  if (event.tagStart >= 0) {
    const tag = fullTag(state, state.source.slice(event.tagStart, event.tagEnd));
    const value = taggedScalar(tag, text);
    if (value === undefined) throw new YamlProblem(`cannot decode ${tag.replace(/^.*:/, '!!')}`, event.tagStart);
    return value;
  }
  return event.style === SCALAR_STYLE.PLAIN ? plainScalar(text) : text;
}

function fullTag(state: State, raw: string): string {
  if (raw.startsWith('!<')) return raw.slice(2, -1);
  const end = raw.indexOf('!', 1);
  const handle = end < 0 ? '!' : raw.slice(0, end + 1);
  const prefix = state.handles.get(handle) ?? (handle === '!!' ? 'tag:yaml.org,2002:' : handle);
  return prefix + raw.slice(handle.length);
}

function mapping(state: State, event: MappingEvent): ValueObject {
  const object: ValueObject = {};
  const merged = new Set<string>();
  for (let key = next(state); key.type !== EVENT_ID.POP; key = next(state)) {
    if (isMerge(state, key)) {
      merge(state, object, merged, key);
      continue;
    }
    const position = Math.max(positionOf(key), event.start);
    const name = node(state, key);
    if (typeof name === 'object' && name !== null) throw new YamlProblem('a key must be a scalar', position);
    const text = keyText(name);
    if (text === undefined) throw new YamlProblem('a key must not be null', position);
    if (Object.hasOwn(object, text) && !merged.delete(text)) state.duplicates.push({ key: text, position });
    setKey(object, text, node(state, next(state)));
  }
  return object;
}

function isMerge(state: State, key: Event): key is ScalarEvent {
  if (key.type !== EVENT_ID.SCALAR || key.valueEnd - key.valueStart !== 2) return false;
  if (getScalarValue(state.source, key) !== '<<') return false;
  if (key.tagStart < 0) return key.style === SCALAR_STYLE.PLAIN;
  return fullTag(state, state.source.slice(key.tagStart, key.tagEnd)) === 'tag:yaml.org,2002:merge';
}

/** go-yaml v2 copies the keys of a merge where it stands: over earlier keys, under later ones. */
function merge(state: State, into: ValueObject, merged: Set<string>, key: ScalarEvent): void {
  const event = next(state);
  const value = node(state, event);
  const from = Array.isArray(value) ? value.toReversed() : [value];
  const listed = event.type === EVENT_ID.SEQUENCE;
  if (Array.isArray(value) && !listed) throw new YamlProblem('a merge needs a map or a list of maps', key.valueStart);
  for (const source of from) {
    if (typeof source !== 'object' || source === null || Array.isArray(source))
      throw new YamlProblem('a merge needs a map or a list of maps', key.valueStart);
    for (const name of Object.keys(source)) {
      if (!Object.hasOwn(into, name)) merged.add(name);
      setKey(into, name, ownKey(source, name) ?? null);
    }
  }
}

function alias(state: State, start: number, end: number): Anchored {
  const name = state.source.slice(start, end);
  const anchor = state.anchors.get(name);
  if (anchor === undefined) throw new YamlProblem(`unknown anchor '${name}'`, start);
  state.nodes += anchor.nodes;
  state.aliased += anchor.nodes;
  state.chars += anchor.chars + anchor.nodes;
  const excessive =
    state.aliased > 100 && state.nodes > 1000 && state.aliased / state.nodes > allowedAliasRatio(state.nodes);
  if (excessive || state.chars > maxExpandedChars)
    throw new YamlProblem('the document contains excessive aliasing', start, true);
  return anchor;
}

/** go-yaml's rule: 99 % of a small document may come from aliases, 10 % of a very large one. */
function allowedAliasRatio(nodes: number): number {
  const low = 400_000;
  const high = 4_000_000;
  if (nodes <= low) return 0.99;
  if (nodes >= high) return 0.1;
  return 0.99 - (0.89 * (nodes - low)) / (high - low);
}
