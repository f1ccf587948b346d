// The detached process that owns one control plane until someone says "stop" on its socket. Started by clusters.ts alone.
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { ClusterRecord, OwnerTask, OwnerWord } from './clusters.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';

const task = JSON.parse(process.argv[2] ?? '{}') as OwnerTask;
const socketPath = join(task.folder, 'owner.sock');
const claimPath = join(task.folder, 'owner.pid');
const kubeconfig = join(task.folder, 'kubeconfig');

await main();

async function main(): Promise<void> {
  // Whoever asked for it is gone before it was ready: nobody knows of it, so it goes too.
  const abandon = () => process.exit(1);
  process.once('disconnect', abandon);
  if (!claim()) {
    tell({ busy: true });
    return;
  }
  try {
    const begin = Date.now();
    const plane = await startControlPlane({ ...task, progress: (progress) => tell({ progress }) });
    copyFileSync(plane.kubeconfigPath, kubeconfig);
    await listen(
      {
        name: task.name,
        server: plane.server,
        kubeconfig,
        origin: task.binaries.origin,
        nodes: task.nodes,
        startedAt: new Date(begin).toISOString(),
        startedInMs: plane.startedIn,
        pid: process.pid,
      },
      plane,
    );
    process.off('disconnect', abandon);
    tell({ ready: true });
  } catch (error) {
    process.off('disconnect', abandon);
    tell({ failed: error instanceof Error ? error.message : String(error) });
    rmSync(claimPath, { force: true });
    process.exitCode = 1;
  }
}

// One owner for each name: whoever creates the file first. What a dead process left behind does not count.
function claim(): boolean {
  for (let tries = 0; tries < 3; tries++) {
    try {
      writeFileSync(claimPath, String(process.pid), { flag: 'wx', mode: 0o600 });
      return true;
    } catch {
      if (isAlive(Number(readFileSync(claimPath, 'utf8')))) return false;
      rmSync(claimPath, { force: true });
    }
  }
  return false;
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

function listen(record: ClusterRecord, plane: ControlPlane): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', async (word) => {
      const stop = word.toString().trim() === 'stop';
      if (stop) await plane.stop();
      socket.end(JSON.stringify(record), () => {
        if (stop) process.exit(0);
      });
    });
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => void plane.stop().then(() => process.exit(0)));
  // What is there under this name does not answer: clusters.ts has asked.
  rmSync(socketPath, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, () => resolve(server));
  });
}

function tell(word: OwnerWord): void {
  if (process.connected) process.send?.(word);
}
