// Where a control plane lives on this machine: a directory (in memory where there is room) and a free port on loopback.
import { mkdirSync, mkdtempSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../model/index.ts';

const roomNeeded = 1.5 * 2 ** 30;
// The longest socket path that every system takes is 103 bytes; the longest name inside the directory is etcd.sock-peer.
const longestDir = 88;

/** A new directory that only this user can enter: on a memory file system with 1.5 GiB to spare, else among the temporary files. */
export function freshDir(name: string): string {
  const dir = mkdtempSync(join(memoryDir() ?? tmpdir(), `plumbline-${name}-`));
  checkLength(dir);
  return dir;
}

/** Makes the directory that the caller asked for. */
export function givenDir(dir: string): string {
  checkLength(dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return dir;
}

function checkLength(dir: string): void {
  if (Buffer.byteLength(dir) <= longestDir) return;
  throw new EngineError('usage', `the directory of a control plane: longer than ${longestDir} bytes: ${dir}`);
}

function memoryDir(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize >= roomNeeded ? '/dev/shm' : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A port on loopback that was free a moment ago. It is drawn below the range from which the system takes the ports of
 * outgoing connections, so that none of them takes it before the apiserver does.
 */
export async function freePort(random: () => number = Math.random): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = 20_000 + Math.floor(random() * 12_000);
    if (await isFree(port)) return port;
  }
  throw new EngineError('internal', 'no free port on 127.0.0.1 between 20000 and 32000', { retry: 'backoff' });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
