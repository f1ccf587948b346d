// argocd-cm and argocd-cmd-params-cm → Settings; keys of our own begin with `plumbline.`. A key that cannot be read is a problem, and its default is used.
import { CORE_SCHEMA, load } from 'js-yaml';
import {
  defaultSettings,
  type IgnoreRule,
  isJsonObject,
  type Json,
  listAt,
  type ResourceFilter,
  type Settings,
  stringAt,
  type TrackingMethod,
} from '../model/index.ts';

/** The data of the two ConfigMaps; empty where there is none. */
export type SettingsData = {
  readonly config: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
};

type Reader = {
  readonly data: Readonly<Record<string, string>>;
  readonly problems: string[];
  readonly parseDuration: (text: string) => number | undefined;
};

const methods: readonly string[] = ['annotation', 'label', 'annotation+label'];
const ignorePrefix = 'resource.customizations.ignoreDifferences.';

/** Reads the settings. */
export function readSettings(data: SettingsData, parseDuration: Reader['parseDuration']): Settings {
  const problems: string[] = [];
  const config: Reader = { data: data.config, problems, parseDuration };
  const params: Reader = { data: data.params, problems, parseDuration };
  const { trackingMethod, pollInterval, pollJitter, maxDirectoryBytes, helmValuesFileSchemes, verdict } =
    defaultSettings;
  return {
    trackingMethod: oneOf(config, 'application.resourceTrackingMethod', methods, trackingMethod) as TrackingMethod,
    instanceLabelKey: config.data['application.instanceLabelKey']?.trim() || defaultSettings.instanceLabelKey,
    installationId: config.data.installationID?.trim() ?? '',
    pollInterval: duration(config, 'timeout.reconciliation', pollInterval),
    pollJitter: duration(config, 'timeout.reconciliation.jitter', pollJitter),
    ignoreDifferences: readIgnoreDifferences(config),
    exclusions: readFilters(config, 'resource.exclusions'),
    inclusions: readFilters(config, 'resource.inclusions'),
    helmEnabled: enabled(config, 'helm.enable'),
    kustomizeEnabled: enabled(config, 'kustomize.enable'),
    jsonnetEnabled: enabled(config, 'jsonnet.enable'),
    helmValuesFileSchemes: list(config.data['helm.valuesFileSchemes']) ?? helmValuesFileSchemes,
    kustomizeBuildOptions: config.data['kustomize.buildOptions']?.trim() ?? '',
    maxDirectoryBytes: bytes(params, 'reposerver.max.combined.directory.manifests.size', maxDirectoryBytes),
    verdict: {
      diffAfter: duration(config, 'plumbline.verdict.diffAfter', verdict.diffAfter),
      diffEvery: duration(config, 'plumbline.verdict.diffEvery', verdict.diffEvery),
      quietFor: duration(config, 'plumbline.verdict.quietFor', verdict.quietFor),
      stalledAfter: duration(config, 'plumbline.verdict.stalledAfter', verdict.stalledAfter),
    },
    problems,
  };
}

/** `application.namespaces`: where applications may lie beside the control namespace; globs or `/expressions/`. */
export function readApplicationNamespaces(params: Readonly<Record<string, string>>): readonly string[] {
  return list(params['application.namespaces']) ?? [];
}

function readIgnoreDifferences(reader: Reader): readonly IgnoreRule[] {
  const rules: IgnoreRule[] = [];
  for (const [key, value] of Object.entries(reader.data)) {
    if (!key.startsWith(ignorePrefix)) continue;
    const rule = yaml(reader, key, value);
    if (isJsonObject(rule)) rules.push(ruleOf(groupKind(key.slice(ignorePrefix.length), '_'), rule));
  }
  const legacy = yaml(reader, 'resource.customizations', reader.data['resource.customizations'] ?? '');
  if (isJsonObject(legacy))
    for (const [kind, customization] of Object.entries(legacy)) {
      const rule = yaml(reader, 'resource.customizations', stringAt(customization, 'ignoreDifferences') ?? '');
      if (isJsonObject(rule)) rules.push(ruleOf(groupKind(kind, '/'), rule));
    }
  return rules;
}

function ruleOf(kind: { readonly group: string; readonly kind: string }, rule: Json): IgnoreRule {
  return {
    ...kind,
    namespace: '',
    name: '',
    jsonPointers: texts(rule, 'jsonPointers'),
    jqPathExpressions: texts(rule, 'jqPathExpressions'),
    managers: texts(rule, 'managedFieldsManagers'),
  };
}

/** `apps_Deployment`, `ConfigMap` (the core group), or `all`. */
function groupKind(text: string, separator: string): { readonly group: string; readonly kind: string } {
  if (text === 'all' || text === '*/*') return { group: '*', kind: '*' };
  const split = text.lastIndexOf(separator);
  return split < 0 ? { group: '', kind: text } : { group: text.slice(0, split), kind: text.slice(split + 1) };
}

function readFilters(reader: Reader, key: string): readonly ResourceFilter[] {
  const written = yaml(reader, key, reader.data[key] ?? '');
  if (written === undefined || written === null) return [];
  if (!Array.isArray(written)) {
    reader.problems.push(`${key}: must be a list`);
    return [];
  }
  return written.map((item: Json) => ({
    apiGroups: texts(item, 'apiGroups'),
    kinds: texts(item, 'kinds'),
    clusters: texts(item, 'clusters'),
  }));
}

function yaml(reader: Reader, key: string, text: string): Json | undefined {
  if (text.trim() === '') return undefined;
  try {
    return load(text, { schema: CORE_SCHEMA }) as Json;
  } catch (thrown) {
    const reason = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : '';
    reader.problems.push(`${key}: is not YAML: ${reason}`);
    return undefined;
  }
}

function texts(value: Json, key: string): readonly string[] {
  return listAt(value, key).filter((item): item is string => typeof item === 'string');
}

function oneOf(reader: Reader, key: string, choices: readonly string[], otherwise: string): string {
  const value = reader.data[key]?.trim() ?? '';
  if (value === '' || choices.includes(value)) return value || otherwise;
  reader.problems.push(`${key}: must be one of ${choices.join(', ')}`);
  return otherwise;
}

function duration(reader: Reader, key: string, otherwise: number): number {
  const value = reader.data[key]?.trim() ?? '';
  if (value === '') return otherwise;
  const ms = reader.parseDuration(value);
  if (ms !== undefined && ms >= 0) return ms;
  reader.problems.push(`${key}: must be a duration such as 120s`);
  return otherwise;
}

function enabled(reader: Reader, key: string): boolean {
  return reader.data[key]?.trim() !== 'false';
}

function list(value: string | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined;
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

const powers: Readonly<Record<string, number>> = { '': 0, k: 1, M: 2, G: 3, Ki: 1, Mi: 2, Gi: 3 };

/** A Kubernetes quantity of bytes: `10M`, `5Mi`, `1000`. */
function bytes(reader: Reader, key: string, otherwise: number): number {
  const value = reader.data[key]?.trim() ?? '';
  if (value === '') return otherwise;
  const [, amount, unit = ''] = /^(\d+)([kMG]|[KMG]i)?$/.exec(value) ?? [];
  const power = powers[unit];
  if (amount !== undefined && power !== undefined) return Number(amount) * (unit.endsWith('i') ? 1024 : 1000) ** power;
  reader.problems.push(`${key}: must be a size such as 10M`);
  return otherwise;
}
