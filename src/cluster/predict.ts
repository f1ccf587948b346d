// What applying a manifest would do. Most answers need no request: the object is known to match, or what we own of it
// is what the manifest says. Else the server is asked with a dry run (of a creation where there is nothing yet), and
// only when that shows a difference is the live object read, to say which.
import { describe, type JsonObject, type KubeObject, type Manifest, type Prediction } from '../model/index.ts';
import type { ApplyOptions } from '../ports/index.ts';
import { asStored } from './as-stored.ts';
import { parseObject } from './client.ts';
import { fieldChanges } from './compare.ts';
import type { ServedKind } from './discovery.ts';
import { type Fact, isMatching } from './facts.ts';
import { isInherited } from './inherited.ts';
import { manifestOwned, ownedDigest } from './owned.ts';
import { asObject, bodyOf, checkPlace, type Parts } from './parts.ts';
import { isMissingNamespace, isTooStrict, isUnknownPath, readRefusal, refusalError, refusesDryRun } from './refusal.ts';
import { readLive, type Sending, sendApply, sendOtherwise, tryCreate } from './send.ts';
import { mergeThreeWay } from './three-way.ts';
import type { Answer } from './transport.ts';

type Options = Omit<ApplyOptions, 'dryRun'>;
type Remembered = { readonly digest: string; readonly options: string; readonly prediction: Prediction };

const same: Prediction = { kind: 'same' };
const raceTries = 3;

/** Predicts one apply. Throws only when the cluster cannot be asked. */
export async function predict(parts: Parts, given: Manifest, options: Options): Promise<Prediction> {
  const manifest = asStored(given);
  const { ref } = manifest;
  const kind = parts.kinds.known(ref.group, ref.kind, ref.version) ?? (await find(parts, manifest));
  if (kind === undefined) return { kind: 'unknown-kind' };
  if (kind.namespaced && ref.namespace === '') return { kind: 'rejected', message: 'its namespace is missing' };
  checkPlace(parts, kind, manifest);
  const known = parts.watches.complete(ref.group, ref.kind);
  const fact = known === undefined ? undefined : parts.facts().find(ref);
  const remembered = fact === undefined ? undefined : recall(parts, fact, manifest, options);
  if (remembered !== undefined) return remembered;
  const sending: Sending = { how: options.how, validate: options.validate, dryRun: true };
  const prediction =
    options.how === 'client-side' || options.how === 'replace' || ref.name === ''
      ? await predictOtherwise(parts, kind, manifest, ref.name === '' ? { ...sending, how: 'create' } : sending, fact)
      : await predictApply(parts, kind, manifest, sending, {
          fact,
          surelyNew: known !== undefined && fact === undefined,
        });
  if (fact !== undefined && prediction.kind === 'update') {
    const kept: Remembered = { digest: manifest.digest, options: keyOf(options), prediction };
    fact.predicted = kept;
  }
  return prediction;
}

function find(parts: Parts, { ref }: Manifest): Promise<ServedKind | undefined> {
  return parts.kinds.find(ref.group, ref.kind, ref.version);
}

/** What memory says. */
function recall(parts: Parts, fact: Fact, manifest: Manifest, options: Options): Prediction | undefined {
  if (fact.known === manifest.digest && isMatching(fact)) return same;
  const cached = fact.predicted as Remembered | undefined;
  if (cached !== undefined && fact.shape !== 0) {
    if (cached.digest === manifest.digest && cached.options === keyOf(options)) return cached.prediction;
  }
  const comparable = options.how === 'server-side' && fact.owned !== '' && fact.kind.version === manifest.ref.version;
  if (!comparable || manifestOwned(bodyOf(manifest)) !== fact.owned) return undefined;
  parts.facts().remember(fact, manifest.digest);
  return same;
}

function keyOf(options: Options): string {
  return `${options.how} ${options.validate} ${options.spared === true}`;
}

