// The control plane that tests share: one for a whole run when the runner started one, else one for this process.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Ask, type Kubeconfig, kubeClient, readKubeconfig, startControlPlane } from '../../src/embedded/index.ts';
import { ensureControlPlane, progressLine } from '../../src/toolchain/index.ts';

/** A control plane as tests see it: how to reach it, and a plain request to it as the administrator. */
export type TestControlPlane = {
  readonly kubeconfig: Kubeconfig;
  readonly kubeconfigPath: string;
  readonly ask: Ask;
};

/** The variable that names the kubeconfig of a control plane which runs already. */
export const clusterVariable = 'PLUMBLINE_TEST_CLUSTER';

let shared: Promise<TestControlPlane> | undefined;

/** The shared control plane, started at the first call. It is never to be stopped or broken: others use it. */
export function sharedControlPlane(): Promise<TestControlPlane> {
  shared ??= findOrStart();
  return shared;
}

/** A new namespace in the shared control plane; returns its name. */
export async function freshNamespace(prefix = 'test'): Promise<string> {
  const { ask } = await sharedControlPlane();
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  const { status, body } = await ask('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  });
  if (status !== 201) throw new Error(`namespace ${name}: ${status} ${body}`);
  return name;
}

async function findOrStart(): Promise<TestControlPlane> {
  const kubeconfigPath = process.env[clusterVariable] || (await start());
  const kubeconfig = readKubeconfig(readFileSync(kubeconfigPath, 'utf8'));
  return { kubeconfig, kubeconfigPath, ask: kubeClient(kubeconfig).ask };
}

// It ends with this process: nobody has to stop it.
async function start(): Promise<string> {
  const binaries = await ensureControlPlane({
    progress: (progress) => process.stderr.write(`${progressLine(progress)}\n`),
  });
  return (await startControlPlane({ binaries, name: 'test' })).kubeconfigPath;
}
