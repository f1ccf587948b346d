// How large a status may become, and what is kept when there is more.
import type { JsonObject, ResourceReport } from '../../model/index.ts';

/** Sizes in bytes of JSON, except `message` (characters), `history`, `summary` and `objects` (entries). */
export type Limits = {
  readonly resources: number;
  readonly results: number;
  readonly fields: number;
  readonly message: number;
  readonly history: number;
  readonly summary: number;
  readonly objects: number;
};

/** The most that a status may take. Spec, annotations and managed fields share etcd's 1.5 MB with it. */
export const statusLimit = 1_000_000;

/** So many items are never measured. */
const few = 50;

/** Tried in order until the status fits; large Helm values repeat in every history entry, so history gives way too. */
export const ladder: readonly [Limits, ...Limits[]] = [
  { resources: 500_000, results: 250_000, fields: 100_000, message: 4000, history: 1000, summary: 1000, objects: 200 },
  { resources: 250_000, results: 100_000, fields: 0, message: 1000, history: 3, summary: 200, objects: 50 },
  { resources: 50_000, results: 20_000, fields: 0, message: 300, history: 1, summary: 20, objects: 10 },
];

/** The items that fit into `bytes`, the most troubled (lowest rank) first, in their old order; and how many do not. */
export function keepWithin<T>(
  items: readonly T[],
  bytes: number,
  write: (item: T) => JsonObject,
  rank: (item: T) => number,
): { readonly kept: readonly JsonObject[]; readonly omitted: number } {
  const written = items.map(write);
  // The longest messages cannot make so few of them too large.
  if (items.length <= few) return { kept: written, omitted: 0 };
  const sizes = written.map((item) => utf8Length(JSON.stringify(item)) + 1);
  if (sizes.reduce((sum, size) => sum + size, 0) <= bytes) return { kept: written, omitted: 0 };
  const order = items
    .map((item, index) => ({ index, rank: rank(item) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index);
  const keep = new Set<number>();
  let left = bytes;
  for (const { index } of order) {
    left -= sizes[index] ?? 0;
    if (left < 0) break;
    keep.add(index);
  }
  return { kept: written.filter((_, index) => keep.has(index)), omitted: items.length - keep.size };
}

/** 0 for an object that needs attention, 1 for one on its way, 2 for one that is fine. */
export function troubleOf(resource: ResourceReport): number {
  const health = resource.health?.status;
  if (resource.status === 'OutOfSync' || resource.status === 'Unknown' || resource.requiresPruning) return 0;
  if (health === 'Degraded' || health === 'Missing' || health === 'Unknown') return 0;
  return health === 'Progressing' || health === 'Suspended' ? 1 : 2;
}

/** Whether a value takes more than the limit as JSON in UTF-8. */
export function exceeds(value: JsonObject, limit: number): boolean {
  const text = JSON.stringify(value);
  // No character takes more than three bytes for each of its units.
  return text.length * 3 > limit && utf8Length(text) > limit;
}

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate pair is four bytes: two for each of its halves.
    length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return length;
}
