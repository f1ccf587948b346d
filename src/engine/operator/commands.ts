// What people ask for, written down as Argo CD's users and kubectl would: the `operation` field, annotations, finalizers.
import type {
  ApplicationDetail,
  Operator,
  RollbackAnswer,
  RollbackRequest,
  SyncAnswer,
  SyncRequest,
} from '../../contract/index.ts';
import { argocd } from '../../dialects/index.ts';
import {
  type AppKey,
  type Application,
  asEngineError,
  EngineError,
  type HistoryEntry,
  isJsonObject,
  type JsonObject,
  type KubeObject,
  type Operation,
  objectAt,
  type Pin,
  stringAt,
} from '../../model/index.ts';
import { mergePatch } from './merge-patch.ts';
import type { OperatorParts } from './parts.ts';
import { detailOf } from './views.ts';

/** The requests that change something. */
export function commands(
  parts: OperatorParts,
): Pick<Operator, 'createApplication' | 'deleteApplication' | 'sync' | 'terminate' | 'rollback' | 'unpin' | 'refresh'> {
  return {
    createApplication: (resource, options) => create(parts, resource, options?.upsert === true),
    deleteApplication: (key, { cascade }) => remove(parts, key, cascade),
    sync: (key, request) => sync(parts, key, request),
    terminate: (key) => terminate(parts, key),
    rollback: (key, request) => rollback(parts, key, request),
    unpin: (key) => unpin(parts, key),
    refresh: async (key, how) => {
      await parts.desk.patchApplication(key, { metadata: { annotations: { [argocd.refreshAnnotation]: how } } });
    },
  };
}

async function sync(parts: OperatorParts, key: AppKey, request: SyncRequest): Promise<SyncAnswer> {
  const app = await parts.desk.application(key);
  refuseIfBusy(app);
  const revisions = request.revisions ?? [];
  if (revisions.length > 0 && revisions.length !== app.sources.length) {
    const wanted = app.sources.length === 1 ? 'one revision' : `${app.sources.length} revisions, one per source`;
    throw new EngineError('usage', `the application takes ${wanted}: ${key}: ${revisions.length} were given`);
  }
  if (request.manifests !== undefined && request.dryRun !== true && app.syncPolicy.automated !== undefined) {
    throw new EngineError('usage', `automated sync would undo what is not in Git: ${key}`, {
      about: 'try it with --dry-run, or switch automated sync off',
    });
  }
  const retry = request.retry ?? app.syncPolicy.retry;
  const operation: Operation = {
    id: newId(parts),
    initiatedBy: { username: request.by, automated: false },
    revisions,
    prune: request.prune ?? false,
    dryRun: request.dryRun ?? false,
    force: request.force ?? false,
    info: request.info ?? [],
    ...(request.only === undefined ? {} : { only: request.only.map((wanted) => objectOf(app, wanted)) }),
    ...(request.options === undefined ? {} : { options: { ...app.syncPolicy.options, ...request.options } }),
    ...(retry === undefined ? {} : { retry }),
    ...(request.manifests === undefined ? {} : { manifests: request.manifests }),
  };
  await parts.desk.patchApplication(key, { operation: written(operation, app) });
  return { request: operation.id };
}

type Wanted = NonNullable<SyncRequest['only']>[number];

// What a person names has to be there, or a sync of nothing would look like a success. The namespace may be left out.
function objectOf(app: Application, wanted: Wanted): Wanted {
  const resources = app.report?.resources;
  if (resources === undefined) return wanted;
  const { group, kind, namespace, name } = wanted;
  const found = resources.find(
    ({ ref }) =>
      ref.kind.toLowerCase() === kind.toLowerCase() &&
      ref.name === name &&
      (group === '' || ref.group === group) &&
      (namespace === '' || ref.namespace === namespace),
  );
  if (found !== undefined) {
    const { ref } = found;
    return { group: ref.group, kind: ref.kind, namespace: ref.namespace, name: ref.name };
  }
  const about = `see: plumb app resources ${app.name} -o name`;
  throw new EngineError('not-found', `the application has no such object: ${app.key}: ${kind} ${name}`, { about });
}

async function rollback(parts: OperatorParts, key: AppKey, request: RollbackRequest): Promise<RollbackAnswer> {
  const app = await parts.desk.application(key);
  refuseIfBusy(app);
  const entry = entryOf(app, request.historyId);
  const sources = entry.sources.length > 0 ? entry.sources : app.sources;
  const dryRun = request.dryRun ?? false;
  const operation: Operation = {
    id: newId(parts),
    initiatedBy: { username: request.by, automated: false },
    revisions: entry.revisions,
    sources,
    prune: request.prune ?? app.syncPolicy.automated?.prune ?? false,
    dryRun,
    force: false,
    info: request.reason === '' ? [] : [{ name: 'Reason', value: request.reason }],
    ...(app.syncPolicy.retry === undefined ? {} : { retry: app.syncPolicy.retry }),
  };
  const pinned = app.syncPolicy.automated !== undefined && !dryRun;
  const pin: Pin = {
    sources,
    revisions: entry.revisions,
    // An application that is pinned already is compared to its pin, not to Git.
    untilRevisionChangesFrom: app.pin?.untilRevisionChangesFrom ?? app.report?.sync.revisions ?? [],
    by: request.by,
    reason: request.reason,
  };
  const annotations = { [argocd.pinAnnotation]: argocd.writePin(pin) };
  await parts.desk.patchApplication(key, {
    ...(pinned ? { metadata: { annotations } } : {}),
    operation: written(operation, app),
  });
  return { historyId: entry.id, revisions: entry.revisions, pinned, request: operation.id };
}

