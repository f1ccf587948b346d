import { isJsonObject, type JsonObject, objectAt } from '../../model/index.ts';

const hidden = '++++++++';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object as people may see it: without managedFields, the values of a Secret and its sensitive annotations. */
export function shown(object: JsonObject, sensitive: readonly string[] = []): JsonObject {
  const { managedFields: _, ...metadata } = objectAt(object, 'metadata');
  const plain: JsonObject = { ...object, metadata };
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return plain;
  const annotations = objectAt(metadata, 'annotations');
  const { [lastApplied]: copy, ...rest } = annotations;
  const secrets = sensitive.filter((key) => Object.hasOwn(rest, key));
  const visible = { ...rest, ...Object.fromEntries(secrets.map((key) => [key, hidden])) };
  return {
    ...plain,
    ...(copy === undefined && secrets.length === 0 ? {} : { metadata: { ...metadata, annotations: visible } }),
    ...(isJsonObject(object.data) ? { data: masked(object.data) } : {}),
    ...(isJsonObject(object.stringData) ? { stringData: masked(object.stringData) } : {}),
  };
}

function masked(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(values).map((key) => [key, hidden]));
}
