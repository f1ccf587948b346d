// Application custom resource → model. Never throws: what is wrong with the form is listed in `problems`.
import {
  type Application,
  annotationsOf,
  at,
  type Destination,
  type IgnoreRule,
  isJsonObject,
  type Json,
  type KubeObject,
  labelsOf,
  type Operation,
  type Report,
  type SyncPolicy,
  stringAt,
} from '../../model/index.ts';
import { cascadeOf, isNoise, pinAnnotation, refreshAnnotation, skipReconcileAnnotation } from './annotations.ts';
import { compact } from './compact.ts';
import { digestOf } from './digest.ts';
import {
  child,
  children,
  type Fields,
  field,
  flag,
  integer,
  pathOf,
  text,
  textMap,
  textOrNone,
  texts,
} from './fields.ts';
import { readInfo, readOperation } from './operation.ts';
import { readPin } from './pin.ts';
import { readReport } from './read-report.ts';
import { readRetry } from './retry.ts';
import { readSources } from './source.ts';
import { readSyncOptions } from './sync-options.ts';
import { trackingName } from './tracking.ts';

/**
 * Reads an Application. Outside `controlNamespace` its name for tracking carries its namespace. A report that is known
 * already is taken as it is, and the status is not read.
 */
export function readApplication(
  resource: KubeObject,
  context: { readonly controlNamespace: string; readonly report?: Report },
): Application {
  const problems: string[] = [];
  const { metadata } = resource;
  const namespace = stringAt(metadata, 'namespace') ?? '';
  const name = stringAt(metadata, 'name') ?? '';
  const annotations = annotationsOf(resource);
  const finalizers = stringsOf(at(metadata, 'finalizers'));
  const requestedAt = stringAt(metadata, 'deletionTimestamp');
  const spec = specOf(resource, problems);
  const pin = annotations[pinAnnotation];
  return compact<Application>({
    key: `${namespace}/${name}`,
    namespace,
    name,
    uid: stringAt(metadata, 'uid') ?? '',
    dialect: 'argocd',
    trackingName: trackingName(namespace, name, context.controlNamespace),
    project: textOrNone(spec, 'project') ?? 'default',
    sources: readSources(spec),
    destination: readDestination(spec),
    syncPolicy: readSyncPolicy(spec),
    ignoreDifferences: children(spec, 'ignoreDifferences').map(readIgnoreRule),
    info: readInfo(spec),
    revisionHistoryLimit: Math.max(0, integer(spec, 'revisionHistoryLimit') ?? 10),
    labels: labelsOf(resource),
    annotations: quiet(annotations),
    finalizers,
    operation: readAsked(resource, problems),
    refresh: readRefresh(annotations[refreshAnnotation]),
    skipReconcile: isTrue(annotations[skipReconcileAnnotation]),
    pin: pin === undefined ? undefined : readPin(pin, problems),
    deletion: requestedAt === undefined ? undefined : { requestedAt, cascade: cascadeOf(finalizers) },
    intentDigest: intentDigest(resource, annotations, finalizers),
    report: context.report ?? readReport(resource.status),
    problems,
    rawSpec: spec.value,
  });
}

/** Hash over everything that a person may write; a request to end a running operation lies in the status. */
function intentDigest(
  resource: KubeObject,
  annotations: Readonly<Record<string, string>>,
  finalizers: readonly string[],
): string {
  return digestOf([
    resource.spec ?? null,
    resource.operation ?? null,
    quiet(annotations),
    labelsOf(resource),
    finalizers,
    stringAt(resource.metadata, 'uid') ?? '',
    stringAt(resource.metadata, 'deletionTimestamp') ?? '',
    isTerminating(resource),
  ]);
}

function specOf(resource: KubeObject, problems: string[]): Fields {
  const written = resource.spec;
  if (isJsonObject(written)) return { value: written, path: 'spec', problems };
  problems.push('spec: is needed');
  return { value: {}, path: 'spec', problems: [] };
}

// Argo CD's API server asks a running operation to end by writing the phase; that is an operation for us too.
function readAsked(resource: KubeObject, problems: string[]): Operation | undefined {
  const written: Fields = { value: { operation: resource.operation ?? null }, path: '', problems };
  const asked = child(written, 'operation');
  const operation = asked && readOperation(asked);
  if (operation !== undefined || !isTerminating(resource)) return operation;
  const running = readReport(resource.status)?.operation?.operation;
  return running && { ...running, terminate: true };
}

function isTerminating(resource: KubeObject): boolean {
  return stringAt(resource.status, 'operationState', 'phase') === 'Terminating';
}

function readDestination(spec: Fields): Destination {
  const destination = child(spec, 'destination');
  if (destination === undefined) {
    if (field(spec, 'destination') === undefined) spec.problems.push(`${pathOf(spec, 'destination')}: is needed`);
    return { namespace: '' };
  }
  const server = textOrNone(destination, 'server');
  const name = textOrNone(destination, 'name');
  if (server === undefined && name === undefined)
    spec.problems.push(`${destination.path}: one of server and name is needed`);
  if (server !== undefined && name !== undefined)
    spec.problems.push(`${destination.path}: only one of server and name may be given`);
  // Argo CD compares servers without their trailing slash.
  return compact<Destination>({ server: server?.replace(/\/+$/, ''), name, namespace: text(destination, 'namespace') });
}

function readSyncPolicy(spec: Fields): SyncPolicy {
  const none: Fields = { value: {}, path: pathOf(spec, 'syncPolicy'), problems: spec.problems };
  const policy = child(spec, 'syncPolicy') ?? none;
  const automated = child(policy, 'automated');
  const enabled = automated !== undefined && (field(automated, 'enabled') === undefined || flag(automated, 'enabled'));
  const retry = child(policy, 'retry');
  const metadata = child(policy, 'managedNamespaceMetadata');
  return compact<SyncPolicy>({
    automated:
      automated && enabled
        ? {
            prune: flag(automated, 'prune'),
            selfHeal: flag(automated, 'selfHeal'),
            allowEmpty: flag(automated, 'allowEmpty'),
          }
        : undefined,
    options: readSyncOptions(texts(policy, 'syncOptions')),
    retry: retry && readRetry(retry),
    managedNamespaceMetadata: metadata && {
      labels: textMap(metadata, 'labels'),
      annotations: textMap(metadata, 'annotations'),
    },
  });
}

function readIgnoreRule(item: Fields): IgnoreRule {
  return {
    group: text(item, 'group'),
    kind: text(item, 'kind'),
    namespace: text(item, 'namespace'),
    name: text(item, 'name'),
    jsonPointers: texts(item, 'jsonPointers'),
    jqPathExpressions: texts(item, 'jqPathExpressions'),
    managers: texts(item, 'managedFieldsManagers'),
  };
}

function readRefresh(annotation: string | undefined): 'normal' | 'hard' | undefined {
  if (annotation === undefined) return undefined;
  return annotation === 'hard' ? 'hard' : 'normal';
}

function isTrue(annotation: string | undefined): boolean {
  return annotation !== undefined && ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(annotation);
}

function quiet(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(annotations);
  return entries.some(([key]) => isNoise(key))
    ? Object.fromEntries(entries.filter(([key]) => !isNoise(key)))
    : annotations;
}

function stringsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
