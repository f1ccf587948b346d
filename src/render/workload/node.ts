/**
 * YAML as nodes that know where they were written, for workloads: each wrong field is told with its file and line.
 * Scalars keep their text as well, so that `1.10` stays `1.10` where text is wanted.
 */
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
import { EngineError } from '../../model/index.ts';
import { plainScalar, type Scalar, taggedScalar } from '../yaml/scalars.ts';
import { lineFinder, type Piece, splitDocuments } from '../yaml/split.ts';

/** A line of a file; lines count from 1. */
export type Place = { readonly file: string; readonly line: number };

export type MapNode = {
  readonly kind: 'map';
  readonly place: Place;
  readonly entries: ReadonlyMap<string, { readonly key: Place; readonly node: Node }>;
};
export type ListNode = { readonly kind: 'list'; readonly place: Place; readonly items: readonly Node[] };
export type ScalarNode = {
  readonly kind: 'scalar';
  readonly place: Place;
  readonly value: Scalar;
  /** As it is written, without quotes. */
  readonly text: string;
};
export type Node = MapNode | ListNode | ScalarNode;

const maxBytes = 1 << 20;
const maxNodes = 50_000;
const maxDepth = 64;

type Reading = {
  readonly file: string;
  readonly text: string;
  readonly events: readonly Event[];
  readonly lineOf: (position: number) => number;
  readonly anchors: Map<string, Node>;
  index: number;
  nodes: number;
};

/** The documents of a file that are not empty. EngineError `manifest-invalid` or `render-limit` with file and line. */
export function readNodes(text: string, file: string): readonly Node[] {
  if (text.length > maxBytes)
    throw new EngineError('render-limit', `${file}: larger than ${maxBytes} bytes`, { about: file });
  return splitDocuments(text)
    .flatMap((piece) => documentsOf(piece, file))
    .filter((node) => node.kind !== 'scalar' || node.value !== null);
}

function documentsOf(piece: Piece, file: string): Node[] {
  const reading: Reading = {
    file,
    text: piece.text,
    events: eventsOf(piece, file),
    lineOf: lineFinder(piece),
    anchors: new Map(),
    index: 0,
    nodes: 0,
  };
  const documents: Node[] = [];
  while (reading.index < reading.events.length) {
    next(reading);
    reading.anchors.clear();
    documents.push(nodeOf(reading, next(reading)));
    next(reading);
  }
  return documents;
}

function eventsOf(piece: Piece, file: string): readonly Event[] {
  try {
    return parseEvents(piece.text, { maxDepth });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw wrong({ file, line: piece.line + (error.mark?.line ?? 0) }, error.reason);
  }
}

function wrong(place: Place, message: string): EngineError {
  const about = `${place.file}:${place.line}`;
  return new EngineError('manifest-invalid', `${about}: ${message}`, { about });
}

function next(reading: Reading): Event {
  const event = reading.events[reading.index++];
  if (event === undefined) throw wrong({ file: reading.file, line: reading.lineOf(reading.text.length) }, 'ends early');
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

function nodeOf(reading: Reading, event: Event): Node {
  const place = { file: reading.file, line: reading.lineOf(positionOf(event)) };
  if (++reading.nodes > maxNodes) throw wrong(place, `more than ${maxNodes} values`);
  if (event.type === EVENT_ID.ALIAS) {
    const name = reading.text.slice(event.anchorStart, event.anchorEnd);
    const target = reading.anchors.get(name);
    if (target === undefined) throw wrong(place, `unknown anchor "${name}"`);
    reading.nodes += sizeOf(target);
    return target;
  }
  const node = contentOf(reading, event, place);
  if ('anchorStart' in event && event.anchorStart >= 0)
    reading.anchors.set(reading.text.slice(event.anchorStart, event.anchorEnd), node);
  return node;
}

function sizeOf(node: Node): number {
  if (node.kind === 'scalar') return 1;
  const children = node.kind === 'list' ? node.items : [...node.entries.values()].map((entry) => entry.node);
  return children.reduce((sum, child) => sum + sizeOf(child), 1);
}

function contentOf(reading: Reading, event: Event, place: Place): Node {
  switch (event.type) {
    case EVENT_ID.SCALAR: {
      const text = getScalarValue(reading.text, event);
      if (event.tagStart >= 0) {
        const tag = reading.text.slice(event.tagStart, event.tagEnd).replace(/^!!/, 'tag:yaml.org,2002:');
        return { kind: 'scalar', place, text, value: taggedScalar(tag, text) ?? text };
      }
      return { kind: 'scalar', place, text, value: event.style === SCALAR_STYLE.PLAIN ? plainScalar(text) : text };
    }
    case EVENT_ID.SEQUENCE: {
      const items: Node[] = [];
      for (let item = next(reading); item.type !== EVENT_ID.POP; item = next(reading))
        items.push(nodeOf(reading, item));
      return { kind: 'list', place, items };
    }
    case EVENT_ID.MAPPING:
      return mapOf(reading, place);
    default:
      throw wrong(place, 'unexpected content');
  }
}

function mapOf(reading: Reading, place: Place): MapNode {
  const entries = new Map<string, { key: Place; node: Node }>();
  const merged = new Set<string>();
  for (let key = next(reading); key.type !== EVENT_ID.POP; key = next(reading)) {
    const name = nodeOf(reading, key);
    if (name.kind !== 'scalar') throw wrong(name.place, 'a key must be text');
    const node = nodeOf(reading, next(reading));
    if (name.text === '<<') {
      for (const source of node.kind === 'list' ? node.items : [node]) {
        if (source.kind !== 'map') throw wrong(name.place, 'a merge needs a map');
        for (const [one, entry] of source.entries) {
          if (entries.has(one)) continue;
          entries.set(one, entry);
          merged.add(one);
        }
      }
      continue;
    }
    if (entries.has(name.text) && !merged.delete(name.text)) throw wrong(name.place, `"${name.text}" is set twice`);
    entries.set(name.text, { key: name.place, node });
  }
  return { kind: 'map', place, entries };
}

/** `over` laid over `node`: maps are merged key by key, null takes a key away, everything else replaces. */
export function layOver(node: Node, over: Node): Node {
  if (node.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map(node.entries);
  for (const [name, entry] of over.entries) {
    const below = entries.get(name);
    if (entry.node.kind === 'scalar' && entry.node.value === null) entries.delete(name);
    else entries.set(name, below === undefined ? entry : { key: entry.key, node: layOver(below.node, entry.node) });
  }
  return { ...node, entries };
}
