// Health of live objects with the checks that people wrote: kinds with a script of their own go through the toolbox,
// all others are judged at once. Objects that come at the same time are judged by one request for each script.
import { assess, healthBeforeScript, healthFromScript, keyOfKind, type ScriptRun } from '../health/index.ts';
import {
  asEngineError,
  type Health,
  type HealthScript,
  type KubeObject,
  matchesGlob,
  type Settings,
} from '../model/index.ts';

import type { Languages } from '../ports/index.ts';

/** Judges an object: at once, or later where a script has to be asked. Never throws, and its promise never fails. */
export type Assessor = (object: KubeObject) => Health | undefined | Promise<Health | undefined>;

type Waiting = { readonly obj: string; readonly resolve: (run: ScriptRun) => void };
type Queue = { waiting: Waiting[]; running: boolean };

const tries = 2;

/** An assessor under the settings of the moment. */
export function createAssessor(languages: Languages, settings: () => Pick<Settings, 'healthScripts'>): Assessor {
  const queues = new Map<HealthScript, Queue>();
  let known: { readonly of: readonly HealthScript[]; readonly byKind: Map<string, HealthScript | undefined> };
  const scriptOf = (object: KubeObject): HealthScript | undefined => {
    const { healthScripts } = settings();
    if (healthScripts.length === 0) return undefined;
    if (known?.of !== healthScripts) known = { of: healthScripts, byKind: new Map() };
    const key = keyOfKind(object);
    if (!known.byKind.has(key)) known.byKind.set(key, scriptFor(healthScripts, key));
    return known.byKind.get(key);
  };
  return (object) => {
    const script = scriptOf(object);
    if (script === undefined) return assess(object);
    const before = healthBeforeScript(object);
    if (before !== undefined) return before;
    const queue = queues.get(script) ?? { waiting: [], running: false };
    queues.set(script, queue);
    const run = new Promise<ScriptRun>((resolve) => {
      queue.waiting.push({ obj: JSON.stringify(object), resolve });
    });
    if (!queue.running) void work(languages, script, queue).then(() => queues.delete(script));
    return run.then((one) => healthFromScript(object, one));
  };
}

/** The script for a kind (`group/Kind`): the exact one, else the first wildcard that matches. */
export function scriptFor(scripts: readonly HealthScript[], key: string): HealthScript | undefined {
  return (
    scripts.find(({ group, kind }) => `${group}/${kind}` === key) ??
    scripts.find(({ group, kind }) => matchesGlob(`${group}/${kind}`, key))
  );
}

async function work(languages: Languages, script: HealthScript, queue: Queue): Promise<void> {
  queue.running = true;
  // Everything that arrives in this turn goes along.
  await Promise.resolve();
  while (queue.waiting.length > 0) {
    const some = queue.waiting.splice(0);
    const runs = await ask(languages, script, some);
    for (const [i, { resolve }] of some.entries()) {
      resolve(runs[i] ?? { ok: false, message: 'the health check gave no answer' });
    }
  }
  queue.running = false;
}

async function ask(
  languages: Languages,
  { script, openLibs }: HealthScript,
  some: readonly Waiting[],
): Promise<readonly ScriptRun[]> {
  const calls = some.map(({ obj }) => ({ obj }));
  for (let attempt = 1; ; attempt++) {
    try {
      return await languages.lua(script, calls, { openLibs });
    } catch (thrown) {
      const { message } = asEngineError(thrown);
      if (attempt >= tries) return some.map(() => ({ ok: false, message: `health check: ${message}` }));
    }
  }
}
