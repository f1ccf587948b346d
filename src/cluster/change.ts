// Changes one object in the way somebody asked for: a merge patch, its status apart where that is another resource.
import { describe, EngineError, type JsonObject, type ObjectRef, objectAt } from '../model/index.ts';
import { objectPath } from './discovery.ts';
import { checkPlace, type Parts } from './parts.ts';
import { refusalError } from './refusal.ts';

/** The field manager of such changes: not the engine's own, so that what Git says is seen to differ. */
const manager = 'plumbline-action';

/** Patches an object if it still has `uid`. EngineErrors `kind-unknown`, `object-rejected`, `object-conflict`. */
export async function change(parts: Parts, ref: ObjectRef, patch: JsonObject, uid: string): Promise<void> {
  const doing = `change ${describe(ref)}`;
  const kind = (await parts.kinds.find(ref.group, ref.kind, ref.version)) ?? parts.kinds.known(ref.group, ref.kind);
  if (kind === undefined) throw new EngineError('kind-unknown', `${doing}: the cluster does not know this kind`);
  checkPlace(parts, kind, { ref });
  const send = async (body: JsonObject, subresource = ''): Promise<number> => {
    const answer = await parts.client.ask({
      method: 'PATCH',
      path: `${objectPath(kind, ref.namespace, ref.name)}${subresource}?fieldManager=${manager}`,
      doing,
      who: parts.facts().turnOf(ref),
      contentType: 'application/merge-patch+json',
      body: JSON.stringify({ ...body, metadata: { ...objectAt(body, 'metadata'), uid } }),
    });
    const isPlainKind = subresource !== '' && answer.status === 404;
    if (answer.status !== 200 && !isPlainKind) throw refusalError(answer, doing);
    return answer.status;
  };
  const { status, ...rest } = patch;
  if (status === undefined) return void (await send(rest));
  // A kind without a status resource keeps its status in the object.
  if ((await send({ status }, '/status')) === 404) return void (await send(patch));
  if (Object.keys(rest).length > 0) await send(rest);
}
