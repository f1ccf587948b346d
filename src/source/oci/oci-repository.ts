import { join } from 'node:path';
import {
  at,
  EngineError,
  highest,
  isRange,
  type Json,
  listAt,
  numberAt,
  objectAt,
  parseRange,
  stringAt,
} from '../../model/index.ts';
import type { Resolved, RevisionInfo } from '../../ports/index.ts';
import type { ArchiveCache, OpenedArchive } from '../archive/archive-cache.ts';
import { chooseVersion, isExactVersion } from '../helm/chart-choice.ts';
import { JsonFile } from '../json-file.ts';
import { Polled, type PolledOptions, type Restored } from '../polled.ts';
import { staleOf } from '../stale.ts';
import { restoredFailure, storedFailure } from '../stored-failure.ts';
import { type ChosenLayer, chooseLayer, isIndex, manifestsOfIndex } from './choose-layer.ts';
import { checkedTag, isDigest, tagOfVersion, versionOfTag } from './reference.ts';
import type { Registry } from './registry.ts';

/** What is known of a repository: its tags (when somebody follows a range), and what followed tags point at. */
type OciState = { readonly tags: readonly string[]; readonly digests: ReadonlyMap<string, string> };

type Opened = OpenedArchive & { readonly revision: string };
type Manifest = { readonly layer: ChosenLayer; readonly annotations: Readonly<Record<string, Json>> };

/** What one repository in a registry needs from outside. */
export type OciRepositoryOptions = {
  /** `oci://host/org/name`, for messages. */
  readonly about: string;
  readonly dir: string;
  readonly registry: Registry;
  readonly archives: ArchiveCache;
  /** Told the tags that moved; none when it fell silent or came back. */
  readonly changed: (tags: readonly string[]) => void;
} & Pick<PolledOptions<OciState>, 'clock' | 'random' | 'interval'>;

const maxLayer = 100 * 1024 * 1024;

/** One repository in an OCI registry: a chart's versions, or artifacts with plain manifests in one layer. */
export class OciRepository {
  readonly #options: OciRepositoryOptions;
  readonly #polled: Polled<OciState>;
  readonly #state: JsonFile;
  readonly #manifestFile: JsonFile;
  /** Manifests by reference (digest, or the tag of a chart's version): what opened once opens without the registry. */
  readonly #manifests: Map<string, Manifest>;
  readonly #followed = new Set<string>();
  #followsTags = false;
  #watched = false;
  #failing = false;

