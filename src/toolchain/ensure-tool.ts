// Finds a built tool in the cache or builds it there: once per machine, sources and version of Go, whoever asks first.
//
//   key ─► cached? ─► lock ─► cached now? ─► build aside ─► rename ─► prune
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineError } from '../model/index.ts';
import { cacheFolder } from './cache-folder.ts';
import { goBuild, goVersion } from './go-build.ts';
import { withLock } from './lock.ts';
import type { Progress } from './progress.ts';
import { keyOf, type Recipe, recipeOf, type ToolName } from './tools.ts';

/** How to ensure something: who is told, and where things lie (both have defaults). */
export type EnsureOptions = {
  readonly progress?: ((progress: Progress) => void) | undefined;
  /** The cache folder; see `cacheFolder`. */
  readonly cache?: string;
  /** The checkout's toolchain folder. */
  readonly toolchain?: string;
};

const keptEntries = 3;
const day = 86_400_000;

/** The path of a tool's binary, built when it is not there yet. Throws an EngineError that says what is missing. */
export async function ensureTool(name: ToolName | 'kubebox-lean', options: EnsureOptions = {}): Promise<string> {
  const begin = Date.now();
  const { entry, binary, recipe, go } = await locate(name, options);
  if (use(binary)) return binary;
  if (go === undefined) throw noGo(recipe);
  const folder = join(entry, '..');
  const lock = `${entry}.lock`;
  const base = { tool: name, what: recipe.title, elapsedMs: 0, done: 0, total: 0 };
  const tell = (progress: Partial<Progress>) =>
    options.progress?.({ ...base, phase: 'building', ...progress, elapsedMs: Date.now() - begin });
  const waiting = () => tell({ ...readNote(lock), phase: 'waiting' });
  await withLock(lock, waiting, async () => {
    if (use(binary)) return;
    const aside = join(folder, `.building-${process.pid}-${Date.now()}`);
    mkdirSync(aside, { recursive: true });
    try {
      await goBuild(recipe, join(aside, recipe.name), (progress) => {
        tell(progress);
        writeNote(lock, progress);
      });
      rmSync(entry, { recursive: true, force: true });
      renameSync(aside, entry);
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
    prune(folder);
  });
  tell({ phase: 'ready' });
  return binary;
}

/** The path of a tool's binary when it is already built, else undefined. */
export async function cachedTool(
  name: ToolName | 'kubebox-lean',
  options: EnsureOptions = {},
): Promise<string | undefined> {
  const { binary } = await locate(name, options);
  return use(binary) ? binary : undefined;
}

type Located = {
  readonly entry: string;
  readonly binary: string;
  readonly recipe: Recipe;
  readonly go: string | undefined;
};

async function locate(name: ToolName | 'kubebox-lean', options: EnsureOptions): Promise<Located> {
  const toolchain = options.toolchain ?? toolchainFolder();
  const recipe = recipeOf(name, join(toolchain, name === 'kubebox-lean' ? 'kubebox' : name));
  const go = await goVersion(recipe.source);
  const entry = join(options.cache ?? cacheFolder(process.env), 'tools', name, keyOf(recipe, go ?? ''));
  return { entry, binary: join(entry, name), recipe, go };
}

/** The folder toolchain/ of this checkout. */
export function toolchainFolder(): string {
  return fileURLToPath(new URL('../../toolchain', import.meta.url));
}

// Whether it is there; being used is what keeps it from being pruned.
function use(binary: string): boolean {
  if (!existsSync(binary)) return false;
  try {
    const now = new Date();
    utimesSync(join(binary, '..'), now, now);
  } catch {
    // a cache that we may only read is as good
  }
  return true;
}

type Note = Partial<Pick<Progress, 'done' | 'total' | 'expectedMs'>>;

function writeNote(lock: string, note: Note): void {
  try {
    writeFileSync(join(lock, 'progress'), JSON.stringify(note));
  } catch {
    // nobody waits then
  }
}

function readNote(lock: string): Note {
  try {
    return JSON.parse(readFileSync(join(lock, 'progress'), 'utf8')) as Note;
  } catch {
    return {};
  }
}

// Keeps the entries used last, and all of the last day: another checkout may be using its own.
function prune(folder: string): void {
  const entries = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.endsWith('.lock'))
    .map((entry) => ({ path: join(folder, entry.name), used: statSync(join(folder, entry.name)).mtimeMs }))
    .sort((a, b) => b.used - a.used);
  for (const { path, used } of entries.slice(keptEntries)) {
    if (Date.now() - used > day) rmSync(path, { recursive: true, force: true });
  }
}

function noGo({ title, source }: Recipe): EngineError {
  const [, needed = '1.26'] = /^go (\d+\.\d+)/m.exec(readFileSync(join(source, 'go.mod'), 'utf8')) ?? [];
  return new EngineError(
    'not-found',
    `Go ${needed} or newer is needed to build ${title}: not on PATH: see https://go.dev/dl`,
  );
}
