// Runs the Go compiler: which packages are missing, how many are done, and what it complains of.
import { execFile, spawn } from 'node:child_process';
import { availableParallelism, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { EngineError } from '../model/index.ts';
import type { Progress } from './progress.ts';
import type { Recipe } from './tools.ts';

type Report = (progress: Pick<Progress, 'phase' | 'done' | 'total' | 'expectedMs'>) => void;

// A lower priority than the user's own work; the compiler uses every core.
const niceness = 5;

/** The version of Go that builds `source`, such as go1.26.8; undefined where there is no Go. */
export async function goVersion(source: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], { cwd: source, env: goEnv() });
    return stdout.trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failed('go env', String((error as { stderr?: string }).stderr ?? error));
  }
}

/** Builds a recipe into `output`. */
export async function goBuild(recipe: Recipe, output: string, report: Report): Promise<void> {
  report({ phase: 'fetching', done: 0, total: 0 });
  let fetched = 0;
  const listing = ['list', ...recipe.flags, '-deps', '-f', '{{.Stale}} {{.ImportPath}}', '.'];
  const listed = await go(recipe, listing, (line) => {
    if (line.startsWith('go: downloading')) report({ phase: 'fetching', done: ++fetched, total: 0 });
  });
  const missing = new Set(listed.filter((line) => line.startsWith('true ')).map((line) => line.slice(5)));
  const share = Math.min(1, missing.size / Math.max(1, listed.length));
  const expectedMs = (recipe.linkSeconds + (share * recipe.coldSeconds) / availableParallelism()) * 1000;
  const total = missing.size;
  const tell = () =>
    report({ phase: missing.size <= 1 ? 'linking' : 'building', done: total - missing.size, total, expectedMs });
  tell();
  const pulse = setInterval(tell, 1000);
  await go(recipe, ['build', '-v', ...recipe.flags, '-o', output, '.'], (line) => {
    if (missing.delete(line)) tell();
  }).finally(() => clearInterval(pulse));
}

// Runs one go command; resolves with the lines of its standard output.
function go({ source, title }: Recipe, args: readonly string[], onLine: (line: string) => void): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', args, { cwd: source, env: goEnv(), stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid !== undefined) setPriority(child.pid, niceness);
    const out: string[] = [];
    const complaints: string[] = [];
    createInterface(child.stdout).on('line', (line) => out.push(line));
    createInterface(child.stderr).on('line', (line) => {
      onLine(line);
      if (/[: ]/.test(line) && !line.startsWith('go: downloading') && complaints.length < 20) complaints.push(line);
    });
    child.once('error', (error) => reject(failed(title, error.message)));
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(failed(title, complaints.join('; ')))));
  });
}

function goEnv(): NodeJS.ProcessEnv {
  return { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '' };
}

function failed(what: string, why: string): EngineError {
  return new EngineError('internal', `building ${what}: ${why.slice(0, 2000)}`);
}
