// The control plane as a test sees it: objects by resource (`apps/v1/deployments`, `v1/configmaps`), namespace and name.
import type { ClosableKubeApi } from '../../src/cluster/index.ts';
import {
  asEngineError,
  isJsonObject,
  type JsonObject,
  type KubeObject,
  listAt,
  stringAt,
} from '../../src/model/index.ts';

/** Plain reads and writes of objects, as the administrator. */
export type Kube = {
  readonly api: ClosableKubeApi;
  get(resource: string, namespace: string, name: string): Promise<KubeObject | undefined>;
  list(resource: string, namespace: string, query?: string): Promise<readonly KubeObject[]>;
  create(resource: string, object: JsonObject): Promise<KubeObject>;
  /** JSON merge patch, in the name of a field manager. */
  patch(resource: string, namespace: string, name: string, patch: JsonObject, manager?: string): Promise<KubeObject>;
  /** Server-side apply, by force. */
  apply(resource: string, object: JsonObject, manager: string): Promise<KubeObject>;
  remove(resource: string, namespace: string, name: string): Promise<void>;
};

/** Resources that tests name often. */
export const resources = {
  configMaps: 'v1/configmaps',
  secrets: 'v1/secrets',
  namespaces: 'v1/namespaces',
  serviceAccounts: 'v1/serviceaccounts',
  services: 'v1/services',
  events: 'v1/events',
  pods: 'v1/pods',
  deployments: 'apps/v1/deployments',
  replicaSets: 'apps/v1/replicasets',
  jobs: 'batch/v1/jobs',
  definitions: 'apiextensions.k8s.io/v1/customresourcedefinitions',
  applications: 'argoproj.io/v1alpha1/applications',
  projects: 'argoproj.io/v1alpha1/appprojects',
} as const;

/** A client over an open connection. */
export function kubeOver(api: ClosableKubeApi): Kube {
  return {
    api,
    async get(resource, namespace, name) {
      try {
        return (await api.request('GET', pathOf(resource, namespace, name))) as KubeObject;
      } catch (thrown) {
        const { code } = asEngineError(thrown);
        if (code === 'object-not-found' || code === 'kind-unknown') return undefined;
        throw thrown;
      }
    },
    async list(resource, namespace, query = '') {
      const answer = await api.request('GET', `${pathOf(resource, namespace)}${query === '' ? '' : `?${query}`}`);
      return listAt(answer, 'items').filter(isJsonObject) as unknown as readonly KubeObject[];
    },
    async create(resource, object) {
      const namespace = stringAt(object, 'metadata', 'namespace') ?? '';
      return (await api.request('POST', pathOf(resource, namespace), { body: object })) as KubeObject;
    },
    async patch(resource, namespace, name, patch, manager = 'somebody') {
      const path = `${pathOf(resource, namespace, name)}?fieldManager=${manager}`;
      return (await api.request('PATCH', path, {
        body: patch,
        contentType: 'application/merge-patch+json',
      })) as KubeObject;
    },
    async apply(resource, object, manager) {
      const [namespace = '', name = ''] = ['namespace', 'name'].map((key) => stringAt(object, 'metadata', key) ?? '');
      const path = `${pathOf(resource, namespace, name)}?fieldManager=${manager}&force=true`;
      return (await api.request('PATCH', path, {
        body: object,
        contentType: 'application/apply-patch+yaml',
      })) as KubeObject;
    },
    async remove(resource, namespace, name) {
      try {
        await api.request('DELETE', pathOf(resource, namespace, name));
      } catch (thrown) {
        if (asEngineError(thrown).code !== 'object-not-found') throw thrown;
      }
    },
  };
}

function pathOf(resource: string, namespace: string, name = ''): string {
  const [plural = '', version = '', group = ''] = resource.split('/').reverse();
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const place = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${place}/${plural}${name === '' ? '' : `/${encodeURIComponent(name)}`}`;
}
