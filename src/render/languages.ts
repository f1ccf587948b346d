/** The Languages port over the toolbox: Lua and jq with Argo CD's limits, errors of a script as its result. */
import type { Languages, Ran } from '../ports/index.ts';
import type { Outcome, Toolbox } from './toolbox/protocol.ts';
import { ToolboxError } from './toolbox/protocol.ts';
import { fromToolbox } from './toolbox-errors.ts';

/** Runs in one request: with a second for each, the slowest request still ends in time. */
const callsInOne = 25;
const limits = { timeMs: 45_000 };
const longestMessage = 1_000;
/** Failures of the process or the machine; all others are the script's own. */
const foreign = new Set(['crashed', 'cancelled', 'closed', 'spawn', 'protocol', 'bad-request']);

/** Languages over a toolbox, which stays its owner's. */
export function createLanguages(toolbox: Pick<Toolbox, 'lua' | 'jq'>): Languages {
  return {
    async lua(script, calls, { openLibs }) {
      const results: Ran<string>[] = [];
      for (let at = 0; at < calls.length; at += callsInOne) {
        const some = calls.slice(at, at + callsInOne);
        results.push(
          ...(await ran('lua', some.length, async () => {
            const { results: outcomes } = await toolbox.lua({ script, calls: some, openLibs, limits });
            return outcomes;
          })),
        );
      }
      return results;
    },
    jq: (object, expressions) =>
      ran('jq', expressions.length, async () => (await toolbox.jq({ object, expressions, limits })).results),
  };
}

// A script that cannot be compiled fails the whole request: then that is what each of its runs came to.
async function ran<T>(
  tool: string,
  count: number,
  run: () => Promise<readonly Outcome<T>[]>,
): Promise<readonly Ran<T>[]> {
  try {
    return (await run()).map((one) => (one.ok ? one : { ok: false, message: oneLine(one.message) }));
  } catch (thrown) {
    if (!(thrown instanceof ToolboxError) || foreign.has(thrown.code)) throw fromToolbox(thrown, tool, '');
    const message = oneLine(thrown.message);
    return Array.from({ length: count }, () => ({ ok: false, message }));
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, longestMessage);
}
