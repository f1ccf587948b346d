// Sets everything up: a cluster, a repository, the engine, each told when it stands and closed at the end.
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EngineError } from '../model/index.ts';
import type { KubeApi } from '../ports/index.ts';
import * as bootstrap from './bootstrap.ts';
import { type Endings, orStop } from './ending.ts';
import { makeFolder, sweep } from './folder.ts';
import { installHook } from './hook.ts';
import type { Live } from './live.ts';
import { count, duration, paint } from './paint.ts';
import type { DemoCluster, DemoConnection, DemoEngine, DemoOptions, DemoParts, DemoWorld } from './parts.ts';
import { makeShop, type Shop } from './shop.ts';

/** What stands. */
export type Setting = {
  readonly connection: DemoConnection;
  /** The one that was started for the demo. */
  readonly cluster: DemoCluster | undefined;
  readonly api: KubeApi;
  readonly shop: Shop | undefined;
  readonly engine: DemoEngine;
  /** A folder of the demo's own. */
  readonly folder: string;
  readonly kubeconfig: string | undefined;
  readonly log: string;
};

/** What a step needs besides the parts. */
export type Backstage = {
  readonly options: DemoOptions;
  readonly world: DemoWorld;
  readonly parts: DemoParts;
  readonly live: Live;
  readonly endings: Endings;
};

/** The checkout that this file belongs to. */
export const checkout = resolve(import.meta.dirname, '../..');

/** Sets up what the options ask for. */
export async function setUp(back: Backstage): Promise<Setting> {
  const { options, world, parts, live, endings } = back;
  const step = <T>(work: Promise<T>): Promise<T> => orStop(world.signal, work);
  if (!/:\d{1,5}$/.test(options.listen)) {
    throw new EngineError('usage', `not an address and a port: --listen ${options.listen}`, {
      about: '--listen 127.0.0.1:0',
    });
  }
  await sweep(tmpdir());
  const folder = await makeFolder(tmpdir(), options.keep);
  endings.add(async () => {
    if (options.keep) live.print(`Kept: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  });
  await step(parts.prepare((text) => live.busy('prepare', text)));
  const { cluster, connection } = await findCluster(back, folder);
  const api = await step(parts.openApi(connection));
  endings.add(() => api.close());
  const secret = randomBytes(24).toString('hex');
  await step(furnish(back, api, cluster !== undefined, connection.namespace, secret));
  let shop: Shop | undefined;
  if (cluster !== undefined && options.repo === undefined) {
    shop = await step(makeShop(folder, join(checkout, 'examples/shop'), connection.namespace));
    done(live, 'Git repository', `${shop.clone} (${count(shop.files, 'file')}, origin ${shop.origin})`);
  }
  live.busy('engine', 'Starting the engine');
  const log = join(folder, 'engine.log');
  const destination = createWriteStream(log, { flags: 'a', mode: 0o600 });
  endings.add(() => new Promise((closed) => destination.end(closed)));
  const starting = parts
    .startEngine(connection, options.listen, parts.createLog(destination))
    .catch((thrown) => Promise.reject(listenError(thrown, options.listen)));
  const engine = await orStop(world.signal, starting, (late) => void late.stop());
  endings.add(() => engine.stop());
  if (shop !== undefined) await installHook(shop.origin, { address: engine.address, secret, url: shop.url });
  done(live, 'Engine', `webhooks, metrics and health at ${engine.address}`);
  return { connection, cluster, api, shop, engine, folder, kubeconfig: connection.kubeconfig, log };
}

// The address is the person's choice, and so is what can go wrong with it.
function listenError(thrown: unknown, listen: string): unknown {
  const { code, syscall } = thrown as NodeJS.ErrnoException;
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return thrown;
  const about = 'give another address: --listen 127.0.0.1:0 takes any free port';
  return new EngineError('usage', `cannot listen: ${listen}: ${code ?? 'unknown reason'}`, { about, cause: thrown });
}

/** A line that says that something stands. */
export function done(live: Live, what: string, text: string): void {
  live.show([]);
  const { look } = live;
  const name = paint(look, what.padEnd(15), 'strong');
  live.print(`  ${paint(look, look.signs.ok, 'good')} ${name} ${text}`);
}

async function findCluster(
  { options, world, parts, live, endings }: Backstage,
  folder: string,
): Promise<{ readonly cluster: DemoCluster | undefined; readonly connection: DemoConnection }> {
  const { connection } = options;
  const own = options.cluster === 'current' || connection.kubeconfig !== undefined || connection.context !== undefined;
  if (own) return { cluster: undefined, connection };
  live.busy('cluster', 'Starting a Kubernetes control plane');
  const starting = parts.startCluster({
    ...(options.keep ? { keepIn: join(folder, 'cluster') } : {}),
    progress: (text) => live.busy(`cluster ${text.replace(/\d.*/, '')}`, `Kubernetes: ${text}`),
  });
  const cluster = await orStop(world.signal, starting, (late) => void late.stop());
  endings.add(() => cluster.stop());
  const kubeconfig = join(folder, 'kubeconfig');
  await copyFile(cluster.kubeconfigPath, kubeconfig);
  done(live, 'Kubernetes', `${cluster.server}, ready in ${duration(cluster.startedIn)} (${cluster.origin})`);
  return { cluster, connection: { ...connection, kubeconfig, context: undefined } };
}

async function furnish(
  { live }: Backstage,
  api: KubeApi,
  isOurs: boolean,
  namespace: string,
  secret: string,
): Promise<void> {
  if (!isOurs && (await bootstrap.argoIsRunning(api, namespace))) {
    throw new EngineError(
      'already-exists',
      `Argo CD's application controller works in namespace ${namespace}: ${api.server}`,
      {
        about: 'two engines on the same Applications would fight: scale argocd-application-controller to 0 first',
      },
    );
  }
  const definitions = await bootstrap.readDefinitions(join(checkout, 'deploy/crds'));
  const fresh = await bootstrap.applyDefinitions(api, definitions);
  await bootstrap.ensureNamespace(api, namespace);
  if (isOurs) return bootstrap.configure(api, namespace, secret);
  const installed = fresh.length === 0 ? 'Applications are known there' : `installed ${fresh.join(', ')}`;
  done(live, 'Kubernetes', `${api.server} (${installed})`);
}
