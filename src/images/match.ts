/** Regular expressions that people bring, over tags that registries bring: neither may hold up the process. */
import vm from 'node:vm';
import { EngineError } from '../model/index.ts';

const longest = 500;
/** ms for all tags together. */
const patience = 250;
const script = new vm.Script(`(() => {
  const { pattern, tags } = JSON.parse(input);
  const expression = new RegExp(pattern, 'u');
  return JSON.stringify(tags.map((tag) => {
    const found = expression.exec(tag);
    return found === null ? null : found.groups?.version ?? found[1] ?? tag;
  }));
})()`);

/**
 * For each tag what the first group (or the one named `version`, or the whole tag) matched, null where nothing did.
 * EngineError `usage` for what is no expression, or takes too long.
 */
export function matchTags(pattern: string, tags: readonly string[]): readonly (string | null)[] {
  const wrong = (why: string, cause?: unknown) =>
    new EngineError('usage', `image policy: ${why}: ${pattern.slice(0, 200)}`, { cause });
  if (pattern.length > longest) throw wrong('the expression is too long');
  try {
    const input = JSON.stringify({ pattern, tags });
    const answer: unknown = script.runInNewContext({ input }, { timeout: patience });
    return JSON.parse(String(answer)) as (string | null)[];
  } catch (error) {
    const code = (error as { readonly code?: string }).code;
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw wrong('the expression takes too long', error);
    throw wrong('not a regular expression', error);
  }
}
