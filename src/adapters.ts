// The adapters behind the engine's ports, wired over one connection: the half of the composition root that has no edges.
import { join } from 'node:path';
import type { Connection } from './cli/index.ts';
import { createClusters, createKubeApi, inClusterConnection, loadKubeconfig } from './cluster/index.ts';
import type { Config } from './config.ts';
import type { ImagesAnswer, ImagesRequest } from './contract/index.ts';
import { argocd } from './dialects/index.ts';
import { createAssessor, type Ports } from './engine/index.ts';
import { type ImageLoop, type ImageLoopParts, startImageLoop, updateDirectory } from './images/index.ts';
import { type Application, defaultSettings } from './model/index.ts';
import {
  checkProof,
  commentService,
  createArchive,
  createChangeRequests,
  createNotifier,
  createReviews,
  createSigner,
  createWriteback,
  notesRef,
  proposeLink,
  readLines,
  type Service,
  statusService,
  webhookService,
} from './notify/index.ts';
import { isExcludedKind, matchesName, permitsRepository } from './policy/index.ts';
import type { Evidence, ForgeLogin, Log, Metrics, RepositoryCredential, Signer, Sources } from './ports/index.ts';
import { createLanguages, createRenderer, createToolbox, type Toolbox } from './render/index.ts';
import { createForgeLogin, createSources, dockerLogins } from './source/index.ts';
import { createDesk, createResourceStore, openEvidence, openSigningKey, type ResourceStore } from './store/index.ts';
import {
  systemClock as clock,
  createLog,
  createMetrics,
  systemRandom as random,
  zonedTime,
} from './telemetry/index.ts';
import { ensureTool } from './toolchain/index.ts';

/** Everything that one process has open towards the world. */
export type Adapters = {
  readonly ports: Ports;
  readonly store: ResourceStore;
  readonly desk: ReturnType<typeof createDesk>;
  readonly metrics: ReturnType<typeof createMetrics>;
  /**
   * Starts the store for an engine, and what works beside its loop: the key that records are signed with is found or
   * made (until then they stay unsigned), images are kept new.
   */
  start(): Promise<void>;
  /** What was kept of commits. */
  readonly evidence: Evidence;
  stop(): Promise<void>;
};

/** Opens the adapters. Nothing is watched or fetched before the first use, and before `store.start()`. */
export async function openAdapters(config: Config, connection: Connection, log: Log): Promise<Adapters> {
  const own = await connect(config, connection);
  const api = createKubeApi(own, clock, random);
  const controlNamespace = connection.namespace;
  const store = createResourceStore({ api, dialect: argocd, clock, random, log, controlNamespace, matchesName });
  const metrics = createMetrics(() => store.applications());
  const { clusterConcurrency: concurrency, env: environment } = config;
  const credentials = () => store.clusters();
  const sources = openRepositories(config, log, metrics, store);
  const toolbox = openToolbox();
  const languages = createLanguages(toolbox);
  const renderer = createRenderer({ sources, toolbox, log, metrics, clock });
  const assess = createAssessor(languages, () => store.settings());
  const judging = { assess, isExcluded: isExcludedKind };
  const clusters = createClusters({ own, credentials, ...judging, clock, random, log, environment, concurrency });
  let signer = createSigner(undefined);
  const forges = openForges(config, store);
  const { login } = forges;
  const reviews = createReviews({ settings: () => store.notifySettings().forges, login, now: () => clock.now() });
  const services = notifyServices(store, controlNamespace, () => signer, { login: forges.login, sources });
  const notifier = createNotifier({ services, log, metrics });
  const { writer, normalize } = sources;
  const applications = () => store.applications();
  const settings = () => store.notifySettings();
  const writeback = createWriteback({ writer, settings, applications, normalize, clock, log, metrics });
  const archive = createArchive(() => signer, [{ keep: (signed) => store.keepRecord(signed) }, writeback]);
  let images: ImageLoop | undefined;
  return {
    ports: {
      clock,
      random,
      log,
      metrics,
      sources,
      renderer,
      clusters,
      store,
      notifier,
      reviews,
      languages,
      archive,
      zones: zonedTime,
      controlNamespace,
    },
    store,
    desk: createDesk(api, { dialect: argocd, controlNamespace }),
    metrics,
    evidence: {
      ...openEvidence(api, controlNamespace, checkProof),
      notes: async (repository, environment, commit) =>
        readLines((await writer.note(repository, notesRef(environment), commit)) ?? ''),
      allNotes: async (repository, environment) =>
        (await writer.notes(repository, notesRef(environment))).flatMap(readLines),
    },
    start: async () => {
      const [, key] = await Promise.all([store.start(), openSigningKey(api, controlNamespace, log)]);
      store.tellProblems();
      signer = createSigner(key);
      images = openImages(sources, store, forges.login, controlNamespace, log, metrics);
    },
    async stop() {
      await images?.stop();
      await Promise.allSettled([
        archive.stop(),
        forges.stop(),
        sources.stop(),
        renderer.stop(),
        clusters.stop(),
        store.stop(),
      ]);
      await api.close();
    },
  };
}