async function predictApply(
  parts: Parts,
  kind: ServedKind,
  manifest: Manifest,
  sending: Sending,
  { fact, surelyNew }: { readonly fact: Fact | undefined; readonly surelyNew: boolean },
): Promise<Prediction> {
  if (surelyNew) {
    const answer = await tryCreate(parts, kind, manifest, sending.validate);
    if (answer.status === 201) return { kind: 'create' };
    // It may exist after all: the watch is behind.
    if (answer.status !== 409) return refused(parts, kind, manifest, sending, answer);
  }
  // What is known to have drifted needs the live object anyway: both questions at once.
  let early =
    fact !== undefined && fact.known !== '' && !isMatching(fact) ? readLive(parts, kind, manifest.ref) : undefined;
  early?.catch(() => undefined);
  for (let attempt = 1; ; attempt++) {
    const answer = await sendApply(parts, kind, manifest, sending);
    if (answer.status === 201) return { kind: 'create' };
    if (isTooStrict(answer, sending.validate) && sending.how === 'server-side') {
      return predictOtherwise(parts, kind, manifest, { ...sending, how: 'client-side' }, fact);
    }
    if (answer.status !== 200) return refused(parts, kind, manifest, sending, answer);
    const predicted = parsed(answer, manifest);
    if (fact !== undefined && isUnchanged(fact, predicted, manifest)) {
      parts.facts().remember(fact, manifest.digest);
      return same;
    }
    const live = await (early ?? readLive(parts, kind, manifest.ref));
    early = undefined;
    const sameTime = live !== undefined && versionOf(live) === versionOf(predicted);
    if (sameTime || attempt >= raceTries) {
      return live === undefined ? { kind: 'create' } : judge(parts, manifest, fact, live, predicted);
    }
  }
}

/** True when the dry run shows exactly what is known to be live. */
function isUnchanged(fact: Fact, predicted: KubeObject, manifest: Manifest): boolean {
  return (
    fact.owned !== '' &&
    fact.kind.version === manifest.ref.version &&
    fact.version === versionOf(predicted) &&
    fact.owned === ownedDigest(predicted)
  );
}

function judge(
  parts: Parts,
  manifest: Manifest,
  fact: Fact | undefined,
  live: KubeObject,
  predicted: KubeObject,
): Prediction {
  const fields = fieldChanges(live, predicted, parts.sensitive());
  if (fields.length > 0) return { kind: 'update', fields };
  const known = fact !== undefined && fact.version === versionOf(live);
  // Equal values that are not ours yet are still to be taken over, or nobody would notice their loss: unless they are
  // those of an engine before us. Then what it owns is watched, and nothing has to be written.
  const inherited = known && fact.owned !== '' && isInherited(live, predicted);
  if (!inherited && ownedDigest(live) !== ownedDigest(predicted)) return { kind: 'update', fields };
  if (known) parts.facts().remember(fact, manifest.digest);
  return same;
}

async function predictOtherwise(
  parts: Parts,
  kind: ServedKind,
  manifest: Manifest,
  sending: Sending,
  fact: Fact | undefined,
): Promise<Prediction> {
  const { live, answer } = await sendOtherwise(parts, kind, manifest, sending);
  if (answer !== undefined && answer.status !== 200 && answer.status !== 201) {
    return refused(parts, kind, manifest, sending, answer);
  }
  if (live === undefined) return { kind: 'create' };
  const fields = answer === undefined ? [] : fieldChanges(live, parsed(answer, manifest), parts.sensitive());
  if (fields.length > 0) return { kind: 'update', fields };
  if (fact !== undefined && fact.version === versionOf(live)) parts.facts().remember(fact, manifest.digest);
  return same;
}

async function refused(
  parts: Parts,
  kind: ServedKind,
  manifest: Manifest,
  sending: Sending,
  answer: Answer,
): Promise<Prediction> {
  const refusal = readRefusal(answer);
  if (isMissingNamespace(refusal)) return { kind: 'no-namespace' };
  if (isUnknownPath(refusal)) return { kind: 'unknown-kind' };
  const error = refusalError(answer, `dry run ${describe(manifest.ref)}`);
  if (error.code !== 'object-rejected') throw error;
  const untold = refusesDryRun(refusal);
  if ((sending.how === 'recreate' && (await takesAnew(parts, kind, manifest, sending))) || untold) {
    // What cannot be changed in place will be made anew, and what cannot be tried is compared on paper.
    const live = await readLive(parts, kind, manifest.ref);
    if (live !== undefined) return { kind: 'update', fields: changesOnPaper(parts, live, bodyOf(manifest)) };
    if (untold) return { kind: 'create' };
  }
  return { kind: 'rejected', message: refusal.message };
}

// A server checks a creation before it says that the object exists.
async function takesAnew(parts: Parts, kind: ServedKind, manifest: Manifest, sending: Sending): Promise<boolean> {
  const { status } = await tryCreate(parts, kind, manifest, sending.validate);
  return status === 409 || status === 201;
}

function changesOnPaper(parts: Parts, live: KubeObject, body: JsonObject) {
  return fieldChanges(live, asObject(mergeThreeWay({}, body, live), 'compare'), parts.sensitive());
}

function parsed(answer: Answer, { ref }: Manifest): KubeObject {
  const doing = `dry run ${ref.kind} ${ref.name}`;
  return asObject(parseObject(answer.text, doing), doing);
}

function versionOf(object: KubeObject): string {
  return String(object.metadata.resourceVersion ?? '');
}
