// Runs the git command the same way whatever the person has configured.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { EngineError } from '../model/index.ts';

const run = promisify(execFile);

/** Git in one directory; answers standard output without the line end. EngineError with what git said. */
export async function git(directory: string, ...args: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']) delete env[name as keyof typeof env];
  try {
    return (await run('git', [...args], { cwd: directory, env })).stdout.trimEnd();
  } catch (thrown) {
    const said = (thrown as { readonly stderr?: string }).stderr?.trim() || String(thrown);
    throw new EngineError('internal', `git ${args[0] ?? ''}: ${directory}: ${said}`, { cause: thrown });
  }
}

/** A setting of the person's own git, '' where there is none. */
export async function personalSetting(directory: string, name: string): Promise<string> {
  try {
    return (await run('git', ['config', name], { cwd: directory })).stdout.trim();
  } catch {
    return '';
  }
}
