// Deletes one object, but only the very one that was meant.
import { describe, type ObjectRef } from '../model/index.ts';
import { objectPath } from './discovery.ts';
import { checkPlace, type Parts } from './parts.ts';
import { readRefusal, refusalError } from './refusal.ts';

/** How an object is deleted. */
export type Removal = {
  readonly uid?: string;
  readonly propagation: 'foreground' | 'background' | 'orphan';
  readonly dryRun?: boolean;
  readonly as?: string;
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