  private constructor(
    options: OciRepositoryOptions,
    files: { readonly state: JsonFile; readonly manifests: JsonFile },
    restored: Restored<OciState> | undefined,
    manifests: Map<string, Manifest>,
  ) {
    this.#options = options;
    this.#state = files.state;
    this.#manifestFile = files.manifests;
    this.#manifests = manifests;
    this.#failing = restored?.failing !== undefined;
    for (const tag of restored?.value.digests.keys() ?? []) this.#followed.add(tag);
    this.#followsTags = (restored?.value.tags.length ?? 0) > 0;
    const { clock, random, interval } = options;
    this.#polled = new Polled({
      clock,
      random,
      interval,
      ask: () => this.#ask(),
      settled: (before, known, when) => {
        if (known === undefined) return;
        const moved = before === undefined ? [] : movedTags(before, known.value);
        const turned = this.#failing !== (known.failing !== undefined);
        this.#failing = known.failing !== undefined;
        if (moved.length > 0 || turned || before === undefined) this.#state.save(() => stored({ ...known, at: when }));
        if (moved.length > 0 || turned) options.changed(moved);
      },
      ...(restored === undefined ? {} : { restored }),
    });
  }

  /** The repository with what was known of it before a restart. */
  static async open(options: OciRepositoryOptions): Promise<OciRepository> {
    const files = {
      state: new JsonFile(join(options.dir, 'tags.json')),
      manifests: new JsonFile(join(options.dir, 'manifests.json')),
    };
    return new OciRepository(
      options,
      files,
      restoredTags(await files.state.read()),
      restoredManifests(await files.manifests.read()),
    );
  }

  /** The version of the chart that `target` means now. */
  async resolveChart(target: string, fresh: boolean): Promise<Resolved> {
    if (isExactVersion(target)) return { revision: target, found: target };
    const known = await this.#withTags(fresh);
    const version = chooseVersion(known.value.tags.map(versionOfTag), target);
    if (version === undefined) throw this.#noRevision('chart-not-found', target === '' ? '*' : target);
    return { revision: version, found: target, ...staleOf(known) };
  }

  /** The digest of the artifact that `target` (tag, digest, range) means now. */
  async resolveArtifact(target: string, tagPrefix: string, fresh: boolean): Promise<Resolved> {
    if (isDigest(target)) return { revision: target, found: '' };
    let tag = target === '' ? 'latest' : target;
    if (isRange(target)) {
      const range = parseRange(target);
      const { value } = await this.#withTags(fresh);
      const names = value.tags.filter((name) => name.startsWith(tagPrefix)).map((name) => name.slice(tagPrefix.length));
      const best = range === undefined ? undefined : highest(range, names);
      if (best === undefined) throw this.#noRevision('revision-not-found', tagPrefix + target);
      tag = tagPrefix + best;
    } else tag = tagPrefix + tag;
    checkedTag(tag, this.#options.about);
    const followedAlready = this.#followed.has(tag);
    this.#followed.add(tag);
    this.#pollWhatMoves();
    let known = await this.#polled.get(fresh);
    if (!followedAlready && !known.value.digests.has(tag)) known = await this.#polled.get(true);
    const digest = known.value.digests.get(tag);
    if (digest === undefined) {
      if (known.failing === undefined) this.#followed.delete(tag);
      throw known.failing?.error ?? this.#noRevision('revision-not-found', tag);
    }
    return { revision: digest, found: tag, ...staleOf(known) };
  }

  /** The files of an artifact, by digest. */
  async artifact(digest: string): Promise<Opened> {
    return { ...(await this.#open(digest)), revision: digest };
  }

  /** The archive of a chart, by version or range. */
  async chart(target: string): Promise<Opened> {
    const { revision } = await this.resolveChart(target, false);
    const tag = checkedTag(tagOfVersion(revision), this.#options.about);
    return { ...(await this.#open(tag)), revision };
  }

  async info(revision: string): Promise<RevisionInfo> {
    const reference = isDigest(revision) ? revision : checkedTag(tagOfVersion(revision), this.#options.about);
    const { annotations } = await this.#manifest(reference);
    const text = (name: string) => stringAt(annotations, `org.opencontainers.image.${name}`) ?? '';
    const tags = [...(this.#polled.known?.value.digests ?? [])].flatMap(([tag, digest]) =>
      digest === revision ? [tag] : [],
    );
    const message = text('description') || text('title');
    return { author: text('authors'), date: text('created'), message, tags, parents: [] };
  }

  wake(): Promise<void> {
    return this.#polled.ask();
  }

  watch(on: boolean): void {
    this.#watched = on;
    if (!on) this.#followed.clear();
    this.#pollWhatMoves();
  }

  async stop(): Promise<void> {
    this.#polled.watch(false);
    await Promise.all([this.#state.flush(), this.#manifestFile.flush()]);
  }

  async #withTags(fresh: boolean) {
    const first = !this.#followsTags;
    this.#followsTags = true;
    this.#pollWhatMoves();
    return this.#polled.get(fresh || first);
  }

  /** Exact versions and digests never move: nothing is asked for them. */
  #pollWhatMoves(): void {
    this.#polled.watch(this.#watched && (this.#followsTags || this.#followed.size > 0));
  }

  async #ask(): Promise<OciState> {
    const { registry } = this.#options;
    const tags = this.#followsTags ? await registry.tags() : [];
    const digests = new Map<string, string>();
    for (const tag of this.#followed) {
      try {
        digests.set(tag, await registry.digestOf(tag));
      } catch (error) {
        // One tag that is gone says nothing about the others.
        if (!(error instanceof EngineError) || error.code !== 'revision-not-found') throw error;
      }
    }
    return { tags, digests };
  }

  async #open(reference: string): Promise<OpenedArchive> {
    const { archives, registry, about } = this.#options;
    const { layer } = await this.#manifest(reference);
    const fetch = () => registry.blob(layer.digest, layer.size, maxLayer);
    return archives.open(`${this.#options.dir}\n${layer.digest}`, about, layer.isChart, fetch);
  }

  async #manifest(reference: string): Promise<Manifest> {
    const known = this.#manifests.get(reference);
    if (known !== undefined) return known;
    const { registry, about } = this.#options;
    let { manifest } = await registry.manifest(reference);
    if (isIndex(manifest)) {
      const chosen = manifestsOfIndex(manifest)[0];
      if (chosen === undefined)
        throw new EngineError('repo-config', `artifact: its index is empty: ${about}`, { about });
      ({ manifest } = await registry.manifest(chosen));
    }
    const found = { layer: chooseLayer(manifest, about), annotations: objectAt(manifest, 'annotations') };
    if (this.#manifests.size > 2_000) this.#manifests.clear();
    this.#manifests.set(reference, found);
    this.#manifestFile.save(() => Object.fromEntries(this.#manifests));
    return found;
  }

  #noRevision(code: 'chart-not-found' | 'revision-not-found', target: string): EngineError {
    const { about } = this.#options;
    return new EngineError(code, `registry: no such tag or version: ${target} in ${about}`, {
      about,
      retry: 'backoff',
    });
  }
}

function movedTags(before: OciState, after: OciState): readonly string[] {
  const moved = new Set<string>();
  for (const [tag, digest] of after.digests) if (before.digests.get(tag) !== digest) moved.add(tag);
  const old = new Set(before.tags);
  if (before.tags.length > 0) for (const tag of after.tags) if (!old.has(tag)) moved.add(tag);
  return [...moved].sort();
}

function stored({ value, at: when, failing }: Restored<OciState>): Json {
  return { at: when, tags: value.tags, digests: Object.fromEntries(value.digests), failing: storedFailure(failing) };
}

function restoredTags(json: Json | undefined): Restored<OciState> | undefined {
  const when = numberAt(json, 'at');
  if (when === undefined) return undefined;
  const tags = listAt(json, 'tags').filter((tag) => typeof tag === 'string');
  const digests = new Map<string, string>();
  for (const [tag, digest] of Object.entries(objectAt(json, 'digests'))) {
    if (typeof digest === 'string' && isDigest(digest)) digests.set(tag, digest);
  }
  const failing = restoredFailure(at(json, 'failing'));
  return { value: { tags, digests }, at: when, ...(failing === undefined ? {} : { failing }) };
}

function restoredManifests(json: Json | undefined): Map<string, Manifest> {
  const found = new Map<string, Manifest>();
  for (const [reference, entry] of Object.entries(objectAt(json))) {
    const digest = stringAt(entry, 'layer', 'digest') ?? '';
    const size = numberAt(entry, 'layer', 'size');
    if (!isDigest(digest) || size === undefined) continue;
    const layer = { digest, size, isChart: at(entry, 'layer', 'isChart') === true };
    found.set(reference, { layer, annotations: objectAt(entry, 'annotations') });
  }
  return found;
}
