// The stages of the test run, in the order in which they are worth starting. Files are found by pattern: a new test needs no entry here.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { startControlPlane } from '../src/embedded/index.ts';
import { ensureControlPlane, ensureTool, progressLine } from '../src/toolchain/index.ts';
import { ensureForge } from '../test/harness/forge.ts';
import { type Outcome, prepared, type Stage, verdict } from './stage.ts';
import { runTestFiles, type Selection, shorten } from './test-files.ts';

const minute = 60_000;
const roomsWithoutEffects = 'model,diff,health,actions,report,policy,verdict,dialects,plan,engine,cli';

/** The stages of a run of the checkout at `root`; the quick one needs no control plane and takes less than a minute. */
export function stagesOf(root: string, quick: boolean): readonly Stage[] {
  const cores = availableParallelism();
  const tests = (
    name: string,
    needs: readonly string[],
    patterns: readonly string[],
    { timeout = 5 * minute, ...rest }: Partial<Selection> = {},
  ): Stage => ({
    name,
    needs,
    run: (tell) => runTestFiles({ root, patterns, concurrency: Math.max(1, cores), timeout, ...rest }, tell),
  });
  const quickly = [
    toolStage('toolbox'),
    commandStage(root, 'types', 'tsc', ['--noEmit']),
    commandStage(root, 'lint', 'biome', ['check', '--colors=off', '--max-diagnostics=50', '.']),
    commandStage(root, 'unused', 'knip', ['--no-progress']),
    tests('tidy', [], ['test/*.test.ts']),
    tests('unit', ['toolbox'], ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'web/src/**/*.test.ts'], {
      together: [`src/{${roomsWithoutEffects}}/**/*.test.ts`],
      again: true,
    }),
    tests('golden', ['toolbox'], ['test/golden/**/*.test.ts']),
    tests('sim', [], ['test/sim/**/*.test.ts'], { timeout: 30 * minute }),
  ];
  if (quick) return quickly;
  return [
    controlPlaneBinaries,
    ...quickly,
    clusterStage,
    tests('conformance', ['cluster', 'toolbox'], ['test/conformance/**/*.test.ts'], { again: true }),
    forgeStage,
    tests('e2e', ['cluster', 'toolbox', 'forge'], ['test/e2e/**/*.test.ts'], {
      timeout: 15 * minute,
      again: true,
    }),
  ];
}

/** The path of a Chromium for the browser tests, if this machine has one. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const paths = (process.env.PATH ?? '').split(delimiter).flatMap((dir) => names.map((name) => join(dir, name)));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const controlPlaneBinaries: Stage = {
  name: 'kubernetes',
  needs: [],
  background: true,
  run: async (tell) => {
    const { origin } = await ensureControlPlane({ progress: (progress) => tell(progressLine(progress)) });
    return prepared(origin);
  },
};

// One control plane for all tests that do not break theirs. It ends with this process.
const clusterStage: Stage = {
  name: 'cluster',
  needs: ['kubernetes'],
  run: async (tell) => {
    const plane = await startControlPlane({ binaries: await ensureControlPlane(), name: 'test', progress: tell });
    process.env.PLUMBLINE_TEST_CLUSTER = plane.kubeconfigPath;
    return prepared('a control plane for the tests below');
  },
};

// A real forge for the tests that need one; where it cannot be built they say so.
const forgeStage: Stage = {
  name: 'forge',
  needs: ['kubernetes', 'toolbox'],
  background: true,
  run: async (tell) => prepared(await ensureForge(tell)),
};

function toolStage(name: 'toolbox'): Stage {
  return {
    name,
    needs: [],
    background: true,
    run: async (tell) => {
      await ensureTool(name, { progress: (progress) => tell(progressLine(progress)) });
      return prepared('Helm, Kustomize, Jsonnet');
    },
  };
}

function commandStage(root: string, name: string, command: string, args: readonly string[]): Stage {
  return { name, needs: [], run: () => runCommand(root, command, args) };
}

function runCommand(root: string, command: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`, NO_COLOR: '1' };
    const child = spawn(join(root, 'node_modules', '.bin', command), args, {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      resolve(verdict(code === 0 ? [] : [shorten(Buffer.concat(output).toString().trim())])),
    );
  });
}
