/**
 * Results of rendering, kept by what they rest on. Three steps lead to one: the key of the request's options, the values
 * of the facts that were used, the trace of the files that were read. Bounded in bytes, the least recently used goes.
 */
import type { EngineError, Manifest, Source } from '../model/index.ts';
import type { Rendered, RenderRequest } from '../ports/index.ts';
import { factValues, type UsedFacts } from './build-environment.ts';
import type { Trace } from './trace.ts';

/** What came out: manifests, or an error that will come again as long as the inputs stay. */
export type Outcome = { readonly rendered: Omit<Rendered, 'cached'> } | { readonly error: EngineError };

/** One result and everything it rests on. */
export type Variant = {
  readonly outcome: Outcome;
  readonly facts: UsedFacts;
  /** By index of the source. */
  readonly traces: ReadonlyMap<number, Trace>;
  /** Other repositories, and the revisions they were at. */
  readonly remotes: readonly { readonly source: Source; readonly revision: string }[];
  /** Milliseconds since the epoch; absent where all inputs have versions. */
  readonly expires?: number;
  /** Revisions known to agree with the traces, by index of the source, newest last. */
  readonly agreed: Map<number, string[]>;
};

/** Results for the same options and facts: a few states of the files. */
const variantsPerBucket = 3;

type Bucket = { readonly variants: Variant[]; readonly key: string; readonly shape: string; readonly values: string };
type Place = { readonly bucket: Bucket; readonly bytes: number };

/** The cache of one renderer. */
export class RenderCache {
  readonly #budget: number;
  /** Key, then names of the facts used, then their values. */
  readonly #entries = new Map<string, Map<string, Map<string, Bucket>>>();
  /** In the order of use. */
  readonly #places = new Map<Variant, Place>();
  #bytes = 0;

  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Bytes held, as estimated. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Results under `key` whose facts are those of `request`; their files are still to be compared. */
  *candidates(key: string, request: RenderRequest): Generator<Variant> {
    for (const bucket of this.#buckets(key, request)) yield* bucket.variants.toReversed();
  }

  /** Marks a result as used. */
  touch(variant: Variant): void {
    const place = this.#places.get(variant);
    if (place === undefined) return;
    this.#places.delete(variant);
    this.#places.set(variant, place);
  }

  /** Keeps a result; one of the same facts and digest is replaced. The outcome that is kept comes back. */
  add(key: string, request: RenderRequest, variant: Variant): Outcome {
    const bucket = this.#bucket(key, request, variant.facts);
    const kept: Variant = { ...variant, outcome: shareManifests(bucket.variants, variant.outcome) };
    const twin = bucket.variants.find((other) => digestOf(other.outcome) === digestOf(kept.outcome));
    if (twin !== undefined) this.#drop(twin);
    else if (bucket.variants.length >= variantsPerBucket && bucket.variants[0] !== undefined)
      this.#drop(bucket.variants[0]);
    const bytes = sizeOf(kept);
    if (bytes > this.#budget) return kept.outcome;
    // A drop may have emptied the bucket and taken it out.
    const home = this.#bucket(key, request, variant.facts);
    home.variants.push(kept);
    this.#places.set(kept, { bucket: home, bytes });
    this.#bytes += bytes;
    this.#shrink();
    return kept.outcome;
  }

  /** Forgets everything that `request` could be answered with. */
  forget(key: string, request: RenderRequest): void {
    for (const bucket of [...this.#buckets(key, request)])
      for (const variant of [...bucket.variants]) this.#drop(variant);
  }

  clear(): void {
    this.#entries.clear();
    this.#places.clear();
    this.#bytes = 0;
  }

  *#buckets(key: string, request: RenderRequest): Generator<Bucket> {
    for (const [shape, byValues] of this.#entries.get(key) ?? []) {
      const bucket = byValues.get(factValues(request, shape));
      if (bucket !== undefined) yield bucket;
    }
  }

  #bucket(key: string, request: RenderRequest, facts: UsedFacts): Bucket {
    const shape = [...facts.keys()].sort().join(' ');
    const values = factValues(request, shape);
    const byShape = getOrAdd(this.#entries, key, () => new Map<string, Map<string, Bucket>>());
    const byValues = getOrAdd(byShape, shape, () => new Map<string, Bucket>());
    return getOrAdd(byValues, values, () => ({ variants: [], key, shape, values }));
  }

  #drop(variant: Variant): void {
    const place = this.#places.get(variant);
    if (place === undefined) return;
    this.#places.delete(variant);
    this.#bytes -= place.bytes;
    const { bucket } = place;
    bucket.variants.splice(bucket.variants.indexOf(variant), 1);
    if (bucket.variants.length > 0) return;
    const byShape = this.#entries.get(bucket.key);
    const byValues = byShape?.get(bucket.shape);
    byValues?.delete(bucket.values);
    if (byValues?.size === 0) byShape?.delete(bucket.shape);
    if (byShape?.size === 0) this.#entries.delete(bucket.key);
  }

  #shrink(): void {
    for (const variant of this.#places.keys()) {
      if (this.#bytes <= this.#budget) return;
      this.#drop(variant);
    }
  }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function digestOf(outcome: Outcome): string {
  return 'rendered' in outcome ? outcome.rendered.digest : `${outcome.error.code} ${outcome.error.message}`;
}

/** Manifests that have not changed stay the same objects: a new commit costs the memory of what it changes. */
function shareManifests(variants: readonly Variant[], outcome: Outcome): Outcome {
  const last = variants.at(-1)?.outcome;
  if (last === undefined || !('rendered' in last) || !('rendered' in outcome)) return outcome;
  const known = new Map(last.rendered.manifests.map((manifest) => [identity(manifest), manifest]));
  const manifests = outcome.rendered.manifests.map((manifest) => known.get(identity(manifest)) ?? manifest);
  return { rendered: { ...outcome.rendered, manifests } };
}

function identity(manifest: Manifest): string {
  return `${manifest.digest} ${manifest.source} ${manifest.origin}`;
}

/** An estimate: text, and what objects cost around it. */
function sizeOf(variant: Variant): number {
  let bytes = 1_000;
  if ('rendered' in variant.outcome)
    for (const manifest of variant.outcome.rendered.manifests) bytes += 500 + manifest.body.length;
  for (const trace of variant.traces.values()) bytes += 250 * trace.size;
  return bytes;
}
