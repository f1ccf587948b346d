// Records as the lines of a note: one for each application and time, in an order that everybody agrees on.
import {
  canonical,
  type Json,
  type JsonObject,
  objectAt,
  parseInstant,
  type SignedRecord,
  stringAt,
} from '../model/index.ts';

/** The text of a note with these records in it. Of two forms of one record the later one stays; nothing else is lost. */
export function mergeLines(before: string, records: readonly SignedRecord[]): string {
  const lines = new Map<string, { readonly line: string; readonly at: number }>();
  const put = (line: string, value: Json | undefined, ours: boolean): void => {
    const record = objectAt(value, 'record');
    const seen = stringAt(record, 'stages', 'seen');
    // What is no record of ours stays as it is.
    const key = seen === undefined ? line : `${stringAt(record, 'application')} ${seen}`;
    const at = parseInstant(stringAt(record, 'endedAt')) || 0;
    const known = lines.get(key);
    if (known === undefined || at > known.at || (ours && at === known.at)) lines.set(key, { line, at });
  };
  for (const line of before.split('\n')) if (line.trim() !== '') put(line, parsed(line), false);
  for (const signed of records) {
    const value = JSON.parse(JSON.stringify(signed)) as JsonObject;
    put(canonical(value), value, true);
  }
  const sorted = [...lines].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([, { line }]) => `${line}\n`).join('');
}

/** The lines of a note that are JSON. */
export function readLines(text: string): readonly Json[] {
  return text.split('\n').flatMap((line) => parsed(line) ?? []);
}

function parsed(line: string): Json | undefined {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return undefined;
  }
}
