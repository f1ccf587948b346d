// The composition root: config → adapters → engine → edges → graceful stop. With adapters.ts it alone knows every room.
import { readFile } from 'node:fs/promises';
import { idleMetrics, openAdapters, openApi, openChanges, openSources, openToolbox, updateImages } from './adapters.ts';
import { startServer } from './api/index.ts';
import { type CliContext, type Connection, nodeTerminal, runCli } from './cli/index.ts';
import { readConfig } from './config.ts';
import type { Operator, Workbench } from './contract/index.ts';
import type { DemoEngine, DemoParts } from './demo/index.ts';
import { argocd } from './dialects/index.ts';
import {
  clusterKubeconfig,
  downCluster,
  listClusters,
  runtimeFolder,
  startControlPlane,
  upCluster,
} from './embedded/index.ts';
import { createInspect, createOperator, createWorkbench, type Ports, startLoop } from './engine/index.ts';
import type { Log } from './ports/index.ts';
import { createLanguages, createRenderer, localSources, readObjects } from './render/index.ts';
import { checkoutAt, localCommit, parseWebhook, writeNewFile } from './source/index.ts';
import { checkSettings } from './store/index.ts';
import { systemClock as clock, createLog, systemRandom as random } from './telemetry/index.ts';
import { ensureControlPlane, ensureTool, progressLine } from './toolchain/index.ts';

const config = readConfig(process.argv.slice(2), process.env, process.cwd());

/** The engine as a process runs it: the loop and the HTTP edge. `listen` is `address:port`; port 0 is any free one. */
async function startEngine(connection: Connection, listen: string, log: Log): Promise<DemoEngine> {
  const adapters = await openAdapters(config, connection, log);
  const { ports, store, metrics } = adapters;
  await adapters.start();
  ports.clusters.configure(store.settings());
  store.onChange((change) => change.kind === 'settings' && ports.clusters.configure(store.settings()));
  const loop = startLoop(ports, { workers: config.workers, resync: config.resync, locks: true });
  const [host = '127.0.0.1', port = '0'] = listen.split(/:(?=\d+$)/);
  const parse: Parameters<typeof startServer>[0]['parseWebhook'] = (headers, body, query) =>
    parseWebhook(headers, body, store.webhookSecrets(), query);
  const parts = { parseWebhook: parse, sources: ports.sources, metrics, log, ready: () => true };
  const server = await startServer(parts, { host, port: Number(port) });
  return {
    address: `http://${server.address}:${server.port}`,
    operator: createOperator({ ...adapters, clock, random, depths: () => depthsOf(ports), close: async () => {} }),
    idle: () => loop.idle(),
    async stop() {
      await server.close();
      await loop.stop();
      await store.flush();
      await adapters.stop();
    },
  };
}

async function depthsOf(ports: Ports) {
  return { ...ports, inspect: createInspect(ports) };
}

/** The Operator of a command. The adapters behind its deeper questions are opened by the first of them. */
async function openOperator(connection: Connection): Promise<Operator> {
  const log = createLog({ level: connection.verbose ? 'info' : 'silent' });
  const { ports, store, desk, evidence, stop } = await openAdapters(config, connection, log);
  let depths: ReturnType<typeof depthsOf> | undefined;
  const open = async () => {
    await store.start(true);
    ports.clusters.configure(store.settings());
    return depthsOf(ports);
  };
  return createOperator({ desk, clock, random, evidence, depths: () => (depths ??= open()), close: stop });
}

/** Rendering and comparing without a cluster. */
async function openWorkbench(): Promise<Workbench> {
  const log = createLog({ level: 'silent' });
  const metrics = idleMetrics();
  const remote = openSources(config, log, metrics);
  const toolbox = openToolbox();
  return createWorkbench({
    kubeVersion: 'v1.37.0',
    normalize: remote.normalize,
    checkout: { workingTree: checkoutAt, localCommit },
    readObjects: (text, file) => readObjects(text, file, toolbox),
    languages: createLanguages(toolbox),
    checkSettings: (resources) => checkSettings(resources, argocd.parseDuration),
    async bench(trees) {
      const sources = trees.reduce((others, { repoURL, root }) => localSources(repoURL, root, others), remote);
      return { sources, renderer: createRenderer({ sources, toolbox, log, metrics, clock }) };
    },
    close: async () => void (await Promise.allSettled([toolbox.close(), remote.stop()])),
  });
}

/** What `plumb up` does its work through. */
const demoParts: DemoParts = {
  prepare: async (progress) => void (await ensureTool('toolbox', { progress: (step) => progress(progressLine(step)) })),
  async startCluster({ keepIn, progress }) {
    const binaries = await ensureControlPlane({ progress: (step) => progress(progressLine(step)) });
    const kept = keepIn === undefined ? {} : { dir: keepIn, keep: true };
    return { ...(await startControlPlane({ binaries, progress, ...kept })), origin: binaries.origin };
  },
  openApi: (connection) => openApi(config, connection),
  startEngine,
  createLog: (destination) => createLog({ level: config.logLevel, destination }),
};

const aborter = new AbortController();
const terminal = nodeTerminal(process);
const runtime = runtimeFolder(config.env);

const context: CliContext = {
  terminal,
  env: config.env,
  directory: config.directory,
  now: () => clock.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  signal: aborter.signal,
  version: { version: '0.1.0', runtime: `node ${process.version}` },
  operator: openOperator,
  workbench: openWorkbench,
  changeRequests: (repo, kind) => openChanges(config, repo, kind),
  readFile: (path) => readFile(path, 'utf8'),
  writeNewFile,
  actions: {
    up: async (options, cli) => (await import('./demo/index.ts')).runDemo(options, cli, demoParts),
    run: async ({ listen, connection }) => {
      const engine = await startEngine(connection, listen, createLog({ level: config.logLevel }));
      terminal.err(`plumb: the engine runs; webhooks, metrics and health at ${engine.address}\n`);
      await new Promise<void>((resolve) => aborter.signal.addEventListener('abort', () => resolve()));
      await engine.stop();
      return 0;
    },
    updateImages: (request) => updateImages(config, request),
    clusters: {
      up: (name, nodes, progress) => {
        const binaries = () => ensureControlPlane({ progress: (step) => progress(progressLine(step)) });
        return upCluster({ name, nodes, progress, runtime, binaries });
      },
      down: (name) => downCluster(runtime, name),
      list: () => listClusters(runtime),
      kubeconfig: (name) => clusterKubeconfig(runtime, name),
    },
  },
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => aborter.abort());
// Pauses of retries do not keep a process alive by themselves; a command that waits for its server does.
const alive = setInterval(() => undefined, 2 ** 30);
process.exitCode = await runCli(config.argv, context).finally(() => clearInterval(alive));
