import { EngineError } from '../model/index.ts';
import type { CliContext } from './context.ts';

/** The full SHA that the working tree here knows under a name; the name itself where it knows none. */
export async function commitNamed(context: CliContext, name: string): Promise<string> {
  if (/^[0-9a-f]{40}$/.test(name)) return name;
  const workbench = await context.workbench();
  try {
    const found = await workbench.localCommit(context.directory, name);
    if (found !== undefined) return found;
    if (name !== 'HEAD') return name;
    throw new EngineError('usage', 'which commit? this directory is not a Git working tree', {
      about: 'name it: a commit, a branch or a tag',
    });
  } finally {
    await workbench.close();
  }
}
