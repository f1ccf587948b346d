// Deletes one object, but only the very one that was meant.
import { describe, listAt, type ObjectRef, stringAt } from '../model/index.ts';
import { objectPath, type ServedKind } from './discovery.ts';
import { checkPlace, type Parts } from './parts.ts';
import { readRefusal, refusalError } from './refusal.ts';
import { readLive } from './send.ts';

/** How an object is deleted. */
export type Removal = {
  readonly uid?: string;
  readonly propagation: 'foreground' | 'background' | 'orphan';
  readonly dryRun?: boolean;
  readonly as?: string;
  /** A finalizer that is taken off first. */
  readonly without?: string;
};

const policies = { foreground: 'Foreground', background: 'Background', orphan: 'Orphan' } as const;

/** Asks the server to delete an object; resolves when it has agreed, which may be before the object is gone. */
export async function remove(parts: Parts, ref: ObjectRef, removal: Removal): Promise<void> {
  const doing = `delete ${describe(ref)}`;
  // What no version serves any more is gone with its definition.
  const kind =
    (await parts.kinds.find(ref.group, ref.kind, ref.version)) ?? (await parts.kinds.find(ref.group, ref.kind));
  if (kind === undefined) return;
  checkPlace(parts, kind, { ref });
  if (removal.without !== undefined) await takeOff(parts, kind, ref, removal.without);
  const answer = await parts.client.ask({
    method: 'DELETE',
    path: objectPath(kind, ref.namespace, ref.name),
    doing,
    who: parts.facts().turnOf(ref),
    // With a uid a second request cannot meet another object.
    safe: removal.uid !== undefined,
    body: JSON.stringify({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: policies[removal.propagation],
      ...(removal.uid === undefined ? {} : { preconditions: { uid: removal.uid } }),
      ...(removal.dryRun === true ? { dryRun: ['All'] } : {}),
    }),
  });
  if (answer.status === 200 || answer.status === 202 || answer.status === 404) return;
  // Another object has taken the name: the one that was meant is gone.
  if (answer.status === 409 && /uid/i.test(readRefusal(answer).message)) return;
  throw refusalError(answer, doing);
}

// Without it the object may go at once, in the middle of this: then the deletion that follows meets nothing.
async function takeOff(parts: Parts, kind: ServedKind, ref: ObjectRef, finalizer: string): Promise<void> {
  const live = await readLive(parts, kind, ref);
  const finalizers = listAt(live?.metadata ?? {}, 'finalizers');
  if (live === undefined || !finalizers.includes(finalizer)) return;
  const doing = `release ${describe(ref)}`;
  const resourceVersion = stringAt(live.metadata, 'resourceVersion') ?? '';
  const answer = await parts.client.ask({
    method: 'PATCH',
    path: objectPath(kind, ref.namespace, ref.name),
    doing,
    who: parts.facts().turnOf(ref),
    body: JSON.stringify({ metadata: { resourceVersion, finalizers: finalizers.filter((one) => one !== finalizer) } }),
    contentType: 'application/merge-patch+json',
  });
  if (answer.status !== 200 && answer.status !== 404) throw refusalError(answer, doing);
}
