// `kustomize` of a source.
import type { JsonObject, KustomizeOptions } from '../../model/index.ts';
import { compact, some, someMap } from './compact.ts';
import { children, type Fields, field, flag, pathOf, text, textMap, textOrNone, texts } from './fields.ts';

/** Reads the Kustomize options of a source. */
export function readKustomize(at: Fields): KustomizeOptions {
  return compact<KustomizeOptions>({
    version: textOrNone(at, 'version'),
    namePrefix: textOrNone(at, 'namePrefix'),
    nameSuffix: textOrNone(at, 'nameSuffix'),
    images: texts(at, 'images'),
    replicas: children(at, 'replicas').map((item) => ({ name: text(item, 'name'), count: intOrString(item, 'count') })),
    namespace: textOrNone(at, 'namespace'),
    commonLabels: textMap(at, 'commonLabels'),
    labelWithoutSelector: flag(at, 'labelWithoutSelector'),
    labelIncludeTemplates: flag(at, 'labelIncludeTemplates'),
    forceCommonLabels: flag(at, 'forceCommonLabels'),
    commonAnnotations: textMap(at, 'commonAnnotations'),
    commonAnnotationsEnvsubst: flag(at, 'commonAnnotationsEnvsubst'),
    forceCommonAnnotations: flag(at, 'forceCommonAnnotations'),
    patches: children(at, 'patches').map((item) => item.value),
    components: texts(at, 'components'),
    ignoreMissingComponents: flag(at, 'ignoreMissingComponents'),
    kubeVersion: textOrNone(at, 'kubeVersion'),
    apiVersions: texts(at, 'apiVersions'),
  });
}

/** The options in Argo CD's form. */
export function writeKustomize(options: KustomizeOptions): JsonObject {
  return compact<JsonObject>({
    version: options.version,
    namePrefix: options.namePrefix,
    nameSuffix: options.nameSuffix,
    images: some(options.images),
    replicas: some(options.replicas),
    namespace: options.namespace,
    commonLabels: someMap(options.commonLabels),
    labelWithoutSelector: options.labelWithoutSelector || undefined,
    labelIncludeTemplates: options.labelIncludeTemplates || undefined,
    forceCommonLabels: options.forceCommonLabels || undefined,
    commonAnnotations: someMap(options.commonAnnotations),
    commonAnnotationsEnvsubst: options.commonAnnotationsEnvsubst || undefined,
    forceCommonAnnotations: options.forceCommonAnnotations || undefined,
    patches: some(options.patches),
    components: some(options.components),
    ignoreMissingComponents: options.ignoreMissingComponents || undefined,
    kubeVersion: options.kubeVersion,
    apiVersions: some(options.apiVersions),
  });
}

// Kubernetes' IntOrString: a number, or the digits of one.
function intOrString(at: Fields, key: string): number {
  const value = field(at, key);
  const count = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof count === 'number' && Number.isSafeInteger(count)) return count;
  at.problems.push(`${pathOf(at, key)}: must be an integer`);
  return 0;
}
