// The Desk port over the apiserver that keeps the Applications: plain requests, nothing remembered.
import {
  type AppKey,
  type Application,
  asEngineError,
  EngineError,
  isJsonObject,
  type JsonObject,
  type KubeObject,
  listAt,
  stringAt,
} from '../model/index.ts';
import type { Desk, Dialect, KubeApi } from '../ports/index.ts';
import { checkSettings } from './check-settings.ts';
import { eventAt } from './event-writer.ts';
import { countApplicationSets, installedPrograms, setRunning, settingsResources } from './installation.ts';

/** Where things lie, and how they are written down. */
export type DeskOptions = {
  readonly dialect: Pick<Dialect, 'readApplication' | 'readProject' | 'parseDuration'>;
  /** Namespace of AppProjects, and of the Applications that are tracked without a namespace. */
  readonly controlNamespace: string;
};

const group = '/apis/argoproj.io/v1alpha1';
const pageSize = 500;

/** A desk over one apiserver. */
export function createDesk(api: KubeApi, { dialect, controlNamespace }: DeskOptions): Desk {
  const read = (resource: KubeObject): Application => dialect.readApplication(resource, { controlNamespace });
  const resources = (namespace?: string): Promise<readonly KubeObject[]> => listAll(api, collection(namespace));
  return {
    resources,
    applications: async (namespace) => (await resources(namespace)).map(read),
    resource: (key) => named(key, () => api.request('GET', pathOf(key)).then(asObject)),
    application: async (key) => read(await named(key, () => api.request('GET', pathOf(key)).then(asObject))),
    createApplication: async (resource) => read(await create(api, resource)),
    patchApplication: (key, patch) =>
      named(key, async () => {
        const contentType = 'application/merge-patch+json';
        return read(asObject(await api.request('PATCH', pathOf(key), { body: patch, contentType })));
      }),
    deleteApplication: (key) => named(key, async () => void (await api.request('DELETE', pathOf(key)))),
    tell: async (app, notice, at) => {
      const { path, body } = eventAt(app, notice, at);
      await api.request('POST', path, { body });
    },
    projects: async () =>
      (await listAll(api, `${group}/namespaces/${encodeURIComponent(controlNamespace)}/appprojects`)).map(
        dialect.readProject,
      ),
    patchProject: async (name, patch) => {
      const path = `${group}/namespaces/${encodeURIComponent(controlNamespace)}/appprojects/${encodeURIComponent(name)}`;
      const contentType = 'application/merge-patch+json';
      try {
        return dialect.readProject(asObject(await api.request('PATCH', path, { body: patch, contentType })));
      } catch (thrown) {
        const error = asEngineError(thrown);
        if (error.code !== 'object-not-found') throw error;
        throw new EngineError('not-found', `no such project: ${name}`, { cause: error });
      }
    },
    settings: async () => checkSettings(await settingsResources(api, controlNamespace), dialect.parseDuration),
    installation: async () => ({
      programs: await installedPrograms(api, controlNamespace),
      applicationSets: await countApplicationSets(api, controlNamespace),
    }),
    setRunning: (program, running) => setRunning(api, controlNamespace, program, running),
    watch: (namespace, listener) =>
      api.watch(collection(namespace), {
        put: (object) => listener({ kind: 'put', application: read(object) }),
        gone: (ref) => listener({ kind: 'gone', key: `${ref.namespace}/${ref.name}` }),
        synced: () => listener({ kind: 'synced' }),
        state: (message) => listener({ kind: 'state', message }),
      }),
  };
}

function collection(namespace: string | undefined): string {
  return namespace === undefined
    ? `${group}/applications`
    : `${group}/namespaces/${encodeURIComponent(namespace)}/applications`;
}

function pathOf(key: AppKey): string {
  const slash = key.indexOf('/');
  return `${collection(key.slice(0, slash))}/${encodeURIComponent(key.slice(slash + 1))}`;
}

async function listAll(api: KubeApi, path: string): Promise<readonly KubeObject[]> {
  const found: KubeObject[] = [];
  let next = '';
  do {
    const more = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
    const page = await api.request('GET', `${path}?limit=${pageSize}${more}`);
    // Items of a list do not carry their own kind.
    const kind = (stringAt(page, 'kind') ?? '').replace(/List$/, '');
    const apiVersion = stringAt(page, 'apiVersion') ?? '';
    for (const item of listAt(page, 'items')) {
      if (isJsonObject(item)) found.push(asObject({ apiVersion, kind, ...item }));
    }
    next = stringAt(page, 'metadata', 'continue') ?? '';
  } while (next !== '');
  return found;
}

async function create(api: KubeApi, resource: KubeObject): Promise<KubeObject> {
  const namespace = stringAt(resource.metadata, 'namespace') ?? '';
  const name = stringAt(resource.metadata, 'name') ?? '';
  try {
    return asObject(await api.request('POST', collection(namespace), { body: resource }));
  } catch (thrown) {
    const error = asEngineError(thrown);
    // The apiserver answers a creation with a conflict when, and only when, the name is taken.
    if (error.code !== 'object-conflict') throw error;
    throw new EngineError('already-exists', `application exists already: ${namespace}/${name}`, { cause: thrown });
  }
}

/** Says which application is missing, where the apiserver only speaks of an object. */
async function named<T>(key: AppKey, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    const error = asEngineError(thrown);
    if (error.code !== 'object-not-found') throw error;
    throw new EngineError('not-found', `no such application: ${key}`, { cause: thrown });
  }
}

function asObject(answer: JsonObject): KubeObject {
  const { apiVersion, kind, metadata } = answer;
  if (typeof apiVersion === 'string' && typeof kind === 'string' && isJsonObject(metadata)) return answer as KubeObject;
  throw new EngineError('cluster-unreachable', 'the answer is not a Kubernetes object', { retry: 'backoff' });
}
