// The families of keys `resource.customizations.<what>.<group_Kind>` of argocd-cm, and the older key
// `resource.customizations` that holds all of them in one text: what people say about single kinds of objects.
import {
  type ActionSettings,
  type HealthScript,
  type IgnoreRule,
  isJsonObject,
  type Json,
  type JsonObject,
  listAt,
  stringAt,
} from '../model/index.ts';
import { readYaml, type SettingsReader, texts } from './setting-values.ts';

/** What is customized. */
export type Customizations = {
  readonly ignoreDifferences: readonly IgnoreRule[];
  readonly healthScripts: readonly HealthScript[];
  readonly actions: readonly ActionSettings[];
};

type Kind = { readonly group: string; readonly kind: string };
/** One customization of one kind, as text, and the key that it was read from. */
type Entry = Kind & { readonly key: string; readonly text: string };

const prefix = 'resource.customizations.';
const legacyKey = 'resource.customizations';
/** Families of Argo CD that need no reading: our comparison is by ownership, and the server knows the types. */
const needless: ReadonlySet<string> = new Set(['ignoreResourceUpdates', 'knownTypeFields']);
const legacyNames: Readonly<Record<string, string>> = {
  'health.lua': 'health',
  'health.lua.useOpenLibs': 'useOpenLibs',
  actions: 'actions',
  ignoreDifferences: 'ignoreDifferences',
};

/** Reads all customizations; those that cannot be read are problems, and are left out. */
export function readCustomizations(reader: SettingsReader): Customizations {
  const families = new Map<string, Entry[]>();
  const add = (family: string, entry: Entry): void => {
    const entries = families.get(family) ?? [];
    families.set(family, entries);
    entries.push(entry);
  };
  for (const [key, text] of Object.entries(reader.data)) readKey(reader, key, text, add);
  readLegacy(reader, add);
  const open = new Map(
    (families.get('useOpenLibs') ?? []).map((one) => [`${one.group}/${one.kind}`, one.text.trim() === 'true']),
  );
  const healthScripts = (families.get('health') ?? []).map(({ group, kind, text }) => ({
    group,
    kind,
    script: text,
    openLibs: open.get(`${group}/${kind}`) ?? false,
  }));
  return {
    ignoreDifferences: (families.get('ignoreDifferences') ?? []).flatMap((entry) => ignoreRule(reader, entry) ?? []),
    healthScripts: healthScripts.filter(({ script }) => script.trim() !== ''),
    actions: (families.get('actions') ?? []).flatMap((entry) => actionSettings(reader, entry) ?? []),
  };
}

function readKey(reader: SettingsReader, key: string, text: string, add: (family: string, entry: Entry) => void): void {
  if (!key.startsWith(prefix)) return;
  const [family = '', ...rest] = key.slice(prefix.length).split('.');
  const name = rest.join('.');
  if (needless.has(family)) return;
  if (!Object.values(legacyNames).includes(family) || name === '') {
    reader.problems.push(`${key}: is no customization that is known`);
    return;
  }
  const parts = name.split('_');
  const [first = '', second] = parts;
  if (parts.length > 2 || (second ?? first) === '') {
    reader.problems.push(`${key}: must end with GROUP_KIND, or KIND for the core group`);
    return;
  }
  const kind = second === undefined ? anyOr(first) : { group: first, kind: second };
  add(family, { ...kind, key, text });
}

function anyOr(kind: string): Kind {
  return kind === 'all' ? { group: '*', kind: '*' } : { group: '', kind };
}

function readLegacy(reader: SettingsReader, add: (family: string, entry: Entry) => void): void {
  const legacy = readYaml(reader, legacyKey, reader.data[legacyKey] ?? '');
  if (legacy === undefined || legacy === null) return;
  if (!isJsonObject(legacy)) {
    reader.problems.push(`${legacyKey}: must be a map of GROUP/KIND`);
    return;
  }
  for (const [name, customization] of Object.entries(legacy)) {
    if (!isJsonObject(customization)) continue;
    const slash = name.indexOf('/');
    const kind = slash < 0 ? { group: '', kind: name } : { group: name.slice(0, slash), kind: name.slice(slash + 1) };
    for (const [field, value] of Object.entries(customization)) {
      const family = legacyNames[field];
      const text = typeof value === 'string' ? value : typeof value === 'boolean' ? String(value) : undefined;
      if (family !== undefined && text !== undefined) add(family, { ...kind, key: `${legacyKey}: ${name}`, text });
    }
  }
}

function ignoreRule(reader: SettingsReader, { group, kind, key, text }: Entry): IgnoreRule | undefined {
  const rule = readMap(reader, key, text);
  if (rule === undefined) return undefined;
  return {
    group,
    kind,
    namespace: '',
    name: '',
    jsonPointers: texts(rule, 'jsonPointers'),
    jqPathExpressions: texts(rule, 'jqPathExpressions'),
    managers: texts(rule, 'managedFieldsManagers'),
  };
}

function actionSettings(reader: SettingsReader, { group, kind, key, text }: Entry): ActionSettings | undefined {
  const written = readMap(reader, key, text);
  if (written === undefined) return undefined;
  const definitions = listAt(written, 'definitions').flatMap((one: Json) => {
    const [name, script] = [stringAt(one, 'name'), stringAt(one, 'action.lua')];
    if (name !== undefined && script !== undefined) return [{ name, script }];
    reader.problems.push(`${key}: a definition needs a name and an action.lua`);
    return [];
  });
  const discovery = stringAt(written, 'discovery.lua') ?? '';
  return { group, kind, discovery, definitions, mergeBuiltin: written.mergeBuiltinActions === true };
}

function readMap(reader: SettingsReader, key: string, text: string): JsonObject | undefined {
  const value = readYaml(reader, key, text);
  if (value === undefined || isJsonObject(value)) return value;
  if (value !== null) reader.problems.push(`${key}: must be a map`);
  return undefined;
}
