// A running Argo CD as resources: its settings, its programs, and the one of them that must not run beside us.
import {
  asEngineError,
  isJsonObject,
  type JsonObject,
  type KubeObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
} from '../model/index.ts';
import type { InstalledProgram, KubeApi } from '../ports/index.ts';
import { settingsPlaces } from './settings-places.ts';

const partOf = encodeURIComponent('app.kubernetes.io/part-of=argocd');
/** How many there were before we stopped them, so that they can be started again. */
const before = 'plumbline.dev/replicas-before';

/** ConfigMaps and Secrets that Argo CD reads its settings from. */
export async function settingsResources(api: KubeApi, namespace: string): Promise<readonly KubeObject[]> {
  const { configMaps, secrets } = settingsPlaces(namespace);
  const found = await Promise.all([
    ...configMaps.map((path) => items(api, path, 'v1', 'ConfigMap')),
    ...secrets.map((path) => items(api, path, 'v1', 'Secret')),
  ]);
  return found.flat();
}

/** The Deployments and StatefulSets of an Argo CD. */
export async function installedPrograms(api: KubeApi, namespace: string): Promise<readonly InstalledProgram[]> {
  const root = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}`;
  const [deployments, sets] = await Promise.all([
    items(api, `${root}/deployments?labelSelector=${partOf}`, 'apps/v1', 'Deployment'),
    items(api, `${root}/statefulsets?labelSelector=${partOf}`, 'apps/v1', 'StatefulSet'),
  ]);
  return [
    ...deployments.map((object) => programOf('Deployment', object)),
    ...sets.map((object) => programOf('StatefulSet', object)),
  ];
}

/** How many ApplicationSets there are; none where the kind is not known. */
export async function countApplicationSets(api: KubeApi, namespace: string): Promise<number> {
  try {
    const path = `/apis/argoproj.io/v1alpha1/namespaces/${encodeURIComponent(namespace)}/applicationsets`;
    return (await items(api, path, 'argoproj.io/v1alpha1', 'ApplicationSet')).length;
  } catch (thrown) {
    const { code } = asEngineError(thrown);
    if (code === 'kind-unknown' || code === 'object-not-found') return 0;
    throw thrown;
  }
}

/** Stops a program, remembering how many of it ran; or starts as many again. */
export async function setRunning(
  api: KubeApi,
  namespace: string,
  program: Pick<InstalledProgram, 'kind' | 'name' | 'replicas'>,
  running: boolean,
): Promise<void> {
  const plural = program.kind === 'Deployment' ? 'deployments' : 'statefulsets';
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(program.name)}`;
  const known = Number(stringAt(await api.request('GET', path), 'metadata', 'annotations', before) ?? '1');
  const replicas = running ? (Number.isSafeInteger(known) && known > 0 ? known : 1) : 0;
  const body: JsonObject = {
    metadata: { annotations: { [before]: running ? null : `${program.replicas}` } },
    spec: { replicas },
  };
  await api.request('PATCH', `${path}?fieldManager=plumbline-import`, {
    body,
    contentType: 'application/merge-patch+json',
  });
}

function programOf(kind: InstalledProgram['kind'], object: KubeObject): InstalledProgram {
  const name = stringAt(object.metadata, 'name') ?? '';
  const labels = objectAt(object.metadata, 'labels');
  const [container] = listAt(object, 'spec', 'template', 'spec', 'containers');
  return {
    kind,
    name,
    replicas: numberAt(object, 'spec', 'replicas') ?? 1,
    running: numberAt(object, 'status', 'replicas') ?? 0,
    image: stringAt(container, 'image') ?? '',
    writes:
      labels['app.kubernetes.io/component'] === 'application-controller' || name.endsWith('application-controller'),
  };
}

async function items(api: KubeApi, path: string, apiVersion: string, kind: string): Promise<readonly KubeObject[]> {
  const answer = await api.request('GET', path);
  // Items of a list do not carry their own kind.
  return listAt(answer, 'items').flatMap((item) =>
    isJsonObject(item) ? [{ ...item, apiVersion, kind, metadata: objectAt(item, 'metadata') }] : [],
  );
}
