// Report → `status` of an Application, in exactly Argo CD's form; what Argo CD has no field for lies under `plumbline`.
import type { Application, Destination, IgnoreRule, JsonObject, Report, ResourceReport } from '../../model/index.ts';
import { compact, some } from './compact.ts';
import { writeExtras } from './extras.ts';
import { exceeds, keepWithin, type Limits, ladder, statusLimit, troubleOf } from './limits.ts';
import { hasManySources, writeSource } from './source.ts';
import { clipped, writeOperationState } from './write-operation-state.ts';

/** What of an application the status repeats. */
export type Declared = Pick<Application, 'destination' | 'ignoreDifferences' | 'rawSpec'>;

/**
 * The status of a report: equal reports give equal JSON. It always stays below 1 MB, so that the whole object fits into
 * etcd's 1.5 MB: with thousands of objects the troubled ones are kept, and `plumbline.omitted` says how many are not.
 */
export function writeStatus(
  report: Report,
  application: Declared,
  context: { readonly controlNamespace?: string } = {},
): JsonObject {
  let status: JsonObject = {};
  for (const limits of ladder) {
    status = written(report, application, context.controlNamespace, limits);
    if (!exceeds(status, statusLimit)) break;
  }
  return status;
}

function written(
  report: Report,
  application: Declared,
  controlNamespace: string | undefined,
  limits: Limits,
): JsonObject {
  const many = hasManySources(application.rawSpec);
  const resources = keepWithin(report.resources, limits.resources, writeResource, troubleOf);
  const operation = report.operation && writeOperationState(report.operation, many, limits);
  const omitted = { resources: resources.omitted, results: operation?.omitted ?? 0 };
  return compact<JsonObject>({
    sync: writeSync(report, application, many),
    health: {
      ...writeHealth(report.health, limits),
      ...(report.health.since === '' ? {} : { lastTransitionTime: report.health.since }),
    },
    resources: some(resources.kept),
    conditions: some(report.conditions.slice(0, 50))?.map(({ type, message, since }) =>
      compact<JsonObject>({ type, message: clipped(message, limits), lastTransitionTime: since || undefined }),
    ),
    operationState: operation?.state,
    history: some(report.history.slice(-limits.history))?.map((entry) => writeHistory(entry, many)),
    summary: writeSummary(report.summary, limits),
    sourceType: many ? undefined : report.sourceTypes[0] || undefined,
    sourceTypes: many ? some(report.sourceTypes) : undefined,
    reconciledAt: report.reconciledAt || undefined,
    controllerNamespace: controlNamespace || undefined,
    plumbline: writeExtras(report, omitted, limits),
  });
}

function writeSync(report: Report, application: Declared, many: boolean): JsonObject {
  const { status, revisions, sources } = report.sync;
  return compact<JsonObject>({
    status,
    comparedTo: compact<JsonObject>({
      ...(many ? { sources: some(sources)?.map(writeSource) } : { source: sources[0] && writeSource(sources[0]) }),
      destination: writeDestination(application.destination),
      ignoreDifferences: some(application.ignoreDifferences)?.map(writeIgnoreRule),
    }),
    ...(many ? { revisions: some(revisions) } : { revision: revisions[0] || undefined }),
  });
}

function writeResource(resource: ResourceReport): JsonObject {
  const { ref, health } = resource;
  return compact<JsonObject>({
    group: ref.group || undefined,
    version: ref.version || undefined,
    kind: ref.kind,
    namespace: ref.namespace || undefined,
    name: ref.name,
    status: resource.status || undefined,
    health: health && writeHealth(health, { message: 1000 }),
    hook: resource.hook || undefined,
    requiresPruning: resource.requiresPruning || undefined,
    requiresDeletionConfirmation: resource.requiresDeletionConfirmation || undefined,
    syncWave: resource.wave || undefined,
  });
}

function writeHealth(health: Report['health'] | NonNullable<ResourceReport['health']>, limits: { message: number }) {
  return compact<JsonObject>({
    status: health.status,
    message: health.message ? clipped(health.message, limits) : undefined,
  });
}

function writeHistory(entry: Report['history'][number], many: boolean): JsonObject {
  const { id, revisions, sources, deployedAt, deployStartedAt, initiatedBy } = entry;
  const initiator = compact<JsonObject>({
    username: initiatedBy.username || undefined,
    automated: initiatedBy.automated || undefined,
  });
  return compact<JsonObject>({
    id,
    ...(many || sources.length > 1
      ? { revisions: some(revisions), sources: some(sources)?.map(writeSource) }
      : { revision: revisions[0] || undefined, source: sources[0] && writeSource(sources[0]) }),
    deployedAt,
    deployStartedAt: deployStartedAt || undefined,
    initiatedBy: Object.keys(initiator).length > 0 ? initiator : undefined,
  });
}

function writeSummary(summary: Report['summary'], limits: Limits): JsonObject {
  return compact<JsonObject>({
    externalURLs: some(summary.urls.slice(0, limits.summary)),
    images: some(summary.images.slice(0, limits.summary)),
    isAppOfApps: summary.isAppOfApps || undefined,
  });
}

function writeDestination(destination: Destination): JsonObject {
  return compact<JsonObject>({
    server: destination.server,
    name: destination.name,
    namespace: destination.namespace || undefined,
  });
}

function writeIgnoreRule(rule: IgnoreRule): JsonObject {
  return compact<JsonObject>({
    group: rule.group || undefined,
    kind: rule.kind,
    namespace: rule.namespace || undefined,
    name: rule.name || undefined,
    jsonPointers: some(rule.jsonPointers),
    jqPathExpressions: some(rule.jqPathExpressions),
    managedFieldsManagers: some(rule.managers),
  });
}