function entryOf(app: Application, id: number | undefined): HistoryEntry {
  const history = app.report?.history ?? [];
  const entry = id === undefined ? history.at(-2) : history.find((one) => one.id === id);
  if (entry !== undefined) return entry;
  const what =
    id === undefined ? 'nothing was deployed before the current state' : `no such entry of the history: ${id}`;
  throw new EngineError('not-found', `${what}: ${app.key}`, { about: `see: plumb app history ${app.name}` });
}

async function unpin(parts: OperatorParts, key: AppKey): Promise<boolean> {
  const app = await parts.desk.application(key);
  if (app.pin === undefined && !Object.hasOwn(app.annotations, argocd.pinAnnotation)) return false;
  await parts.desk.patchApplication(key, { metadata: { annotations: { [argocd.pinAnnotation]: null } } });
  return true;
}

async function terminate(parts: OperatorParts, key: AppKey): Promise<void> {
  const app = await parts.desk.application(key);
  const waiting = app.operation !== undefined && app.operation.terminate !== true;
  const phase = app.report?.operation?.phase;
  if (phase === 'Running') {
    // A request that was not picked up yet would start as soon as the running one has ended.
    const patch = { status: { operationState: { phase: 'Terminating' } }, ...(waiting ? { operation: null } : {}) };
    await parts.desk.patchApplication(key, patch);
  } else if (waiting) await parts.desk.patchApplication(key, { operation: null });
  else if (phase !== 'Terminating') {
    throw new EngineError('not-found', `no sync runs: ${key}`, { about: `see: plumb app get ${app.name}` });
  }
}

async function create(parts: OperatorParts, resource: JsonObject, upsert: boolean): Promise<ApplicationDetail> {
  const object = asApplication(resource);
  try {
    return detailOf(await parts.desk.createApplication(object));
  } catch (thrown) {
    if (!upsert || asEngineError(thrown).code !== 'already-exists') throw thrown;
  }
  const key = `${stringAt(object.metadata, 'namespace') ?? ''}/${stringAt(object.metadata, 'name') ?? ''}`;
  const before = await parts.desk.resource(key);
  const { labels, annotations, finalizers } = object.metadata;
  const metadata: JsonObject = {
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(finalizers === undefined ? {} : { finalizers }),
  };
  const spec = mergePatch(objectAt(before, 'spec'), objectAt(object, 'spec'));
  return detailOf(await parts.desk.patchApplication(key, { metadata, spec }));
}

function asApplication(resource: JsonObject): KubeObject {
  const { apiVersion, kind, metadata } = resource;
  const isOne = typeof apiVersion === 'string' && apiVersion.startsWith('argoproj.io/') && kind === 'Application';
  if (!isOne || !isJsonObject(metadata)) {
    throw new EngineError('app-invalid', `not an Application of argoproj.io: ${String(apiVersion)} ${String(kind)}`);
  }
  const object = resource as KubeObject;
  const [problem] = argocd.readApplication(object, { controlNamespace: '' }).problems;
  if (problem !== undefined) throw new EngineError('app-invalid', `${problem}: ${stringAt(metadata, 'name') ?? ''}`);
  return object;
}

async function remove(parts: OperatorParts, key: AppKey, cascade: 'none' | 'foreground' | 'background'): Promise<void> {
  const app = await parts.desk.application(key);
  const others = app.finalizers.filter((finalizer) => !argocd.isOurFinalizer(finalizer));
  const ours: Readonly<Record<typeof cascade, readonly string[]>> = {
    none: [],
    foreground: [argocd.resourcesFinalizer],
    background: [`${argocd.resourcesFinalizer}/background`],
  };
  const finalizers = [...others, ...ours[cascade]];
  const same = finalizers.length === app.finalizers.length && finalizers.every((one) => app.finalizers.includes(one));
  if (!same) await parts.desk.patchApplication(key, { metadata: { finalizers } });
  if (app.deletion === undefined) await parts.desk.deleteApplication(key);
}

function refuseIfBusy(app: Application): void {
  const [problem] = app.problems;
  if (problem !== undefined) throw new EngineError('app-invalid', `${problem}: ${app.key}`);
  if (app.deletion !== undefined) throw new EngineError('busy', `the application is being deleted: ${app.key}`);
  const phase = app.report?.operation?.phase;
  if (app.operation !== undefined || phase === 'Running' || phase === 'Terminating') {
    const by = (app.operation ?? app.report?.operation?.operation)?.initiatedBy;
    const who = by?.automated ? 'automated' : `by ${by?.username || 'somebody'}`;
    throw new EngineError('busy', `a sync runs already (${who}): ${app.key}`);
  }
}

function written(operation: Operation, app: Application): JsonObject {
  const info = [...operation.info, { name: argocd.operationIdInfo, value: operation.id }];
  const many = isJsonObject(app.rawSpec) && Array.isArray(app.rawSpec.sources);
  return argocd.writeOperation({ ...operation, info }, many || app.sources.length > 1);
}

function newId(parts: OperatorParts): string {
  const part = (): string =>
    Math.floor(parts.random.next() * 36 ** 5)
      .toString(36)
      .padStart(5, '0');
  return `${part()}${part()}`;
}
