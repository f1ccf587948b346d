// The CRDs of `deploy/crds` in the shared control plane, and plain access to it for a store.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORE_SCHEMA, load } from 'js-yaml';
import { type ClosableKubeApi, createKubeApi } from '../../src/cluster/index.ts';
import { asEngineError, type JsonObject, type KubeObject, listAt, stringAt } from '../../src/model/index.ts';
import { systemClock, systemRandom } from '../../src/telemetry/index.ts';
import { sharedControlPlane } from './control-plane.ts';

const folder = join(import.meta.dirname, '../../deploy/crds');
const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Access as the administrator to the shared control plane. */
export async function sharedKubeApi(): Promise<ClosableKubeApi> {
  const { kubeconfig } = await sharedControlPlane();
  const { server, ca, cert, key } = kubeconfig;
  const connection = { server, ca, cert, key, insecure: false, identity: { kind: 'none' as const }, namespace: '' };
  return createKubeApi(connection, systemClock, systemRandom);
}

/** Installs the CRDs where they are missing; resolves when they are served. */
export async function installCrds(api: ClosableKubeApi): Promise<void> {
  for (const file of readdirSync(folder)) {
    const crd = load(readFileSync(join(folder, file), 'utf8'), { schema: CORE_SCHEMA }) as KubeObject;
    const name = stringAt(crd.metadata, 'name') ?? '';
    await create(api, crd);
    while (!established(await api.request('GET', `${path}/${name}`)))
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function create(api: ClosableKubeApi, crd: KubeObject): Promise<void> {
  try {
    await api.request('POST', path, { body: crd });
  } catch (thrown) {
    // Another test has installed it.
    if (asEngineError(thrown).code !== 'object-conflict') throw thrown;
  }
}

function established(crd: JsonObject): boolean {
  return listAt(crd, 'status', 'conditions').some(
    (condition) => stringAt(condition, 'type') === 'Established' && stringAt(condition, 'status') === 'True',
  );
}
