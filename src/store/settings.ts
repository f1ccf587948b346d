// argocd-cm and argocd-cmd-params-cm → Settings; keys of our own begin with `plumbline.`. A key that cannot be read is a problem, and its default is used.
import {
  defaultSettings,
  type IgnoreRule,
  isJsonObject,
  type Json,
  type ResourceFilter,
  type Settings,
  stringAt,
} from '../model/index.ts';
import { readCustomizations } from './customizations.ts';
import { readGlobalProjects } from './global-projects.ts';
import { bytes, duration, flag, list, oneOf, readYaml, type SettingsReader, texts } from './setting-values.ts';

/** The data of the two ConfigMaps; empty where there is none. */
export type SettingsData = {
  readonly config: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
};

/** Reads the settings. */
export function readSettings(data: SettingsData, parseDuration: SettingsReader['parseDuration']): Settings {
  const problems: string[] = [];
  const config: SettingsReader = { data: data.config, problems, parseDuration };
  const params: SettingsReader = { data: data.params, problems, parseDuration };
  const { trackingMethod, pollInterval, pollJitter, maxDirectoryBytes, helmValuesFileSchemes, verdict } =
    defaultSettings;
  const customizations = readCustomizations(config);
  const compared = readCompareOptions(config);
  return {
    trackingMethod: oneOf(
      config,
      'application.resourceTrackingMethod',
      ['annotation', 'label', 'annotation+label'],
      trackingMethod,
    ),
    instanceLabelKey: config.data['application.instanceLabelKey']?.trim() || defaultSettings.instanceLabelKey,
    installationId: config.data.installationID?.trim() ?? '',
    pollInterval: duration(config, 'timeout.reconciliation', pollInterval),
    pollJitter: duration(config, 'timeout.reconciliation.jitter', pollJitter),
    ...customizations,
    ignoreDifferences: [...customizations.ignoreDifferences, ...compared.rules],
    ignoreStatus: compared.ignoreStatus,
    sensitiveAnnotations: list(config.data['resource.sensitive.mask.annotations']) ?? [],
    exclusions: readFilters(config, 'resource.exclusions'),
    inclusions: readFilters(config, 'resource.inclusions'),
    helmEnabled: flag(config, 'helm.enable', true),
    kustomizeEnabled: flag(config, 'kustomize.enable', true),
    jsonnetEnabled: flag(config, 'jsonnet.enable', true),
    helmValuesFileSchemes: list(config.data['helm.valuesFileSchemes']) ?? helmValuesFileSchemes,
    ...kustomizeBuilds(config.data),
    maxDirectoryBytes: bytes(params, 'reposerver.max.combined.directory.manifests.size', maxDirectoryBytes),
    ...silentTimes(config),
    verdict: {
      diffAfter: duration(config, 'plumbline.verdict.diffAfter', verdict.diffAfter),
      diffEvery: duration(config, 'plumbline.verdict.diffEvery', verdict.diffEvery),
      quietFor: duration(config, 'plumbline.verdict.quietFor', verdict.quietFor),
      stalledAfter: duration(config, 'plumbline.verdict.stalledAfter', verdict.stalledAfter),
    },
    impersonation: flag(config, 'application.sync.impersonation.enabled', false),
    globalProjects: readGlobalProjects(config),
    problems,
  };
}

// A version that is only registered builds without options, as in Argo CD.
function kustomizeBuilds(data: SettingsReader['data']): Pick<Settings, 'kustomizeBuildOptions' | 'kustomizeVersions'> {
  const kustomizeVersions: Record<string, string> = {};
  for (const key of Object.keys(data)) {
    const [, field, version = ''] = /^kustomize\.(path|version|buildOptions)\.(.+)$/.exec(key) ?? [];
    if (field === 'buildOptions') kustomizeVersions[version] = data[key]?.trim() ?? '';
    else if (field !== undefined) kustomizeVersions[version] ??= '';
  }
  return { kustomizeBuildOptions: data['kustomize.buildOptions']?.trim() ?? '', kustomizeVersions };
}