// Only repositories that the project of an application allows are ever written to.
function openImages(
  sources: ReturnType<typeof openRepositories>,
  store: ResourceStore,
  login: ForgeLogin,
  controlNamespace: string,
  log: Log,
  metrics: Metrics,
): ImageLoop {
  const permits: ImageLoopParts['permits'] = (app, { repoURL }) => {
    const project = store.project(app.project);
    return project !== undefined && permitsRepository(app, project, repoURL, { controlNamespace });
  };
  const proposeAt: ImageLoopParts['proposeAt'] = async (app, { repoURL, ...proposal }) => {
    const access = await login(repoURL, app.project);
    return access === undefined ? '' : proposeLink(access, store.notifySettings().forges, proposal);
  };
  const { images: registry, files } = sources;
  return startImageLoop({ store, sources, registry, files, permits, proposeAt, clock, random, log, metrics });
}

/** Puts newer tags into the files of a directory; registries are read with the logins that docker keeps in its file. */
export async function updateImages(config: Config, request: ImagesRequest): Promise<ImagesAnswer> {
  const log = createLog({ level: 'silent' });
  const logins = await dockerLogins(config.env);
  const sources = openRepositories(config, log, idleMetrics(), undefined, logins);
  return updateDirectory(request, sources.images).finally(() => sources.stop());
}

// How the forges of repositories are reached.
function openForges(config: Config, store: ResourceStore) {
  const credentials = () => store.repositories();
  const forges = () => store.forgeCredentials();
  return createForgeLogin({ clock, credentials, forges, trust: () => store.trust(), env: gitEnvironment(config.env) });
}

/** The pull requests of a repository, with the token of the environment. */
export async function openChanges(config: Config, repoURL: string, kind: string | undefined) {
  const none = () => [];
  const trust = () => ({ tlsCerts: {}, knownHosts: '' });
  const forges = createForgeLogin({ clock, credentials: none, forges: none, trust, env: gitEnvironment(config.env) });
  const access = await forges.login(repoURL, '');
  const requests = createChangeRequests({ access, kind, env: config.env, now: () => clock.now() });
  return { ...requests, close: () => forges.stop() };
}

/** Plain access to the API server of a connection. */
export async function openApi(config: Config, connection: Connection) {
  return createKubeApi(await connect(config, connection), clock, random);
}

// The services that the settings name now; made anew only when the settings change.
function notifyServices(
  store: ResourceStore,
  controlNamespace: string,
  signer: () => Signer,
  forges: { readonly login: ForgeLogin; readonly sources: Sources },
): () => readonly Service[] {
  const pauses = new Map<string, number>();
  const applications = () => store.applications();
  const now = () => clock.now();
  let made: { readonly of: unknown; readonly services: readonly Service[] } | undefined;
  return () => {
    const settings = store.notifySettings();
    if (made?.of !== settings) {
      const source = `/plumbline/${controlNamespace}`;
      const webhooks = settings.webhooks.map((target) => webhookService(target, source, now, signer));
      const { login, sources } = forges;
      const parts = { settings, login, applications, normalize: sources.normalize, pauses, now };
      made = {
        of: settings,
        services: [
          ...webhooks,
          ...(settings.statuses ? [statusService(parts)] : []),
          ...(settings.comments ? [commentService(parts)] : []),
        ],
      };
    }
    return made.services;
  };
}

// A kubeconfig that was asked for, the pod's own account, or the kubeconfig of the environment.
async function connect(config: Config, { kubeconfig, context }: Pick<Connection, 'kubeconfig' | 'context'>) {
  const own = kubeconfig === undefined ? await inClusterConnection(config.env) : undefined;
  if (own !== undefined) return own;
  return loadKubeconfig({
    environment: config.env,
    ...(kubeconfig === undefined ? {} : { path: kubeconfig }),
    ...(context === undefined ? {} : { context }),
  });
}

/** Sources with the credentials of a store, or with none: then only what is public or local can be read. */
export function openSources(config: Config, log: Log, metrics: Metrics, store?: ResourceStore): Sources {
  return openRepositories(config, log, metrics, store);
}

// The same, with the means to write into them.
function openRepositories(
  config: Config,
  log: Log,
  metrics: Metrics,
  store?: ResourceStore,
  logins: readonly RepositoryCredential[] = [],
) {
  const none: readonly never[] = [];
  const nobody = { tlsCerts: {}, knownHosts: '' };
  return createSources({
    cacheDir: join(config.cacheDir, 'sources'),
    clock,
    random,
    log,
    metrics,
    settings: () => store?.settings() ?? defaultSettings,
    credentials: () => store?.repositories() ?? logins,
    writers: () => store?.writers() ?? none,
    trust: () => store?.trust() ?? nobody,
    signers: () => store?.signers() ?? { gpg: [], ssh: '' },
    env: gitEnvironment(config.env),
    // Inside of a cluster paths of the pod are nobody's repository.
    allowFile: config.env.KUBERNETES_SERVICE_HOST === undefined,
  });
}

// Of the environment git sees where programs and proxies are, and nothing else.
function gitEnvironment(env: Config['env']): Readonly<Record<string, string>> {
  const names = ['PATH', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** The renderers' process; it is built and started when the first chart or kustomization needs it. */
export function openToolbox(): Toolbox {
  return createToolbox({ binary: () => ensureTool('toolbox') });
}

/** Metrics of a process that has no applications. */
export function idleMetrics() {
  return createMetrics(() => [] as readonly Application[]);
}
