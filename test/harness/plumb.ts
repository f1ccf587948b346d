// The command line as users type it, against the world of a test.
import { spawn } from 'node:child_process';
import { environment, main } from './engine.ts';
import type { World } from './world.ts';

/** What a command has said, and its exit code. */
export type Said = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs `plumb WORDS` in the control namespace of a world; `directory` is where it is typed. */
export function plumb(world: World, words: readonly string[], directory = world.repo.folder): Promise<Said> {
  const { kubeconfigPath, namespace, engine } = world;
  const all = [main, ...words, '--kubeconfig', kubeconfigPath, '--namespace', namespace];
  const env = { ...environment, PLUMBLINE_CACHE: `${engine.cache}-cli`, NO_COLOR: '1', PLUMB_USER: 'tester' };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, all, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
