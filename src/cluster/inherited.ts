// Objects that another engine has applied and we have not: while they equal their manifests they are left as they are,
// and are ours from the first real change on. What their earlier appliers own is watched in place of what we own.
import { isJsonObject, type Json, type JsonObject, type KubeObject } from '../model/index.ts';
import { declaredBy, fieldsOf, includes, isMigratable, join } from './field-sets.ts';
import { digestOfFields, isOurs, managedFields, type OwnedDigest } from './owned.ts';

const copy = 'f:kubectl.kubernetes.io/last-applied-configuration';

/** The digest over what earlier appliers own of an object that we own nothing of; '' where that says nothing certain. */
export function inheritedDigest(object: KubeObject): OwnedDigest {
  const theirs = inheritable(object);
  if (theirs === undefined) return '';
  const others = managedFields(object).filter((entry) => !isMigratable(entry));
  return digestOfFields(union(theirs), object, others);
}

/**
 * True when a dry run of ours shows that an object can stay as it is: its earlier appliers own everything that we would
 * own, and have declared nothing that the manifest no longer has.
 */
export function isInherited(live: KubeObject, predicted: KubeObject): boolean {
  const theirs = inheritable(live);
  const [ours, more] = managedFields(predicted).filter(isOurs);
  if (theirs === undefined || ours === undefined || more !== undefined || ours.apiVersion !== live.apiVersion)
    return false;
  const declared: JsonObject[] = [];
  for (const entry of theirs) {
    const fields = declaredBy(entry, live);
    if (fields === undefined) return false;
    declared.push(fields);
  }
  const mine = fieldsOf(ours);
  return includes(union(theirs), mine) && declared.every((fields) => includes(mine, withoutCopy(fields)));
}

// Entries of other versions cannot be joined; where we own something already, that alone counts.
function inheritable(object: KubeObject): readonly JsonObject[] | undefined {
  const entries = managedFields(object);
  const theirs = entries.filter(isMigratable);
  if (theirs.length === 0 || entries.some(isOurs)) return undefined;
  return theirs.every((entry) => entry.apiVersion === object.apiVersion) ? theirs : undefined;
}

function union(entries: readonly JsonObject[]): JsonObject {
  return withoutCopy(entries.map(fieldsOf).reduce(join, {}));
}

// kubectl's copy of the manifest is no field of anybody's.
function withoutCopy(fields: JsonObject): JsonObject {
  const metadata = fields['f:metadata'];
  const annotations = isJsonObject(metadata) ? metadata['f:annotations'] : undefined;
  if (!isJsonObject(metadata) || !isJsonObject(annotations) || !Object.hasOwn(annotations, copy)) return fields;
  const { [copy]: _, ...others } = annotations;
  const { 'f:annotations': __, ...rest } = metadata;
  const empty = Object.keys(others).every((key) => key === '.');
  const kept: Record<string, Json> = empty ? rest : { ...rest, 'f:annotations': others };
  return { ...fields, 'f:metadata': kept };
}
