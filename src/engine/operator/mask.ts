import { isJsonObject, type JsonObject, objectAt } from '../../model/index.ts';

const hidden = '++++++++';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object as people may see it: without managedFields, and without the values of a Secret. */
export function shown(object: JsonObject): JsonObject {
  const { managedFields: _, ...metadata } = objectAt(object, 'metadata');
  const plain: JsonObject = { ...object, metadata };
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return plain;
  const annotations = objectAt(metadata, 'annotations');
  const { [lastApplied]: copy, ...rest } = annotations;
  return {
    ...plain,
    ...(copy === undefined ? {} : { metadata: { ...metadata, annotations: rest } }),
    ...(isJsonObject(object.data) ? { data: masked(object.data) } : {}),
    ...(isJsonObject(object.stringData) ? { stringData: masked(object.stringData) } : {}),
  };
}

function masked(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(values).map((key) => [key, hidden]));
}
