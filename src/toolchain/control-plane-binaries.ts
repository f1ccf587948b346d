// Decides which Kubernetes binaries a control plane runs on: what is there already comes first, a build comes last.
//
//   official on PATH ─► kubebox built before ─► official downloaded before ─► official from the release host ─► build kubebox
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { cachedTool, type EnsureOptions, ensureTool, toolchainFolder } from './ensure-tool.ts';
import { withLock } from './lock.ts';
import {
  canDownload,
  downloadOfficial,
  type OfficialBinaries,
  officialDownloaded,
  officialHosts,
  officialOnPath,
  type Pinned,
  type ReleaseHosts,
} from './official.ts';
import { requiredModules } from './tools.ts';

/** Where the programs of a control plane are; what is not official is inside `kubebox`. */
export type ControlPlaneBinaries = {
  /** A sentence for people: which binaries these are. */
  readonly origin: string;
  readonly kubebox: string;
  readonly official: Partial<OfficialBinaries>;
};

/** Where to look besides the cache; all have defaults. */
export type ControlPlaneSources = EnsureOptions & {
  readonly path?: string;
  readonly hosts?: ReleaseHosts;
  /** How long the release host may take to answer, in milliseconds. */
  readonly patience?: number;
};

/** The binaries of a control plane, made available if they are not yet. */
export async function ensureControlPlane(options: ControlPlaneSources = {}): Promise<ControlPlaneBinaries> {
  const toolchain = options.toolchain ?? toolchainFolder();
  const pinned = pinnedIn(join(toolchain, 'kubebox', 'go.mod'));
  const onPath = await officialOnPath(options.path ?? process.env.PATH ?? '', pinned);
  if (onPath !== undefined) {
    return withOfficial(onPath.binaries, `official Kubernetes ${onPath.version} from PATH`, options);
  }
  const built = await cachedTool('kubebox', options);
  if (built !== undefined) return ownBuild(built, pinned);
  const downloaded = await download(pinned, options);
  if (downloaded !== undefined) {
    return withOfficial(downloaded, `official Kubernetes ${pinned.kubernetes}, downloaded and verified`, options);
  }
  return ownBuild(await ensureTool('kubebox', options), pinned);
}

async function download(pinned: Pinned, options: ControlPlaneSources): Promise<OfficialBinaries | undefined> {
  const hosts = options.hosts ?? officialHosts;
  const cache = options.cache ?? cacheFolder(process.env);
  const folder = join(cache, 'kubernetes', `${pinned.kubernetes}-etcd-${pinned.etcd}-${process.arch}`);
  const before = officialDownloaded(folder);
  if (before !== undefined) return before;
  if (!(await canDownload(pinned, hosts, options.patience ?? 2_000))) return undefined;
  const begin = Date.now();
  const tell = (done: number, total: number, what = `official Kubernetes ${pinned.kubernetes}`) =>
    options.progress?.({
      tool: 'kubernetes',
      phase: 'fetching',
      what,
      done,
      total,
      elapsedMs: Date.now() - begin,
    });
  try {
    return await withLock(
      `${folder}.lock`,
      () => tell(0, 0),
      async () => officialDownloaded(folder) ?? (await downloadOfficial(folder, pinned, hosts, tell)),
    );
  } catch (error) {
    // The host answered and then failed, or sent something else than it promised: a build is always possible.
    tell(0, 0, `official Kubernetes failed, building instead: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

async function withOfficial(
  official: OfficialBinaries,
  origin: string,
  options: EnsureOptions,
): Promise<ControlPlaneBinaries> {
  const kubebox = (await cachedTool('kubebox', options)) ?? (await ensureTool('kubebox-lean', options));
  return { origin, kubebox, official };
}

function ownBuild(kubebox: string, { kubernetes, etcd }: Pinned): ControlPlaneBinaries {
  return { origin: `Kubernetes ${kubernetes} and etcd ${etcd}, built from source`, kubebox, official: {} };
}

function pinnedIn(goMod: string): Pinned {
  const modules = requiredModules(readFileSync(goMod, 'utf8'));
  return { kubernetes: modules.get('k8s.io/kubernetes') ?? '', etcd: modules.get('go.etcd.io/etcd/server/v3') ?? '' };
}
