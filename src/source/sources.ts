import { join } from 'node:path';
import { EngineError, type Settings, type Source } from '../model/index.ts';
import type {
  Clock,
  GitFiles,
  GitWriter,
  ImageRegistry,
  Log,
  Metrics,
  Random,
  RepositoryCredential,
  SignerKeys,
  Sources,
  TrustSettings,
} from '../ports/index.ts';
import { normalizeAddress } from './address.ts';
import { ChartSources } from './chart-sources.ts';
import { createGitFiles } from './git/git-files.ts';
import { GitSources } from './git/git-sources.ts';
import { createGitWriter } from './git/git-writer.ts';
import { HttpClient } from './http/client.ts';
import { createImageRegistry } from './oci/image-registry.ts';
import { fetchRemoteFile } from './remote-file.ts';
import { sweep } from './sweep.ts';

/** What the room needs from outside; everything that can change is asked for when it is needed. */
export type SourcesOptions = {
  /** Mirrors and charts are kept here; all of it can be thrown away. */
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly settings: () => Pick<Settings, 'pollInterval' | 'pollJitter' | 'helmValuesFileSchemes'>;
  /** The same array as long as nothing changed. */
  readonly credentials: () => readonly RepositoryCredential[];
  /** Credentials that may write; where none fits, the ones for reading are used. */
  readonly writers?: () => readonly RepositoryCredential[];
  readonly trust: () => TrustSettings;
  /** Whose signatures of commits count; nobody's when absent. */
  readonly signers?: () => SignerKeys;
  /** PATH and proxy variables for git; a usual PATH when absent. */
  readonly env?: Readonly<Record<string, string>>;
  /** False refuses local paths: for an engine that serves several tenants. */
  readonly allowFile?: boolean;
  /** False leaves submodules empty (Argo CD's ARGOCD_GIT_MODULES_ENABLED). */
  readonly submodules?: boolean;
};

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const MiB = 1024 * 1024;
/** ms: what was not used for so long leaves the disk, some time after the start. */
const unusedFor = 30 * 24 * 3600_000;
const sweepAfter = 5 * 60_000;

/** What writes, and what reads images, with the same credentials. */
export type Writers = { readonly writer: GitWriter; readonly files: GitFiles; readonly images: ImageRegistry };

type Listener = (change: { readonly repo: string; readonly refs: readonly string[] }) => void;

/** The Sources port over git, chart repositories and registries. */
export function createSources(options: SourcesOptions): Sources & Writers {
  const listeners = new Set<Listener>();
  const changed = (repo: string, refs: readonly string[]) => {
    options.log.debug('repository changed', { repo, refs: refs.slice(0, 20) });
    for (const listener of listeners) {
      try {
        listener({ repo, refs });
      } catch (error) {
        options.log.error('a listener of the sources failed', { repo, error: String(error) });
      }
    }
  };
  const env = options.env ?? { PATH: usualPath };
  const http = new HttpClient(env);
  const interval = () => ({ every: options.settings().pollInterval, jitter: options.settings().pollJitter });
  const signers = options.signers ?? (() => ({ gpg: [], ssh: '' }));
  const shared = { ...options, signers, http, interval, changed };
  const limits = { file: 64 * MiB, tree: 32 * MiB, cache: 5 * MiB, readers: 12 };
  const allowFile = options.allowFile ?? true;
  const nobody: readonly RepositoryCredential[] = [];
  const writers = options.writers ?? (() => nobody);
  const submodules = options.submodules ?? true;
  const git = new GitSources({ ...shared, env, allowFile, submodules, limits, writers });
  const charts = new ChartSources({ ...shared, memory: 4 * MiB });
  const stopSweep = options.clock.after(sweepAfter, () => {
    const before = Date.now() - unusedFor;
    for (const part of ['git', 'archives', 'charts']) void sweep(join(options.cacheDir, part), before).catch(() => {});
  });

  return {
    writer: createGitWriter((url, project) => git.writable(url, project), options.clock, options.random),
    files: createGitFiles((url, project) => git.writable(url, project), options.clock, options.random),
    images: createImageRegistry((url, project) => charts.registry(url, project)),
    resolve: (source, project, more) => resolve(git, charts, source, project, more?.fresh === true),
    open: (source, revision, project) => open(git, charts, source, revision, project),
    info: (source, revision, project) => info(git, charts, source, revision, project),
    async descends(source, { ancestor, revision }, project) {
      if (kindOf(charts, source, project) !== 'git') return undefined;
      return (await git.repository(source.repoURL, project)).descends(ancestor, revision);
    },
    async commitsBetween(source, range, project) {
      if (kindOf(charts, source, project) !== 'git') return undefined;
      return (await git.repository(source.repoURL, project)).commitsBetween(range);
    },
    async signatures(source, revision, asked, project) {
      if (kindOf(charts, source, project) !== 'git') return undefined;
      const target = { revision: source.targetRevision, tagPrefix: source.tagPrefix ?? '' };
      return (await git.repository(source.repoURL, project)).signatures(target, revision, asked);
    },
    chart: (repoURL, name, version, project) => chart(charts, repoURL, name, version, project),
    fetch: (url) => fetchRemoteFile(http, url, options.settings().helmValuesFileSchemes, options.trust()),
    onChange: (listener) => void listeners.add(listener),
    async wake(event) {
      const woken = await Promise.all([git.wake(event), charts.wake(event)]);
      return [...new Set(woken.flat())];
    },
    watchOnly(wanted) {
      const isGit = ({ source }: (typeof wanted)[number]) => !isChart(source) && !source.repoURL.startsWith('oci://');
      git.watchOnly(wanted.filter(isGit).map(({ source, project }) => ({ url: source.repoURL, project })));
      charts.watchOnly(wanted.filter((one) => !isGit(one)));
    },
    normalize: normalizeAddress,
    async stop() {
      stopSweep();
      await Promise.all([git.stop(), charts.stop()]);
      await http.stop();
    },
  };
}

