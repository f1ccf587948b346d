/**
 * The forms of a source's tool options, as a table: names are matched without regard to case, as Go's decoder does, and
 * values are checked. It reads `.argocd-source.yaml` files, whose words are those of the model.
 */
import { EngineError, isJsonObject, type Json, type JsonObject } from '../model/index.ts';

/** The form of one value. */
export type Form =
  | { readonly is: 'string' | 'boolean' | 'count' | 'json' }
  | { readonly is: 'list'; readonly of: Form }
  | { readonly is: 'map' }
  | { readonly is: 'fields'; readonly fields: Fields };

/** Fields by name, and what they are when left out; undefined leaves them out. */
export type Fields = Readonly<Record<string, { readonly form: Form; readonly absent?: Json }>>;

const text: Form = { is: 'string' };
const flag = { form: { is: 'boolean' }, absent: false } as const;
const optional = { form: text } as const;
const texts = { form: { is: 'list', of: text }, absent: [] } as const;
const map = { form: { is: 'map' }, absent: {} } as const;

const list = (fields: Fields): { readonly form: Form; readonly absent: Json } => ({
  form: { is: 'list', of: { is: 'fields', fields } },
  absent: [],
});

const required = { form: text, absent: '' } as const;
const jsonnetVars = list({ name: required, value: required, code: flag });

/** The options that a file in the repository may change, by tool. */
export const toolFields = {
  directory: {
    recurse: flag,
    include: optional,
    exclude: optional,
    jsonnet: { form: { is: 'fields', fields: { extVars: jsonnetVars, tlas: jsonnetVars, libs: texts } } },
  },
  helm: {
    valueFiles: texts,
    values: optional,
    valuesObject: { form: { is: 'json' } },
    parameters: list({ name: required, value: required, forceString: flag }),
    fileParameters: list({ name: required, path: required }),
    releaseName: optional,
    namespace: optional,
    passCredentials: flag,
    ignoreMissingValueFiles: flag,
    skipCrds: flag,
    skipTests: flag,
    skipSchemaValidation: flag,
    kubeVersion: optional,
    apiVersions: texts,
  },
  kustomize: {
    version: optional,
    namePrefix: optional,
    nameSuffix: optional,
    images: texts,
    replicas: list({ name: required, count: { form: { is: 'count' }, absent: 0 } }),
    namespace: optional,
    commonLabels: map,
    labelWithoutSelector: flag,
    labelIncludeTemplates: flag,
    forceCommonLabels: flag,
    commonAnnotations: map,
    commonAnnotationsEnvsubst: flag,
    forceCommonAnnotations: flag,
    patches: { form: { is: 'list', of: { is: 'json' } }, absent: [] },
    components: texts,
    ignoreMissingComponents: flag,
    kubeVersion: optional,
    apiVersions: texts,
  },
} as const satisfies Readonly<Record<string, Fields>>;

/** `patch` with the names of `fields` as the model spells them; unknown names vanish. */
export function spell(patch: JsonObject, fields: Fields): JsonObject {
  const out: Record<string, Json> = {};
  const names = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
  for (const [key, value] of Object.entries(patch)) {
    const name = names.get(key.toLowerCase());
    if (name !== undefined) out[name] = spellValue(value, fields[name]?.form ?? { is: 'json' });
  }
  return out;
}

function spellValue(value: Json, form: Form): Json {
  if (form.is === 'fields' && isJsonObject(value)) return spell(value, form.fields);
  if (form.is === 'list' && Array.isArray(value)) return (value as Json[]).map((item) => spellValue(item, form.of));
  return value;
}

/** `value` in its full form, defaults filled in. EngineError `manifest-invalid` names the file and the field. */
export function complete(value: JsonObject, fields: Fields, file: string, path: string): JsonObject {
  const out: Record<string, Json> = {};
  for (const [name, { form, absent }] of Object.entries(fields)) {
    const found = value[name];
    if (found !== undefined && found !== null) out[name] = check(found, form, file, `${path}.${name}`);
    else if (absent !== undefined) out[name] = absent;
  }
  return out;
}

function check(value: Json, form: Form, file: string, path: string): Json {
  switch (form.is) {
    case 'json':
      return value;
    case 'string':
    case 'boolean':
      if (typeof value === form.is) return value;
      break;
    case 'count':
      if (Number.isSafeInteger(Number(value)) && value !== '' && typeof value !== 'boolean') return Number(value);
      break;
    case 'map':
      if (isJsonObject(value) && Object.values(value).every((item) => typeof item === 'string')) return value;
      break;
    case 'list':
      if (Array.isArray(value)) return (value as Json[]).map((item, i) => check(item, form.of, file, `${path}[${i}]`));
      break;
    case 'fields':
      if (isJsonObject(value)) return complete(value, form.fields, file, path);
  }
  const wanted = { count: 'a whole number', map: 'a map of strings', list: 'a list', fields: 'an object' };
  const word = form.is in wanted ? wanted[form.is as keyof typeof wanted] : `a ${form.is}`;
  throw new EngineError('manifest-invalid', `${file}: ${path} must be ${word}`, { about: file });
}
