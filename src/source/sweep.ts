import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes what nobody has used since `before` (ms since the epoch) from a cache directory: files by their own time,
 * directories by the newest file directly in them. Whatever goes too early is fetched again.
 */
export async function sweep(dir: string, before: number): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    const place = join(dir, name);
    if ((await lastUse(place)) < before) await rm(place, { recursive: true, force: true });
  }
}

async function lastUse(place: string): Promise<number> {
  const times = [await timeOf(place)];
  for (const name of await readdir(place).catch(() => [])) times.push(await timeOf(join(place, name)));
  return Math.max(...times);
}

async function timeOf(place: string): Promise<number> {
  return stat(place).then(
    (found) => found.mtimeMs,
    () => 0,
  );
}
