// Applications as people see them: facts of a report put together, nothing decided.
import type {
  ApplicationDetail,
  ApplicationView,
  ObjectChange,
  ObjectView,
  OperationView,
} from '../../contract/index.ts';
import {
  type Application,
  type Change,
  type Health,
  type Hold,
  idOf,
  type OperationState,
  type ResourceReport,
  type SyncStatus,
} from '../../model/index.ts';

/** What an application is said to be; Unknown until the engine has looked. */
export function syncOf(application: Application): SyncStatus {
  return application.report?.sync.status ?? 'Unknown';
}

/** The health of an application; Unknown until the engine has looked. */
export function healthOf(application: Application): Health {
  return application.report?.health ?? { status: 'Unknown', message: 'nobody has looked yet' };
}

/** An application in a line. */
export function viewOf(application: Application): ApplicationView {
  const { report } = application;
  const { status, message } = healthOf(application);
  return {
    key: application.key,
    namespace: application.namespace,
    name: application.name,
    project: application.project,
    dialect: application.dialect,
    labels: application.labels,
    sources: application.sources,
    destination: application.destination,
    automated: application.syncPolicy.automated !== undefined,
    sync: syncOf(application),
    health: { status, ...(message === undefined ? {} : { message }) },
    healthSince: report?.health.since ?? '',
    revisions: report?.sync.revisions ?? [],
    ...(report?.operation === undefined ? {} : { operation: operationView(report.operation) }),
    requested: application.operation !== undefined && application.operation.terminate !== true,
    refreshing: application.refresh !== undefined,
    deleting: application.deletion !== undefined,
    pinned: application.pin !== undefined,
    holds: report?.holds ?? [],
    conditions: conditionsOf(application),
    reconciledAt: report?.reconciledAt ?? '',
  };
}

function operationView(state: OperationState): OperationView {
  const { operation, finishedAt, retryAt } = state;
  return {
    phase: state.phase,
    message: state.message,
    startedAt: state.startedAt,
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(retryAt === undefined ? {} : { retryAt }),
    retryCount: state.retryCount,
    by: operation.initiatedBy.automated ? 'automated' : operation.initiatedBy.username || 'somebody',
    dryRun: operation.dryRun,
    request: operation.id,
    revisions: state.revisions,
  };
}

// A resource that cannot be read is never reconciled, so that no report tells of it.
function conditionsOf(application: Application): ApplicationView['conditions'] {
  const told = application.report?.conditions ?? [];
  const problems = application.problems.filter((problem) => !told.some((one) => one.message.includes(problem)));
  return [...problems.map((message) => ({ type: 'InvalidSpecError', message, since: '' })), ...told];
}

/** Everything known of an application. */
export function detailOf(application: Application): ApplicationDetail {
  return { view: viewOf(application), application, objects: objectsOf(application) };
}

/** Its objects, each with what became of it and what it waits for. */
export function objectsOf(application: Application): readonly ObjectView[] {
  const { report } = application;
  if (report === undefined) return [];
  const results = new Map(report.operation?.results.map((result) => [idOf(result.ref), result]));
  return report.resources.map((resource) => {
    const id = idOf(resource.ref);
    const result = results.get(id);
    const own = report.holds.filter((hold) => hold.objects.includes(id));
    const waitsFor = own.length > 0 || !isLeft(resource) ? own : report.holds.filter(holdsAll);
    return { ...resource, id, waitsFor, ...(result === undefined ? {} : { result }) };
  });
}

// Not yet what Git says, and part of a sync.
function isLeft({ status, hook, requiresPruning }: ResourceReport): boolean {
  return !hook && (status === 'OutOfSync' || requiresPruning);
}

// These are about their own objects, or stop nothing.
const passable: readonly Hold['reason'][] = ['shared-object', 'prune-disabled', 'source-unreachable'];

// What the application waits for, every object waits for that is still to be written: a later wave for the one before.
function holdsAll({ reason }: Hold): boolean {
  return !passable.includes(reason);
}

/** A change without its bodies. */
export function changeView(change: Change): ObjectChange {
  return {
    ref: change.ref,
    kind: change.kind,
    fields: change.fields,
    origin: change.desired?.origin ?? '',
    ...(change.message === undefined ? {} : { message: change.message }),
  };
}
