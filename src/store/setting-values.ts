// Values of settings as text: YAML, durations, sizes, lists. What cannot be read is a problem, and its default is used.
import { CORE_SCHEMA, load } from 'js-yaml';
import { type Json, listAt } from '../model/index.ts';

/** One ConfigMap that is being read, and what is wrong with it. */
export type SettingsReader = {
  readonly data: Readonly<Record<string, string>>;
  readonly problems: string[];
  /** Milliseconds, undefined when it cannot be read. */
  readonly parseDuration: (text: string) => number | undefined;
};

/** A value that is YAML itself; undefined where there is none, or it cannot be read. */
export function readYaml(reader: SettingsReader, key: string, text: string): Json | undefined {
  if (text.trim() === '') return undefined;
  try {
    return load(text, { schema: CORE_SCHEMA }) as Json;
  } catch (thrown) {
    const reason = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : '';
    reader.problems.push(`${key}: is not YAML: ${reason}`);
    return undefined;
  }
}

/** The strings of a list. */
export function texts(value: Json, key: string): readonly string[] {
  return listAt(value, key).filter((item): item is string => typeof item === 'string');
}

/** One of these words. */
export function oneOf<T extends string>(reader: SettingsReader, key: string, choices: readonly T[], otherwise: T): T {
  const value = reader.data[key]?.trim() ?? '';
  const found = choices.find((choice) => choice === value);
  if (value === '' || found !== undefined) return found ?? otherwise;
  reader.problems.push(`${key}: must be one of ${choices.join(', ')}`);
  return otherwise;
}

/** A duration, ms. */
export function duration(reader: SettingsReader, key: string, otherwise: number): number {
  const value = reader.data[key]?.trim() ?? '';
  if (value === '') return otherwise;
  const ms = reader.parseDuration(value);
  if (ms !== undefined && ms >= 0) return ms;
  reader.problems.push(`${key}: must be a duration such as 120s`);
  return otherwise;
}

/** A truth value; `true` and `false` are the only words for one. */
export function flag(reader: SettingsReader, key: string, otherwise: boolean): boolean {
  return oneOf(reader, key, ['true', 'false'], otherwise ? 'true' : 'false') === 'true';
}

/** Words between commas, undefined where the key is absent. */
export function list(value: string | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined;
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

const powers: Readonly<Record<string, number>> = { '': 0, k: 1, M: 2, G: 3, Ki: 1, Mi: 2, Gi: 3 };

/** A Kubernetes quantity of bytes: `10M`, `5Mi`, `1000`. */
export function bytes(reader: SettingsReader, key: string, otherwise: number): number {
  const value = reader.data[key]?.trim() ?? '';
  if (value === '') return otherwise;
  const [, amount, unit = ''] = /^(\d+)([kMG]|[KMG]i)?$/.exec(value) ?? [];
  const power = powers[unit];
  if (amount !== undefined && power !== undefined) return Number(amount) * (unit.endsWith('i') ? 1024 : 1000) ** power;
  reader.problems.push(`${key}: must be a size such as 10M`);
  return otherwise;
}
