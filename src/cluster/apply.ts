// Writes one manifest, and tells the facts what the server made of it before anybody else can.
import { describe, EngineError, idOf, type KubeObject, type Manifest, refOf, stringAt } from '../model/index.ts';
import type { Applied, ApplyOptions } from '../ports/index.ts';
import { asStored } from './as-stored.ts';
import type { ServedKind } from './discovery.ts';
import type { Fact } from './facts.ts';
import { migrateManagers } from './migrate.ts';
import { checkPlace, type Parts } from './parts.ts';
import { isTooStrict, refusalError } from './refusal.ts';
import { remove } from './remove.ts';
import { isConflict, objectIn, readLive, type Sending, sendApply, sendOtherwise, tryCreate } from './send.ts';

const conflictTries = 4;

/** Applies a manifest. EngineErrors: `kind-unknown`, `object-rejected`, `object-conflict`, and those of a request. */
export async function apply(parts: Parts, given: Manifest, options: ApplyOptions): Promise<Applied> {
  const manifest = asStored(given);
  const { ref } = manifest;
  const doing = `apply ${describe(ref)}`;
  const kind = await parts.kinds.find(ref.group, ref.kind, ref.version);
  if (kind === undefined) {
    throw new EngineError('kind-unknown', `${doing}: the cluster does not know this kind`, { retry: 'backoff' });
  }
  if (kind.namespaced && ref.namespace === '') {
    throw new EngineError('object-rejected', `${doing}: its namespace is missing`, { about: manifest.origin });
  }
  checkPlace(parts, kind, manifest);
  const id = idOf(ref);
  const facts = parts.facts();
  // An apply that the server makes up the name for has no object of its own yet.
  const before = ref.name === '' ? undefined : facts.find(ref);
  const earlier = before === undefined ? undefined : { version: before.version, owned: before.owned };
  const migrates = !options.dryRun && options.migrateManagers && options.how === 'server-side';
  facts.startWrite(id);
  try {
    if (migrates && before?.migratable === true) await migrateManagers(parts, kind, ref);
    const { object, created } = await write(parts, kind, manifest, options);
    const fact = options.dryRun ? undefined : await record(parts, kind, manifest, object);
    const now = fact ?? facts.passing(object, kind);
    if (created) return { kind: 'created', live: facts.live(now) };
    // A controller may have written its status in between: what counts is that nothing of ours has changed.
    const unchanged = now.version === earlier?.version || (now.owned !== '' && now.owned === earlier?.owned);
    return { kind: unchanged ? 'unchanged' : 'configured', live: facts.live(now) };
  } finally {
    facts.endWrite(id);
  }
}

type Written = { readonly object: KubeObject; readonly created: boolean };

async function write(parts: Parts, kind: ServedKind, manifest: Manifest, options: ApplyOptions): Promise<Written> {
  const { ref } = manifest;
  switch (ref.name === '' ? 'create' : options.how) {
    case 'server-side':
      return serverSide(parts, kind, manifest, options);
    case 'recreate':
      return recreate(parts, kind, manifest, options);
    case 'create':
      return otherwise(parts, kind, manifest, { ...options, how: 'create' });
    case 'replace':
    case 'client-side':
      return otherwise(parts, kind, manifest, options);
  }
}

async function otherwise(parts: Parts, kind: ServedKind, manifest: Manifest, sending: Sending): Promise<Written> {
  const { live, answer } = await sendOtherwise(parts, kind, manifest, sending);
  if (answer !== undefined) return { object: objectIn(answer, manifest.ref), created: answer.status === 201 };
  if (live !== undefined) return { object: live, created: false };
  throw new EngineError('internal', `apply ${describe(manifest.ref)}: nothing was sent`);
}

async function serverSide(parts: Parts, kind: ServedKind, manifest: Manifest, sending: Sending): Promise<Written> {
  for (let attempt = 1; ; attempt++) {
    const answer = await sendApply(parts, kind, manifest, sending);
    // By force there is no conflict of owners; this one is about somebody writing at the same moment.
    if (isConflict(answer) && attempt < conflictTries) continue;
    if (isTooStrict(answer, sending.validate) && sending.how === 'server-side') {
      return otherwise(parts, kind, manifest, { ...sending, how: 'client-side' });
    }
    return { object: objectIn(answer, manifest.ref), created: answer.status === 201 };
  }
}

const removalPatience = 20;
const removalPause = 250;

/** Removes the object and makes it anew; an object that does not go soon is left to a later pass. */
async function recreate(parts: Parts, kind: ServedKind, manifest: Manifest, options: ApplyOptions): Promise<Written> {
  const { ref } = manifest;
  const live = await readLive(parts, kind, ref);
  if (live === undefined) return serverSide(parts, kind, manifest, options);
  if (options.dryRun) {
    const answer = await sendApply(parts, kind, manifest, options);
    // What may not be changed in place may well be made anew.
    if (answer.status === 422) return { object: live, created: false };
    return { object: objectIn(answer, ref), created: false };
  }
  if (options.inPlace === true) {
    const answer = await sendApply(parts, kind, manifest, options);
    if (answer.status !== 422) return { object: objectIn(answer, ref), created: false };
  }
  // What the server would not take is not worth the loss of what is there.
  const trial = await tryCreate(parts, kind, manifest, options.validate);
  if (trial.status !== 409 && trial.status !== 201) throw refusalError(trial, `recreate ${describe(ref)}`);
  const uid = stringAt(live.metadata, 'uid');
  if (stringAt(live.metadata, 'deletionTimestamp') === undefined) {
    await remove(parts, ref, { propagation: 'foreground', ...(uid === undefined ? {} : { uid }) });
  }
  for (let look = 0; look < removalPatience; look++) {
    const now = await readLive(parts, kind, ref);
    if (now === undefined || stringAt(now.metadata, 'uid') !== uid) return serverSide(parts, kind, manifest, options);
    await parts.pause(removalPause);
  }
  throw new EngineError('object-conflict', `recreate ${describe(ref)}: the old one is still being removed`, {
    retry: 'backoff',
  });
}

/** Tells the facts; undefined when nobody watches the kind. */
async function record(
  parts: Parts,
  kind: ServedKind,
  manifest: Manifest,
  object: KubeObject,
): Promise<Fact | undefined> {
  const { group, kind: name } = kind;
  const watched = parts.watches.known(group, name);
  if (watched === undefined) return undefined;
  const list = parts.watches.list(group, name);
  if (watched.version === kind.version) return parts.facts().wrote(object, watched, manifest.digest, list);
  // Facts are compared in the version in which the kind is watched.
  const seen = parts.kinds.known(group, name, watched.version);
  const same = seen === undefined ? undefined : await readLive(parts, seen, refOf(object));
  return same === undefined ? undefined : parts.facts().wrote(same, watched, manifest.digest, list);
}
