import { EngineError, type Json } from '../../model/index.ts';
import type { CliContext } from '../context.ts';
import type { Flag } from '../flags.ts';
import { dumpYaml, inReadingOrder } from './yaml.ts';

/** The `-o` flag of a command that knows these forms besides its own for people. */
export function outputFlag<const T extends readonly string[]>(...forms: T) {
  return {
    kind: 'string',
    short: 'o',
    value: 'FORM',
    about: `Output form: ${forms.join(', ')}`,
    choices: forms,
  } as const satisfies Flag;
}

/** Writes `value` as JSON or YAML; false when `form` is neither. */
export function writeData(context: CliContext, form: string | undefined, value: unknown): boolean {
  if (form !== 'json' && form !== 'yaml') return false;
  const plain = JSON.parse(JSON.stringify(value)) as Json;
  context.terminal.out(form === 'json' ? `${JSON.stringify(plain, null, 2)}\n` : dumpYaml(inReadingOrder(plain)));
  return true;
}

/** The key that a person means by `name` or `namespace/name`. */
export function keyOf(word: string, namespace: string): string {
  const parts = word.split('/');
  if (parts.length > 2 || parts.some((part) => !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(part))) {
    throw new EngineError('usage', `not the name of an application: ${word}`, {
      about: 'form: NAME or NAMESPACE/NAME',
    });
  }
  return parts.length === 2 ? word : `${namespace}/${word}`;
}
