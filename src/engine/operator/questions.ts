// What people ask and that only a cluster or a rendering can answer.
import type {
  ApplicationDiff,
  DiffRequest,
  LogsRequest,
  ManifestsAnswer,
  ManifestsRequest,
  Operator,
  PodLog,
  RenderInput,
  TreeNodeView,
} from '../../contract/index.ts';
import {
  type AppKey,
  type Application,
  asEngineError,
  type Change,
  idOf,
  type JsonObject,
  type ObjectRef,
  renderSettingsOf,
} from '../../model/index.ts';
import type { Cluster, TreeNode } from '../../ports/index.ts';
import { renderedFor } from '../render-for.ts';
import { shown } from './mask.ts';
import type { OperatorParts } from './parts.ts';
import { changeView } from './views.ts';

/** The questions that need more than the resource itself. */
export function questions(
  parts: OperatorParts,
): Pick<Operator, 'manifests' | 'tree' | 'logs' | 'diff' | 'renderInput'> {
  return {
    manifests: (key, request) => manifests(parts, key, request),
    tree: (key) => tree(parts, key),
    logs: (key, request) => logs(parts, key, request),
    diff: (key, request) => diff(parts, key, request),
    renderInput: (key) => renderInput(parts, key),
  };
}

/** The cluster that an application lives in. */
export async function clusterOf(parts: OperatorParts, app: Application): Promise<Cluster> {
  const { clusters } = await parts.depths();
  return clusters.get(app.destination, app.project);
}

async function diff(parts: OperatorParts, key: AppKey, request: DiffRequest): Promise<ApplicationDiff> {
  const { inspect } = await parts.depths();
  const { changes, holds, revisions } = await inspect(key, request);
  return {
    key,
    revisions: request.manifests === undefined ? revisions : [],
    changes: changes.map(changeView),
    holds,
    differs: changes.some(differs),
  };
}

function differs(change: Change): boolean {
  return change.kind !== 'same';
}

async function manifests(parts: OperatorParts, key: AppKey, request: ManifestsRequest): Promise<ManifestsAnswer> {
  const app = await parts.desk.application(key);
  if (request.from === 'live') {
    const cluster = await clusterOf(parts, app);
    const live = await Promise.all(rootsOf(app).map((ref) => cluster.read(ref)));
    const { sensitiveAnnotations } = (await parts.depths()).store.settings();
    const objects = live.flatMap((object) => (object === undefined ? [] : [shown(object, sensitiveAnnotations)]));
    return { objects, revisions: [] };
  }
  const { renderer, sources, store } = await parts.depths();
  const input = await renderInput(parts, key);
  const targets = input.sources.map((source, i) => {
    const revision = request.revisions?.[i] ?? '';
    return revision === '' ? source : { ...source, targetRevision: revision };
  });
  const revisions = await Promise.all(
    targets.map(async (source) => (await sources.resolve(source, app.project, { fresh: true })).revision),
  );
  const rendered = await renderer.render({
    application: input.application,
    sources: input.sources,
    revisions,
    kubeVersion: input.kubeVersion ?? '',
    apiVersions: input.apiVersions ?? [],
    settings: store.settings(),
  });
  const { sensitiveAnnotations } = store.settings();
  const objects = rendered.manifests.map((one) => shown(JSON.parse(one.body) as JsonObject, sensitiveAnnotations));
  return { objects, revisions };
}

async function renderInput(parts: OperatorParts, key: AppKey): Promise<RenderInput> {
  const app = await parts.desk.application(key);
  const { kubeVersion, apiVersions } = await (await clusterOf(parts, app)).version();
  const { store } = await parts.depths();
  return {
    application: renderedFor(store, app),
    sources: app.sources,
    kubeVersion,
    apiVersions,
    settings: renderSettingsOf(store.settings()),
  };
}

function rootsOf(app: Application): readonly ObjectRef[] {
  return app.report?.resources.filter((one) => !one.hook).map((one) => one.ref) ?? [];
}

// A process that has just started knows of no object before it has observed: then this is a request, later it is none.
/** Its objects and what is below them, live. */
export async function nodesOf(cluster: Cluster, app: Application): Promise<readonly TreeNode[]> {
  const refs = rootsOf(app);
  await cluster.observe({ tracking: app.trackingName, refs });
  return cluster.tree(app.trackingName, refs);
}

async function tree(parts: OperatorParts, key: AppKey): Promise<readonly TreeNodeView[]> {
  const app = await parts.desk.application(key);
  const nodes = await nodesOf(await clusterOf(parts, app), app);
  const reports = new Map(app.report?.resources.map((one) => [idOf(one.ref), one]));
  const seen = new Set<string>();
  const found = nodes.map((node): TreeNodeView => {
    const id = idOf(node.ref);
    seen.add(id);
    const report = reports.get(id);
    const health = node.health ?? report?.health;
    return {
      ref: node.ref,
      uid: node.uid,
      parentUids: node.parentUids,
      createdAt: node.createdAt,
      ...(report === undefined ? {} : { status: report.status }),
      ...(health === undefined ? {} : { health }),
      images: node.images,
    };
  });
  // What is wanted and not there is part of the picture.
  const missing = [...reports].filter(([id, one]) => !seen.has(id) && !one.hook);
  return [
    ...found,
    ...missing.map(([, one]): TreeNodeView => {
      const health = one.health === undefined ? {} : { health: one.health };
      return { ref: one.ref, uid: '', parentUids: [], createdAt: '', status: one.status, ...health, images: [] };
    }),
  ];
}

async function logs(parts: OperatorParts, key: AppKey, request: LogsRequest): Promise<readonly PodLog[]> {
  const app = await parts.desk.application(key);
  const cluster = await clusterOf(parts, app);
  const nodes = await nodesOf(cluster, app);
  const pods = nodes.filter(
    (node) => node.ref.kind === 'Pod' && node.ref.group === '' && isAsked(node, nodes, request),
  );
  return Promise.all(
    pods.map(async ({ ref }): Promise<PodLog> => {
      const { container, tailLines } = request;
      const { namespace, name: pod } = ref;
      const which = {
        ...(container === undefined ? {} : { container }),
        ...(tailLines === undefined ? {} : { tailLines }),
      };
      try {
        return { namespace, pod, text: await cluster.logs({ namespace, pod, ...which }) };
      } catch (thrown) {
        // One pod that has not started hides no other.
        return { namespace, pod, text: '', error: asEngineError(thrown).message };
      }
    }),
  );
}

// True when the node or anything above it is what was asked for.
function isAsked(node: TreeNode, nodes: readonly TreeNode[], request: LogsRequest): boolean {
  if (request.kind === undefined && request.name === undefined) return true;
  const byUid = new Map(nodes.map((one) => [one.uid, one]));
  const seen = new Set<string>();
  const open = [node];
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    if (seen.has(here.uid)) continue;
    seen.add(here.uid);
    const { kind, name } = here.ref;
    if ((request.kind ?? kind).toLowerCase() === kind.toLowerCase() && (request.name ?? name) === name) return true;
    for (const uid of here.parentUids) {
      const parent = byUid.get(uid);
      if (parent !== undefined) open.push(parent);
    }
  }
  return false;
}
