// A manifest in the form in which the server keeps it, where it would own other fields than it sets.
import { isJsonObject, type Json, type Manifest } from '../model/index.ts';

/**
 * The manifest with a Secret's `stringData` in its `data`, as the server merges it. Applied as it is written, we would
 * own `stringData`, which no live object has: nobody would notice when a value is changed or ought to go.
 */
export function asStored(manifest: Manifest): Manifest {
  const { kind, group } = manifest.ref;
  if (kind !== 'Secret' || group !== '' || !manifest.body.includes('"stringData"')) return manifest;
  const body = parsed(manifest.body);
  if (!isJsonObject(body)) return manifest;
  const { stringData, data, ...rest } = body;
  // What is not text is the server's to refuse.
  if (!isJsonObject(stringData) || !(data === undefined || data === null || isJsonObject(data))) return manifest;
  const merged: Record<string, Json> = { ...data };
  for (const [key, value] of Object.entries(stringData)) {
    if (typeof value !== 'string') return manifest;
    merged[key] = Buffer.from(value, 'utf8').toString('base64');
  }
  return { ...manifest, body: JSON.stringify({ ...rest, data: merged }) };
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
