// Where on this machine everything lies that can be thrown away and made again; shared by all checkouts of a user.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** PLUMBLINE_CACHE, else plumbline in XDG_CACHE_HOME, else ~/.cache/plumbline. The entry script finds it by the same rule. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (env.PLUMBLINE_CACHE) return env.PLUMBLINE_CACHE;
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'plumbline');
}
