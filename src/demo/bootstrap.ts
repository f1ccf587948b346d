// What a cluster needs before the engine: the kinds of its resources, its namespace, and the secret of webhooks.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { EngineError, type JsonObject, type KubeObject, listAt, objectAt, stringAt } from '../model/index.ts';
import type { KubeApi } from '../ports/index.ts';
import { waitFor } from './applications.ts';

const owner = 'fieldManager=plumb-up';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Reads the resource definitions that lie in `deploy/crds` of the checkout. */
export async function readDefinitions(folder: string): Promise<readonly KubeObject[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => readYaml(text));
}

/** The objects of a YAML text of our own. */
export function readYaml(text: string): readonly KubeObject[] {
  return loadAll(text).filter((one) => one !== null && one !== undefined) as unknown as readonly KubeObject[];
}

/** Applies the definitions and waits until the cluster serves them. Answers the names of those that were not there. */
export async function applyDefinitions(api: KubeApi, wanted: readonly KubeObject[]): Promise<readonly string[]> {
  const fresh: string[] = [];
  for (const definition of wanted) {
    const name = nameOf(definition);
    if (await exists(api, `${definitions}/${name}`)) continue;
    await apply(api, `${definitions}/${name}`, definition);
    fresh.push(name);
  }
  await Promise.all(fresh.map((name) => served(api, name)));
  return fresh;
}

/** Makes a namespace unless it is there. */
export async function ensureNamespace(api: KubeApi, name: string): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await apply(api, `/api/v1/namespaces/${encodeURIComponent(name)}`, body);
}

/**
 * Writes the secret with which webhooks are signed, how often repositories are asked that send none, and that verdicts
 * are written back to Git, soon enough to be watched.
 */
export async function configure(api: KubeApi, namespace: string, webhookSecret: string): Promise<void> {
  const metadata = (name: string) => ({ name, namespace, labels: { 'app.kubernetes.io/part-of': 'argocd' } });
  const folder = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
  await apply(api, `${folder}/secrets/argocd-secret`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadata('argocd-secret'),
    stringData: { 'webhook.github.secret': webhookSecret },
  });
  await apply(api, `${folder}/configmaps/argocd-cm`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata('argocd-cm'),
    data: {
      'timeout.reconciliation': '15s',
      'timeout.reconciliation.jitter': '0s',
      'plumbline.writeback.notes': 'true',
      'plumbline.writeback.refs': 'true',
      'plumbline.verdict.quietFor': '2s',
    },
  });
}

/** True when Argo CD's own controller works in this cluster: two engines on the same Applications would fight. */
export async function argoIsRunning(api: KubeApi, namespace: string): Promise<boolean> {
  const folder = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}`;
  for (const kind of ['statefulsets', 'deployments']) {
    const found = await read(api, `${folder}/${kind}/argocd-application-controller`);
    if (found !== undefined && Number(objectAt(found, 'spec').replicas ?? 1) > 0) return true;
  }
  return false;
}

/** An object, undefined where there is none. */
export async function read(api: KubeApi, path: string): Promise<JsonObject | undefined> {
  try {
    return await api.request('GET', path);
  } catch (thrown) {
    if (thrown instanceof EngineError && (thrown.code === 'object-not-found' || thrown.code === 'kind-unknown'))
      return undefined;
    throw thrown;
  }
}

async function exists(api: KubeApi, path: string): Promise<boolean> {
  return (await read(api, path)) !== undefined;
}

async function apply(api: KubeApi, path: string, body: JsonObject): Promise<void> {
  await api.request('PATCH', `${path}?${owner}&force=true`, { body, contentType: 'application/apply-patch+yaml' });
}

async function served(api: KubeApi, name: string): Promise<void> {
  const waiting = new Set<() => void>();
  let established = false;
  const stop = api.watch(`${definitions}?fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`, {
    put: (object) => {
      const conditions = listAt(object, 'status', 'conditions');
      established = conditions.some(
        (one) => stringAt(one, 'type') === 'Established' && stringAt(one, 'status') === 'True',
      );
      for (const look of [...waiting]) look();
    },
    gone: () => {},
    synced: () => {},
  });
  await waitFor(waiting, `the cluster serves ${name}`, () => established, 30_000).finally(stop);
}

function nameOf(object: KubeObject): string {
  return stringAt(object.metadata, 'name') ?? '';
}
