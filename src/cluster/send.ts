// The four ways of writing a manifest, as requests; with `dryRun` the server does all but the last step.
//
//   server-side  PATCH apply, ours by force          replace  PUT over the live object
//   client-side  three-way merge against the live    create   POST
import {
  canonical,
  describe,
  EngineError,
  fieldManager,
  type JsonObject,
  type KubeObject,
  type Manifest,
  type ObjectRef,
  objectAt,
  stringAt,
} from '../model/index.ts';
import type { ApplyOptions } from '../ports/index.ts';
import { type Ask, parseObject } from './client.ts';
import { collectionPath, objectPath, type ServedKind } from './discovery.ts';
import { asObject, bodyOf, type Parts } from './parts.ts';
import { readRefusal, refusalError } from './refusal.ts';
import { lastApplied, mergePatch, mergeThreeWay } from './three-way.ts';
import type { Answer } from './transport.ts';

/** How a manifest is sent. */
export type Sending = Pick<ApplyOptions, 'how' | 'validate' | 'dryRun'>;

// The metadata of an object is enough as an answer.
const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

const conflictTries = 3;

/** Sends a manifest as a server-side apply; the answer whatever it is. */
export function sendApply(parts: Parts, kind: ServedKind, manifest: Manifest, sending: Sending): Promise<Answer> {
  const { ref, body } = manifest;
  return parts.client.ask({
    ...request(
      parts,
      'PATCH',
      `${objectPath(kind, ref.namespace, ref.name)}?${query(sending)}&force=true`,
      ref,
      sending,
    ),
    body,
    contentType: 'application/apply-patch+yaml',
    // An apply has one result, however often it is made.
    safe: true,
  });
}

/**
 * Dry-runs the creation of an object that does not exist: it meets the same validation and admission as an apply would,
 * for two thirds of the server's work. 409 when it exists after all.
 */
export function tryCreate(parts: Parts, kind: ServedKind, manifest: Manifest, validate: boolean): Promise<Answer> {
  const { ref, body } = manifest;
  const sending: Sending = { how: 'create', validate, dryRun: true };
  const path = `${collectionPath(kind, ref.namespace)}?${query(sending)}`;
  return parts.client.ask({ ...request(parts, 'POST', path, ref, sending), body, accept: metadataOnly, safe: true });
}

/** Sends a manifest in the other ways. `answer` is undefined when there was nothing to send. */
export async function sendOtherwise(
  parts: Parts,
  kind: ServedKind,
  manifest: Manifest,
  sending: Sending,
): Promise<{ readonly live: KubeObject | undefined; readonly answer: Answer | undefined }> {
  for (let attempt = 1; ; attempt++) {
    const live = sending.how === 'create' ? undefined : await readLive(parts, kind, manifest.ref);
    const ask =
      live === undefined
        ? createRequest(parts, kind, manifest, sending)
        : updateRequest(parts, kind, manifest, sending, live);
    if (ask === undefined) return { live, answer: undefined };
    const answer = await parts.client.ask(ask);
    const raced = answer.status === 409 && sending.how !== 'create' && attempt < conflictTries;
    if (!raced) return { live, answer };
  }
}

/** The whole live object in the version of `kind`, undefined when there is none. */
export async function readLive(parts: Parts, kind: ServedKind, ref: ObjectRef): Promise<KubeObject | undefined> {
  const doing = `read ${describe(ref)}`;
  const path = objectPath(kind, ref.namespace, ref.name);
  const answer = await parts.client.ask({ method: 'GET', path, doing, who: parts.facts().turnOf(ref) });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refusalError(answer, doing);
  return asObject(parseObject(answer.text, doing), doing);
}

/** The object in a successful answer; EngineError for every other answer. */
export function objectIn(answer: Answer, ref: ObjectRef): KubeObject {
  const doing = `apply ${describe(ref)}`;
  if (answer.status !== 200 && answer.status !== 201) throw refusalError(answer, doing);
  return asObject(parseObject(answer.text, doing), doing);
}

/** True when the server says that the object was changed by somebody else in between. */
export function isConflict(answer: Answer): boolean {
  return answer.status === 409 && readRefusal(answer).reason === 'Conflict';
}

function query({ dryRun, validate }: Sending): string {
  const strictness = validate ? 'Strict' : 'Ignore';
  return `fieldManager=${fieldManager}&fieldValidation=${strictness}${dryRun ? '&dryRun=All' : ''}`;
}

function request(parts: Parts, method: Ask['method'], path: string, ref: ObjectRef, { dryRun }: Sending): Ask {
  const doing = `${dryRun ? 'dry run' : 'apply'} ${describe(ref)}`;
  return { method, path, doing, who: parts.facts().turnOf(ref) };
}

function createRequest(parts: Parts, kind: ServedKind, manifest: Manifest, sending: Sending): Ask {
  const { ref } = manifest;
  const body = bodyOf(manifest);
  const path = `${collectionPath(kind, ref.namespace)}?${query(sending)}`;
  const sent = sending.how === 'client-side' ? withLastApplied(body, body) : body;
  return { ...request(parts, 'POST', path, ref, sending), body: JSON.stringify(sent) };
}

function updateRequest(
  parts: Parts,
  kind: ServedKind,
  manifest: Manifest,
  sending: Sending,
  live: KubeObject,
): Ask | undefined {
  const { ref } = manifest;
  const path = `${objectPath(kind, ref.namespace, ref.name)}?${query(sending)}`;
  const version = stringAt(live.metadata, 'resourceVersion') ?? '';
  const body = bodyOf(manifest);
  if (sending.how === 'replace') {
    const metadata = { ...objectAt(body, 'metadata'), resourceVersion: version };
    return { ...request(parts, 'PUT', path, ref, sending), body: JSON.stringify({ ...body, metadata }) };
  }
  const wanted = withLastApplied(body, body);
  const patch = mergePatch(live, mergeThreeWay(lastApplied(live), wanted, live));
  if (patch === undefined) return undefined;
  const metadata = { ...objectAt(patch, 'metadata'), resourceVersion: version };
  return {
    ...request(parts, 'PATCH', path, ref, sending),
    body: JSON.stringify({ ...patch, metadata }),
    contentType: 'application/merge-patch+json',
  };
}

const lastAppliedKey = 'kubectl.kubernetes.io/last-applied-configuration';

/** The body with `applied` written down in kubectl's annotation. */
function withLastApplied(body: JsonObject, applied: JsonObject): JsonObject {
  const metadata = objectAt(body, 'metadata');
  const { [lastAppliedKey]: _old, ...annotations } = objectAt(metadata, 'annotations');
  const plain = { ...applied, metadata: { ...objectAt(applied, 'metadata'), annotations } };
  const text = `${canonical(plain)}\n`;
  // An annotation holds 256 KiB in all; without it a removed field stays, which is what kubectl's users know.
  if (text.length > 250_000) {
    throw new EngineError('object-rejected', 'client-side apply: the manifest is too long for its annotation');
  }
  return { ...body, metadata: { ...metadata, annotations: { ...annotations, [lastAppliedKey]: text } } };
}
