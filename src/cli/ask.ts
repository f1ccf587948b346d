import { EngineError } from '../model/index.ts';
import type { CliContext } from './context.ts';
import { clean } from './output/text.ts';

/** A question whose answer a flag could have given. */
export type Question = {
  readonly text: string;
  /** The flag or argument that answers it, as it is written: `--image IMAGE`. */
  readonly flag: string;
  /** Taken for an empty answer; '' makes the answer optional, undefined makes it needed. */
  readonly otherwise?: string;
};

/**
 * The value that was given, or the answer of the person at the terminal. Without a terminal what has no default is an
 * EngineError `usage` that names the flag.
 */
export async function answerTo(context: CliContext, given: string | undefined, question: Question): Promise<string> {
  if (given !== undefined) return given;
  const { text, flag, otherwise } = question;
  if (!context.terminal.outIsTerminal) {
    if (otherwise !== undefined) return otherwise;
    throw new EngineError('usage', `missing ${flag}`, { about: 'on a terminal plumb asks for it' });
  }
  for (let tries = 0; tries < 3; tries++) {
    const hint = otherwise === undefined ? '' : otherwise === '' ? ' (optional)' : ` [${clean(otherwise)}]`;
    context.terminal.err(`${text}${hint}: `);
    const answer = (await context.terminal.line()).trim();
    if (answer !== '') return answer;
    if (otherwise !== undefined) return otherwise;
  }
  throw new EngineError('usage', `missing ${flag}`);
}