const silentTime = /^(?:[\w*,/?-]+\s+){5}(\S+)(?:\s+(\S+))?$/;

// They are kept as they are written; that each can be read is told here, where everybody looks.
function silentTimes({ data, problems, parseDuration }: SettingsReader): Pick<Settings, 'silent'> {
  const key = 'plumbline.verdict.silent';
  const parts = (data[key] ?? '').split(/[;\n]/).map((one) => one.trim());
  const readable = parts.filter((part) => {
    const [, lasts = '', zone = 'UTC'] = silentTime.exec(part) ?? [];
    if (part === '' || ((parseDuration(lasts) ?? 0) > 0 && isZone(zone))) return part !== '';
    problems.push(`${key}: must be a cron schedule, a duration and perhaps a time zone: ${part.slice(0, 80)}`);
    return false;
  });
  return readable.length === 0 ? {} : { silent: readable.join('\n') };
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** `application.namespaces`: where applications may lie beside the control namespace; globs or `/expressions/`. */
export function readApplicationNamespaces(params: Readonly<Record<string, string>>): readonly string[] {
  return list(params['application.namespaces']) ?? [];
}

const aggregatedRules: IgnoreRule = {
  group: 'rbac.authorization.k8s.io',
  kind: 'ClusterRole',
  namespace: '',
  name: '',
  jsonPointers: [],
  jqPathExpressions: ['select(.aggregationRule != null) | .rules'],
  managers: [],
};

// `ignoreDifferencesOnResourceUpdates` is about Argo CD's cache; here an ignored field wakes nobody anyway.
function readCompareOptions(reader: SettingsReader): {
  readonly rules: readonly IgnoreRule[];
  readonly ignoreStatus: Settings['ignoreStatus'];
} {
  const key = 'resource.compareoptions';
  const written = readYaml(reader, key, reader.data[key] ?? '');
  if (written !== undefined && written !== null && !isJsonObject(written))
    reader.problems.push(`${key}: must be a map`);
  const options: Json = isJsonObject(written) ? written : {};
  const status = stringAt(options, 'ignoreResourceStatusField') ?? 'all';
  const known = (['all', 'crd', 'none'] as const).find(
    (word) => word === status || (word === 'none' && status === 'off'),
  );
  if (known === undefined) reader.problems.push(`${key}: ignoreResourceStatusField: must be one of all, crd, none`);
  const roles = isJsonObject(options) ? (options.ignoreAggregatedRoles ?? false) : false;
  if (typeof roles !== 'boolean') reader.problems.push(`${key}: ignoreAggregatedRoles: must be true or false`);
  const aggregated = roles === true;
  return { rules: aggregated ? [aggregatedRules] : [], ignoreStatus: known ?? 'all' };
}

function readFilters(reader: SettingsReader, key: string): readonly ResourceFilter[] {
  const written = readYaml(reader, key, reader.data[key] ?? '');
  if (written === undefined || written === null) return [];
  if (!Array.isArray(written)) {
    reader.problems.push(`${key}: must be a list`);
    return [];
  }
  return written.flatMap((item: Json, i) => {
    // A part that is not there fits everything: a misread one must not.
    const parts = ['apiGroups', 'kinds', 'clusters'];
    const bad = isJsonObject(item)
      ? Object.keys(item).find((part) => !parts.includes(part) || !isTexts(item[part]))
      : '';
    if (bad === undefined)
      return [{ apiGroups: texts(item, 'apiGroups'), kinds: texts(item, 'kinds'), clusters: texts(item, 'clusters') }];
    const what = bad === '' ? '' : `${bad}: `;
    reader.problems.push(`${key}: entry ${i + 1}: ${what}takes apiGroups, kinds and clusters, each a list of globs`);
    return [];
  });
}

function isTexts(value: Json | undefined): boolean {
  return value === null || (Array.isArray(value) && value.every((one) => typeof one === 'string'));
}
