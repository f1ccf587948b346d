// Takes over the fields of those who applied an object before us (kubectl, Helm, other GitOps engines): their entries
// in managedFields become ours, so that what a later manifest no longer has is removed. The method of client-go's
// csaupgrade: a JSON patch of managedFields that fails when the object has changed in between.
import { describe, fieldManager, type JsonObject, type KubeObject, stringAt } from '../model/index.ts';
import { objectPath, type ServedKind } from './discovery.ts';
import { fieldsOf, isMigratable, join, within } from './field-sets.ts';
import { isOurs, managedFields } from './owned.ts';
import type { Parts } from './parts.ts';
import { refusalError } from './refusal.ts';
import { readLive } from './send.ts';
import { lastApplied } from './three-way.ts';

const tries = 3;

/** Moves the fields of earlier appliers to us; does nothing when there are none. */
export async function migrateManagers(
  parts: Parts,
  kind: ServedKind,
  ref: Parameters<typeof readLive>[2],
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const live = await readLive(parts, kind, ref);
    const entries = live === undefined ? undefined : migrated(live);
    if (live === undefined || entries === undefined) return;
    const doing = `take over ${describe(ref)}`;
    const answer = await parts.client.ask({
      method: 'PATCH',
      path: `${objectPath(kind, ref.namespace, ref.name)}?fieldManager=${fieldManager}`,
      doing,
      who: parts.facts().turnOf(ref),
      contentType: 'application/json-patch+json',
      safe: true,
      body: JSON.stringify([
        { op: 'replace', path: '/metadata/managedFields', value: entries },
        { op: 'replace', path: '/metadata/resourceVersion', value: stringAt(live.metadata, 'resourceVersion') ?? '' },
      ]),
    });
    if (answer.status === 200 || answer.status === 404) return;
    if (answer.status !== 409 || attempt >= tries) throw refusalError(answer, doing);
  }
}

/** The managedFields with the entries of earlier appliers made ours; undefined when there are none. */
export function migrated(live: KubeObject): readonly JsonObject[] | undefined {
  const entries = managedFields(live);
  const theirs = entries.filter(isMigratable);
  if (theirs.length === 0) return undefined;
  const ours = entries.find((entry) => isOurs(entry) && entry.operation === 'Apply');
  const apiVersion = stringAt(ours, 'apiVersion') ?? stringAt(theirs[0], 'apiVersion') ?? live.apiVersion;
  let fields: JsonObject = fieldsOf(ours);
  const kept = entries.filter((entry) => entry !== ours && !isMigratable(entry));
  for (const entry of theirs) {
    // Field sets of different versions cannot be joined; those of the other version stay where they are.
    if (stringAt(entry, 'apiVersion') === apiVersion) fields = join(fields, takenFrom(entry, live));
    else kept.push(entry);
  }
  const time = stringAt(ours, 'time') ?? stringAt(theirs.at(-1), 'time');
  const entry: JsonObject = {
    manager: fieldManager,
    operation: 'Apply',
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
  };
  return Object.keys(fields).length === 0 ? kept : [entry, ...kept];
}

/**
 * The fields of an entry that were declared by somebody. `before-first-apply` stands for everything that an old object
 * had, defaults and all: only what kubectl's annotation names was declared.
 */
function takenFrom(entry: JsonObject, live: KubeObject): JsonObject {
  const fields = fieldsOf(entry);
  return entry.manager === 'before-first-apply' ? within(fields, lastApplied(live)) : fields;
}
