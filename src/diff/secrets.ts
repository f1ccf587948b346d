// What servers say of a Secret that they refuse may quote it: its values are taken out before anybody reads it.
import { isJsonObject, type Json, type Manifest } from '../model/index.ts';

const mask = '++++++++';
/** Shorter values are words of the message itself as often as not. */
const shortest = 3;

/** A message about a manifest; the values of a Secret are masked in it. */
export function unsaid(message: string, manifest: Pick<Manifest, 'ref' | 'body'>): string {
  if (manifest.ref.kind !== 'Secret' || manifest.ref.group !== '') return message;
  const values = valuesIn(manifest.body).sort((a, b) => b.length - a.length);
  return values.reduce((text, value) => text.replaceAll(value, mask), message);
}

function valuesIn(body: string): string[] {
  const object = parse(body);
  if (!isJsonObject(object)) return [];
  return ['data', 'stringData']
    .flatMap((field) => leaves(object[field]))
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1)])
    .filter((value) => value.length >= shortest);
}

function leaves(value: Json | undefined): string[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(leaves);
  if (isJsonObject(value)) return Object.values(value).flatMap(leaves);
  return value === undefined || value === null ? [] : [String(value)];
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
