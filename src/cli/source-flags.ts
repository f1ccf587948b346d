import { EngineError, type HelmOptions, type JsonObject, type KustomizeOptions, type Source } from '../model/index.ts';
import type { Flags, FlagValue } from './flags.ts';

/** Flags that say how a path is rendered: of `render`, `diff` and `app create`. */
export const sourceFlags = {
  path: { kind: 'string', value: 'PATH', about: 'Path in the repository' },
  'helm-values': { kind: 'list', value: 'FILE', about: 'Value file, relative to the chart' },
  'helm-set': { kind: 'list', value: 'NAME=VALUE', about: 'Helm parameter, read as YAML' },
  'helm-set-string': { kind: 'list', value: 'NAME=VALUE', about: 'Helm parameter that stays a string' },
  'release-name': { kind: 'string', value: 'NAME', about: "Helm release name; the application's name unless given" },
  'skip-crds': { kind: 'boolean', about: 'Leave out the CRDs of a chart' },
  'name-prefix': { kind: 'string', value: 'TEXT', about: 'Kustomize name prefix' },
  'name-suffix': { kind: 'string', value: 'TEXT', about: 'Kustomize name suffix' },
  image: { kind: 'list', value: 'IMAGE', about: 'Kustomize image: name=newname:tag' },
  recurse: { kind: 'boolean', about: 'Read directories below, where the path holds plain manifests' },
} as const satisfies Flags;

type SourceValues = { readonly [K in keyof typeof sourceFlags]: FlagValue<(typeof sourceFlags)[K]> };

/** The `helm` part of a source in Argo CD's form, undefined when no flag asks for one. */
export function helmOf(flags: SourceValues): JsonObject | undefined {
  const parameters = [
    ...flags['helm-set'].map((word) => ({ ...parameterOf(word, '--helm-set') })),
    ...flags['helm-set-string'].map((word) => ({ ...parameterOf(word, '--helm-set-string'), forceString: true })),
  ];
  const helm: JsonObject = {
    ...(flags['helm-values'].length === 0 ? {} : { valueFiles: flags['helm-values'] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(flags['release-name'] === undefined ? {} : { releaseName: flags['release-name'] }),
    ...(flags['skip-crds'] ? { skipCrds: true } : {}),
  };
  return Object.keys(helm).length === 0 ? undefined : helm;
}

/** The `kustomize` part of a source in Argo CD's form, undefined when no flag asks for one. */
export function kustomizeOf(flags: SourceValues): JsonObject | undefined {
  const kustomize: JsonObject = {
    ...(flags['name-prefix'] === undefined ? {} : { namePrefix: flags['name-prefix'] }),
    ...(flags['name-suffix'] === undefined ? {} : { nameSuffix: flags['name-suffix'] }),
    ...(flags.image.length === 0 ? {} : { images: flags.image }),
  };
  return Object.keys(kustomize).length === 0 ? undefined : kustomize;
}

/** The same as typed options of a source. */
export function optionsOf(flags: SourceValues): Pick<Source, 'helm' | 'kustomize' | 'directory'> {
  const helm: HelmOptions = {
    valueFiles: flags['helm-values'],
    parameters: [
      ...flags['helm-set'].map((word) => ({ ...parameterOf(word, '--helm-set'), forceString: false })),
      ...flags['helm-set-string'].map((word) => ({ ...parameterOf(word, '--helm-set-string'), forceString: true })),
    ],
    fileParameters: [],
    ...(flags['release-name'] === undefined ? {} : { releaseName: flags['release-name'] }),
    passCredentials: false,
    ignoreMissingValueFiles: false,
    skipCrds: flags['skip-crds'],
    skipTests: false,
    skipSchemaValidation: false,
    apiVersions: [],
  };
  const kustomize: KustomizeOptions = {
    ...(flags['name-prefix'] === undefined ? {} : { namePrefix: flags['name-prefix'] }),
    ...(flags['name-suffix'] === undefined ? {} : { nameSuffix: flags['name-suffix'] }),
    images: flags.image,
    replicas: [],
    commonLabels: {},
    labelWithoutSelector: false,
    labelIncludeTemplates: false,
    forceCommonLabels: false,
    commonAnnotations: {},
    commonAnnotationsEnvsubst: false,
    forceCommonAnnotations: false,
    patches: [],
    components: [],
    ignoreMissingComponents: false,
    apiVersions: [],
  };
  return {
    ...(helmOf(flags) === undefined ? {} : { helm }),
    ...(kustomizeOf(flags) === undefined ? {} : { kustomize }),
    ...(flags.recurse ? { directory: { recurse: true } } : {}),
  };
}

function parameterOf(word: string, flag: string): { readonly name: string; readonly value: string } {
  const equals = word.indexOf('=');
  if (equals < 1) throw new EngineError('usage', `${flag} needs NAME=VALUE: ${word}`);
  return { name: word.slice(0, equals), value: word.slice(equals + 1) };
}
