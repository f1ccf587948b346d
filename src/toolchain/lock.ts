// A lock between processes of one machine: a directory, because making one is atomic everywhere.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const beat = 2_000;
const silence = 20_000;

/** Runs `work` while no other process holds the lock at `path`. `waiting` is called about twice a second until then. */
export async function withLock<T>(path: string, waiting: () => void, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  while (!take(path)) {
    if (isAbandoned(path)) remove(path);
    else {
      waiting();
      await sleep(400);
    }
  }
  const pulse = setInterval(() => touch(path), beat);
  pulse.unref();
  try {
    return await work();
  } finally {
    clearInterval(pulse);
    rmSync(path, { recursive: true, force: true });
  }
}

function take(path: string): boolean {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(join(path, 'pid'), String(process.pid));
  return true;
}

// Abandoned is what belongs to a process that is no more, or has given no sign for long (it may be one of another container).
function isAbandoned(path: string): boolean {
  try {
    if (Date.now() - statSync(path).mtimeMs > silence) return true;
    process.kill(Number(readFileSync(join(path, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

// Moved away first: only one of several that saw it abandoned succeeds.
function remove(path: string): void {
  const aside = `${path}-${randomUUID()}`;
  try {
    renameSync(path, aside);
    rmSync(aside, { recursive: true, force: true });
  } catch {
    // someone else was faster
  }
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // the cache was removed under us; the work itself will say so
  }
}