type Kind = 'git' | 'helm' | 'registry-chart' | 'artifact';

/** Where a source comes from, by Argo CD's rules. */
function kindOf(charts: ChartSources, source: Source, project: string): Kind {
  if (source.repoURL.startsWith('oci://')) return isChart(source) ? 'registry-chart' : 'artifact';
  if (!isChart(source)) return 'git';
  return charts.isRegistry(source.repoURL, project) ? 'registry-chart' : 'helm';
}

function isChart(source: Source): boolean {
  return source.chart !== undefined && source.chart !== '';
}

async function resolve(git: GitSources, charts: ChartSources, source: Source, project: string, fresh: boolean) {
  const { repoURL, targetRevision, tagPrefix = '', chart: name } = source;
  switch (kindOf(charts, source, project)) {
    case 'git':
      return (await git.repository(repoURL, project)).resolve(targetRevision, tagPrefix, fresh);
    case 'helm':
      return (await charts.helm(repoURL, project)).resolve(name ?? '', targetRevision, fresh);
    case 'registry-chart':
      return (await charts.oci(repoURL, name, project)).resolveChart(targetRevision, fresh);
    case 'artifact':
      return (await charts.oci(repoURL, undefined, project)).resolveArtifact(targetRevision, tagPrefix, fresh);
  }
}

async function open(git: GitSources, charts: ChartSources, source: Source, revision: string, project: string) {
  const { repoURL, chart: name } = source;
  switch (kindOf(charts, source, project)) {
    case 'git':
      return (await git.repository(repoURL, project)).tree(revision);
    case 'helm': {
      const repository = await charts.helm(repoURL, project);
      return (await repository.chart(name ?? '', revision, source.helm?.passCredentials === true)).tree;
    }
    case 'registry-chart':
      return (await (await charts.oci(repoURL, name, project)).chart(revision)).tree;
    case 'artifact':
      return (await (await charts.oci(repoURL, undefined, project)).artifact(revision)).tree;
  }
}

async function info(git: GitSources, charts: ChartSources, source: Source, revision: string, project: string) {
  const { repoURL, chart: name } = source;
  switch (kindOf(charts, source, project)) {
    case 'git':
      return (await git.repository(repoURL, project)).info(revision);
    case 'helm':
      return (await charts.helm(repoURL, project)).info(name ?? '', revision);
    case 'registry-chart':
      return (await charts.oci(repoURL, name, project)).info(revision);
    case 'artifact':
      return (await charts.oci(repoURL, undefined, project)).info(revision);
  }
}

/** A chart for a dependency: by address, or by the name of a repository (`@name`, `alias:name`). */
async function chart(charts: ChartSources, repoURL: string, name: string, version: string, project: string) {
  const alias = /^(?:@|alias:)(.+)$/.exec(repoURL)?.[1];
  const url = alias === undefined ? repoURL : charts.named(alias);
  if (url === undefined) {
    throw new EngineError('chart-not-found', `chart: no repository has this name: ${repoURL}`, { about: name });
  }
  if (charts.isRegistry(url, project)) {
    const opened = await (await charts.oci(url, name, project)).chart(version);
    return { version: opened.revision, tree: opened.tree, archive: opened.archive };
  }
  const opened = await (await charts.helm(url, project)).chart(name, version, false);
  return { version: opened.version, tree: opened.tree, archive: opened.archive };
}
