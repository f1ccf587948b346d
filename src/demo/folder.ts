// The folder of one demo among the temporary files: gone when the demo ends, and swept up later when it was killed.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const prefix = 'plumb-';
const ownerFile = '.owner';

/** A new folder below `temporary`. One that shall be kept has no owner, so that nobody sweeps it. */
export async function makeFolder(temporary: string, keep: boolean): Promise<string> {
  const folder = await mkdtemp(join(temporary, prefix));
  if (!keep) await writeFile(join(folder, ownerFile), String(process.pid));
  return folder;
}

/** Removes the folders of demos of this user that were killed. Never fails. */
export async function sweep(temporary: string): Promise<void> {
  const names = await readdir(temporary).catch(() => []);
  const folders = names.filter((name) => name.startsWith(prefix)).map((name) => join(temporary, name));
  await Promise.allSettled(
    folders.map(async (folder) => {
      const owner = Number(await readFile(join(folder, ownerFile), 'utf8'));
      const mine = (await stat(folder)).uid === process.getuid?.();
      if (mine && owner > 0 && !isAlive(owner)) await rm(folder, { recursive: true, force: true });
    }),
  );
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
