/**
 * Where images stand in a YAML file, as offsets into its text: `image:` of pods and workloads, `images:` of a
 * kustomization, `repository` and `tag` of chart values, and whatever line carries our marker.
 */
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml';
import { normalImage, parseImage } from './name.ts';

/** A tag in a file. */
export type Place = {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Without tag, in normal form. */
  readonly image: string;
  readonly tag: string;
  /** '' where none is written. */
  readonly digest: string;
  /** The policy of the marker on its line, '' without one. */
  readonly policy: string;
  readonly start: number;
  readonly end: number;
  /** What stands between `start` and `end` for another tag. */
  readonly write: (tag: string, digest: string) => string;
};

type Scalar = {
  readonly kind: 'scalar';
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly plain: boolean;
};
type Node = Scalar | { readonly kind: 'list'; readonly items: readonly Node[] } | MapNode;
type MapNode = { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Node> };

const marker = /^[ \t]*["']?[ \t,}\]]*#[ \t]*plumbline:image\b(.*)$/;
const kustomization = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;

/** The images of a file; none when it cannot be read as YAML (a template, or broken). */
export function readPlaces(file: string, text: string): readonly Place[] {
  let events: readonly Event[];
  try {
    events = parseEvents(text, { maxDepth: 100 });
  } catch {
    return [];
  }
  const places = new Map<number, Place>();
  const reader = { text, events, index: 0 };
  while (reader.index < events.length) {
    reader.index++;
    const root = nodeOf(reader);
    reader.index++;
    if (root !== undefined) collect({ file, text, places }, root, kustomization.test(file));
  }
  return [...places.values()].sort((a, b) => a.start - b.start);
}

type Reader = { readonly text: string; readonly events: readonly Event[]; index: number };

/** The next node; undefined for what is not looked into (aliases). */
function nodeOf(reader: Reader): Node | undefined {
  const event = reader.events[reader.index++];
  if (event === undefined) return undefined;
  if (event.type === EVENT_ID.SCALAR) {
    const text = getScalarValue(reader.text, event);
    const [start, end] = [event.valueStart, event.valueEnd];
    return { kind: 'scalar', start, end, text, plain: event.style === SCALAR_STYLE.PLAIN };
  }
  const pop = () => reader.events[reader.index]?.type === EVENT_ID.POP;
  if (event.type === EVENT_ID.SEQUENCE) {
    const items: Node[] = [];
    while (reader.index < reader.events.length && !pop()) {
      const item = nodeOf(reader);
      if (item !== undefined) items.push(item);
    }
    reader.index++;
    return { kind: 'list', items };
  }
  if (event.type !== EVENT_ID.MAPPING) return undefined;
  const entries = new Map<string, Node>();
  while (reader.index < reader.events.length && !pop()) {
    const key = nodeOf(reader);
    const value = nodeOf(reader);
    if (key?.kind === 'scalar' && value !== undefined) entries.set(key.text, value);
  }
  reader.index++;
  return { kind: 'map', entries };
}

type Collecting = { readonly file: string; readonly text: string; readonly places: Map<number, Place> };

function collect(into: Collecting, node: Node, isKustomization: boolean): void {
  if (node.kind === 'list') for (const item of node.items) collect(into, item, false);
  if (node.kind === 'scalar') marked(into, node);
  if (node.kind !== 'map') return;
  for (const [key, value] of node.entries) {
    if (isKustomization && key === 'images' && value.kind === 'list')
      for (const item of value.items) kustomized(into, item);
    if (key === 'image' && value.kind === 'scalar') whole(into, value);
    if (key === 'tag' && value.kind === 'scalar') ofValues(into, node, value);
    collect(into, value, false);
  }
}

/** `images: [{name, newName, newTag}]`. */
function kustomized(into: Collecting, item: Node): void {
  if (item.kind !== 'map') return;
  const tag = item.entries.get('newTag');
  const image = textAt(item, 'newName') || textAt(item, 'name');
  if (tag?.kind === 'scalar' && image !== '') add(into, tag, image, tag.text, '', tagAlone(tag));
}

/** `repository: ghcr.io/acme/web`, perhaps with a `registry`, and `tag`. */
function ofValues(into: Collecting, map: MapNode, tag: Scalar): void {
  const repository = textAt(map, 'repository');
  const registry = textAt(map, 'registry');
  if (repository === '' || parseImage(repository)?.tag !== '') return;
  const [name = '', digest = ''] = tag.text.split('@');
  const image = registry === '' ? repository : `${registry}/${repository}`;
  const write = tagAlone(tag);
  add(into, tag, image, name, digest, (next, sum) => write(digest === '' ? next : `${next}@${sum}`, ''));
}

/** `image: name:tag@digest`. */
function whole(into: Collecting, node: Scalar): void {
  const name = parseImage(node.text);
  if (name === undefined || name.tag === '') return;
  const sumOf = (digest: string): string => (name.digest === '' ? '' : `@${digest}`);
  add(into, node, name.image, name.tag, name.digest, (tag, digest) => `${name.image}:${tag}${sumOf(digest)}`);
}

/** Any other scalar, where a marker says that it is an image or the tag of one. */
function marked(into: Collecting, node: Scalar): void {
  if (into.places.has(node.start)) return;
  const { policy, image } = markerAt(into.text, node.end);
  if (policy === '') return;
  if (image !== '') add(into, node, image, node.text, '', tagAlone(node));
  else whole(into, node);
}

function tagAlone(node: Scalar): Place['write'] {
  // `1.30` without quotes would be the number 1.3.
  return (tag) =>
    node.plain && /^[\d.+-][\d.eE_+-]*$|^(?:0x|0o|0b)/.test(tag) && !/\..*\./.test(tag) ? `"${tag}"` : tag;
}

function textAt(map: MapNode, key: string): string {
  const node = map.entries.get(key);
  return node?.kind === 'scalar' ? node.text : '';
}

function add(
  { file, text, places }: Collecting,
  node: Scalar,
  image: string,
  tag: string,
  digest: string,
  write: Place['write'],
): void {
  // Escapes and folded lines: what stands there is not what it means.
  if (text.slice(node.start, node.end) !== node.text || parseImage(image)?.image !== image) return;
  const line = text.slice(0, node.start).split('\n').length;
  const { policy } = markerAt(text, node.end);
  const place = { file, line, image: normalImage(image), tag, digest, policy, start: node.start, end: node.end, write };
  places.set(node.start, place);
}

/** The marker behind a value: `# plumbline:image policy=semver:^1.2 image=ghcr.io/acme/web`. */
function markerAt(text: string, end: number): { readonly policy: string; readonly image: string } {
  const newline = text.indexOf('\n', end);
  const rest = text.slice(end, newline < 0 ? undefined : newline).replace(/\r$/, '');
  const said = marker.exec(rest)?.[1] ?? '';
  const image = /(?:^|\s)image=(\S+)/.exec(said)?.[1] ?? '';
  const policy = /(?:^|\s)policy=(.*?)(?:\s+image=\S+)?\s*$/.exec(said)?.[1] ?? '';
  return { policy, image };
}
