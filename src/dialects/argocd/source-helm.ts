// `helm` of a source.
import type { HelmOptions, JsonObject } from '../../model/index.ts';
import { compact, some } from './compact.ts';
import { child, children, type Fields, flag, text, textOrNone, texts } from './fields.ts';

/** Reads the Helm options of a source. `version` is accepted and means nothing, as in Argo CD. */
export function readHelm(at: Fields): HelmOptions {
  return compact<HelmOptions>({
    valueFiles: texts(at, 'valueFiles'),
    values: textOrNone(at, 'values'),
    valuesObject: child(at, 'valuesObject')?.value,
    parameters: children(at, 'parameters').map((item) => ({
      name: text(item, 'name'),
      value: text(item, 'value'),
      forceString: flag(item, 'forceString'),
    })),
    fileParameters: children(at, 'fileParameters').map((item) => ({
      name: text(item, 'name'),
      path: text(item, 'path'),
    })),
    releaseName: textOrNone(at, 'releaseName'),
    namespace: textOrNone(at, 'namespace'),
    passCredentials: flag(at, 'passCredentials'),
    ignoreMissingValueFiles: flag(at, 'ignoreMissingValueFiles'),
    skipCrds: flag(at, 'skipCrds'),
    skipTests: flag(at, 'skipTests'),
    skipSchemaValidation: flag(at, 'skipSchemaValidation'),
    kubeVersion: textOrNone(at, 'kubeVersion'),
    apiVersions: texts(at, 'apiVersions'),
  });
}

/** The options in Argo CD's form. */
export function writeHelm(options: HelmOptions): JsonObject {
  return compact<JsonObject>({
    valueFiles: some(options.valueFiles),
    values: options.values,
    valuesObject: options.valuesObject,
    parameters: some(options.parameters)?.map(({ name, value, forceString }) =>
      forceString ? { name, value, forceString } : { name, value },
    ),
    fileParameters: some(options.fileParameters),
    releaseName: options.releaseName,
    namespace: options.namespace,
    passCredentials: options.passCredentials || undefined,
    ignoreMissingValueFiles: options.ignoreMissingValueFiles || undefined,
    skipCrds: options.skipCrds || undefined,
    skipTests: options.skipTests || undefined,
    skipSchemaValidation: options.skipSchemaValidation || undefined,
    kubeVersion: options.kubeVersion,
    apiVersions: some(options.apiVersions),
  });
}
