// Control planes that outlive the command that starts them: each has a detached owner process, found again by its socket.
//
//   up ─► owner.ts ─► startControlPlane        <runtime>/clusters/<name>/ owner.sock record.json kubeconfig owner.log
//   down ─► owner.sock "stop" ─► the owner ends, and everything with it
import { spawn } from 'node:child_process';
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EngineError } from '../model/index.ts';
import type { Binaries } from './binaries.ts';
import { kubeClient } from './kube.ts';
import { readKubeconfig } from './kubeconfig.ts';

/** What an owner writes down about its control plane. */
export type ClusterRecord = {
  readonly name: string;
  readonly server: string;
  /** The path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly origin: string;
  readonly nodes: number;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly startedInMs: number;
  readonly pid: number;
};

/** A control plane whose owner runs, and whether its apiserver says that it is ready. */
export type ClusterStatus = ClusterRecord & { readonly ready: boolean };

/** What `upCluster` needs; `binaries` is asked for only when something must be started. */
export type ClusterWish = {
  readonly name: string;
  readonly runtime: string;
  readonly binaries: () => Promise<Binaries>;
  readonly nodes: number;
  readonly progress: (text: string) => void;
};

/** The folder of this user's running clusters: PLUMBLINE_RUNTIME, else plumbline in XDG_RUNTIME_DIR, else among temporary files. */
export function runtimeFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (env.PLUMBLINE_RUNTIME) return env.PLUMBLINE_RUNTIME;
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, 'plumbline');
  return join(tmpdir(), `plumbline-${userInfo().uid < 0 ? homedir().replaceAll(/\W/g, '-') : userInfo().uid}`);
}

/** Starts a control plane that stays until `downCluster`; one that runs already is left alone (`started` is false). */
export async function upCluster(wish: ClusterWish): Promise<{ cluster: ClusterStatus; started: boolean }> {
  checkName(wish.name);
  const running = await clusterStatus(wish.runtime, wish.name);
  if (running !== undefined) return { cluster: running, started: false };
  const binaries = await wish.binaries();
  const folder = clusterFolder(wish.runtime, wish.name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  checkOwner(wish.runtime);
  await startOwner({ name: wish.name, folder, binaries, nodes: wish.nodes }, wish.progress);
  const cluster = await clusterStatus(wish.runtime, wish.name);
  if (cluster === undefined) throw gone(wish.name, folder);
  return { cluster, started: true };
}

/** Ends a control plane and waits until nothing of it is left. False when there was none. */
export async function downCluster(runtime: string, name: string): Promise<boolean> {
  checkName(name);
  const folder = clusterFolder(runtime, name);
  const answered = await say(folder, 'stop', 30_000);
  rmSync(folder, { recursive: true, force: true });
  return answered !== undefined;
}

/** The control planes that run, by name. */
export async function listClusters(runtime: string): Promise<readonly ClusterStatus[]> {
  const all = await Promise.all(namesIn(runtime).map((name) => clusterStatus(runtime, name)));
  return all.filter((status) => status !== undefined).sort((a, b) => a.name.localeCompare(b.name));
}

/** The text of a running control plane's kubeconfig. */
export async function clusterKubeconfig(runtime: string, name: string): Promise<string | undefined> {
  const status = await clusterStatus(runtime, name);
  return status === undefined ? undefined : readFileSync(status.kubeconfig, 'utf8');
}

/** One control plane, if its owner answers. */
export async function clusterStatus(runtime: string, name: string): Promise<ClusterStatus | undefined> {
  const answer = await say(clusterFolder(runtime, name), 'status', 2_000);
  if (answer === undefined) return undefined;
  const record = JSON.parse(answer) as ClusterRecord;
  const { ask, close } = kubeClient(readKubeconfig(readFileSync(record.kubeconfig, 'utf8')));
  const ready = (await ask('GET', '/readyz').finally(close)).status === 200;
  return { ...record, ready };
}

/** What the owner process is given as its argument, in JSON. */
export type OwnerTask = {
  readonly name: string;
  readonly folder: string;
  readonly binaries: Binaries;
  readonly nodes: number;
};

/** What the owner tells the process that started it, until it is ready. */
export type OwnerWord =
  | { readonly progress: string }
  | { readonly ready: true }
  /** Another owner of this name was faster. */
  | { readonly busy: true }
  | { readonly failed: string };

function startOwner(task: OwnerTask, progress: (text: string) => void): Promise<void> {
  const log = openSync(join(task.folder, 'owner.log'), 'a', 0o600);
  const script = fileURLToPath(new URL('./owner.ts', import.meta.url));
  const owner = spawn(process.execPath, [script, JSON.stringify(task)], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  return new Promise((resolve, reject) => {
    owner.once('error', reject);
    owner.once('exit', () => reject(gone(task.name, task.folder)));
    owner.on('message', (word: OwnerWord) => {
      if ('progress' in word) progress(word.progress);
      else {
        owner.removeAllListeners('exit');
        owner.unref();
        if (owner.connected) owner.disconnect();
        if ('ready' in word) resolve();
        else if ('busy' in word) resolve(until(task));
        else reject(new EngineError('cluster-unreachable', word.failed));
      }
    });
  });
}

// Waits for the control plane that another owner is starting.
async function until({ name, folder }: OwnerTask): Promise<void> {
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(100)) {
    if ((await say(folder, 'status', 2_000)) !== undefined) return;
  }
  throw gone(name, folder);
}

// Says one word to an owner and takes its answer; undefined when no owner listens.
function say(folder: string, word: string, patience: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(join(folder, 'owner.sock'));
    const chunks: Buffer[] = [];
    socket.setTimeout(patience, () => socket.destroy(new Error('timed out')));
    socket.once('connect', () => socket.write(`${word}\n`));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('error', () => resolve(undefined));
    socket.once('end', () => resolve(Buffer.concat(chunks).toString()));
  });
}

function clusterFolder(runtime: string, name: string): string {
  return join(runtime, 'clusters', name);
}

function namesIn(runtime: string): readonly string[] {
  try {
    return readdirSync(join(runtime, 'clusters'));
  } catch {
    return [];
  }
}

function checkName(name: string): void {
  if (/^[a-z0-9]([-a-z0-9]{0,28}[a-z0-9])?$/.test(name)) return;
  throw new EngineError('usage', `cluster name: at most 30 lower-case letters, digits and inner dashes: ${name}`);
}

// Among temporary files someone else could have made the folder first, and would then hold our keys.
function checkOwner(runtime: string): void {
  const { uid, mode } = lstatSync(runtime);
  const mine = process.getuid === undefined || uid === process.getuid();
  if (mine && (mode & 0o022) === 0) return;
  throw new EngineError(
    'usage',
    `the folder of running clusters: others may write to it: ${runtime}: set PLUMBLINE_RUNTIME`,
  );
}

function gone(name: string, folder: string): EngineError {
  return new EngineError(
    'cluster-unreachable',
    `cluster ${name}: its owner process ended: see ${join(folder, 'owner.log')}`,
  );
}
