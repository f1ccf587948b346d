// Official Kubernetes binaries: found on PATH, or downloaded with their checksums verified. They spare the machine a long build.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { EngineError } from '../model/index.ts';

const run = promisify(execFile);

/** What the Kubernetes project and etcd publish and a control plane needs. */
export const officialNames = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

/** The paths of a complete set. */
export type OfficialBinaries = { readonly [name in (typeof officialNames)[number]]: string };

/** The versions that are pinned: of Kubernetes and of etcd, each with its `v`. */
export type Pinned = { readonly kubernetes: string; readonly etcd: string };

/** Where releases lie; other addresses serve mirrors and tests. */
export type ReleaseHosts = { readonly kubernetes: string; readonly etcd: string };

export const officialHosts: ReleaseHosts = {
  kubernetes: 'https://dl.k8s.io/release',
  etcd: 'https://github.com/etcd-io/etcd/releases/download',
};

/** A complete set on `path` (a PATH), its Kubernetes at most two minor versions older and one newer than the pinned one. */
export async function officialOnPath(
  path: string,
  pinned: Pinned,
): Promise<{ binaries: OfficialBinaries; version: string } | undefined> {
  const found = officialNames.map((name) => [name, onPath(name, path)] as const);
  if (found.some(([, file]) => file === undefined)) return undefined;
  const binaries = Object.fromEntries(found) as OfficialBinaries;
  const versions = await Promise.all(officialNames.map((name) => versionOf(binaries[name])));
  const [etcd, ...kubernetes] = versions;
  const version = kubernetes[0];
  if (etcd === undefined || version === undefined || !isWithin(etcd, 'v3.5.0', 'v3.99.0')) return undefined;
  const wanted = minorOf(pinned.kubernetes);
  const supported = kubernetes.every(
    (one) => one === version && minorOf(one) >= wanted - 2 && minorOf(one) <= wanted + 1,
  );
  return supported ? { binaries, version } : undefined;
}

/** The set downloaded earlier, if it is complete. */
export function officialDownloaded(folder: string): OfficialBinaries | undefined {
  const paths = officialNames.map((name) => [name, join(folder, name)] as const);
  return paths.every(([, file]) => existsSync(file)) ? (Object.fromEntries(paths) as OfficialBinaries) : undefined;
}

/** Whether the release host answers within `ms` milliseconds and has binaries for this platform. */
export async function canDownload(pinned: Pinned, hosts: ReleaseHosts, ms: number): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const url = `${hosts.kubernetes}/${pinned.kubernetes}/bin/${platform()}/kube-apiserver.sha256`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ms) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

/** Downloads the pinned versions into `folder`, which appears only when all of it is there and verified. */
export async function downloadOfficial(
  folder: string,
  pinned: Pinned,
  hosts: ReleaseHosts,
  progress: (done: number, total: number) => void,
): Promise<OfficialBinaries> {
  const aside = `${folder}.${process.pid}-${Date.now()}`;
  mkdirSync(aside, { recursive: true });
  try {
    const [, ...kubernetes] = officialNames;
    let done = 0;
    progress(0, officialNames.length);
    for (const name of kubernetes) {
      const url = `${hosts.kubernetes}/${pinned.kubernetes}/bin/${platform()}/${name}`;
      const sum = firstWord(await text(`${url}.sha256`));
      writeFileSync(join(aside, name), await verified(url, sum));
      progress(++done, officialNames.length);
    }
    await downloadEtcd(aside, pinned, hosts);
    progress(++done, officialNames.length);
    await Promise.all(readdirSync(aside).map((name) => chmod(join(aside, name), 0o755)));
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  const all = officialDownloaded(folder);
  if (all === undefined) throw new EngineError('internal', `downloaded Kubernetes binaries: incomplete: ${folder}`);
  return all;
}

async function downloadEtcd(dir: string, { etcd }: Pinned, hosts: ReleaseHosts): Promise<void> {
  const release = `etcd-${etcd}-${platform().replace('/', '-')}`;
  const archive = `${release}.tar.gz`;
  const sums = await text(`${hosts.etcd}/${etcd}/SHA256SUMS`);
  const sum = firstWord(sums.split('\n').find((line) => line.trim().endsWith(archive)) ?? '');
  const file = join(dir, archive);
  writeFileSync(file, await verified(`${hosts.etcd}/${etcd}/${archive}`, sum));
  await run('tar', ['-xzf', file, '-C', dir, '--strip-components=1', `${release}/etcd`]);
  rmSync(file);
}

async function verified(url: string, sum: string): Promise<Buffer> {
  const answer = await fetchOk(url);
  const content = Buffer.from(await answer.arrayBuffer());
  const actual = createHash('sha256').update(content).digest('hex');
  if (actual !== sum.toLowerCase()) throw new EngineError('internal', `download: checksum differs: ${url}`);
  return content;
}

async function text(url: string): Promise<string> {
  return (await fetchOk(url)).text();
}

async function fetchOk(url: string): Promise<Response> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(300_000) });
  if (!answer.ok) throw new EngineError('internal', `download: HTTP ${answer.status}: ${url}`, { retry: 'backoff' });
  return answer;
}

function onPath(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((dir) => dir !== '')
    .map((dir) => join(dir, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

// Reads "Kubernetes v1.37.2" and "etcd Version: 3.7.3" alike.
async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(file, ['--version'], { timeout: 10_000 });
    const [, version] = /v?(\d+\.\d+\.\d+)/.exec(stdout) ?? [];
    return version === undefined ? undefined : `v${version}`;
  } catch {
    return undefined;
  }
}

function minorOf(version: string): number {
  return Number(/^v1\.(\d+)/.exec(version)?.[1] ?? Number.NaN);
}

function isWithin(version: string, from: string, to: string): boolean {
  const parts = (text: string) => text.slice(1).split('.').map(Number);
  const order = (a: number[], b: number[]) => a.map((part, i) => part - (b[i] ?? 0)).find((part) => part !== 0) ?? 0;
  return order(parts(version), parts(from)) >= 0 && order(parts(version), parts(to)) <= 0;
}

function platform(): string {
  return `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
}

function firstWord(line: string): string {
  return line.trim().split(/\s+/)[0] ?? '';
}
