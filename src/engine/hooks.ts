// The hooks of an operation under the names they have in it.
import {
  type KubeObject,
  type Manifest,
  type OperationState,
  objectAt,
  parseInstant,
  stringAt,
} from '../model/index.ts';
import type { Desired } from './desire.ts';
import { directivesOf } from './steering.ts';

/** Every hook with a name. One that only has a generateName gets one that is the same at every pass (Argo CD's form). */
export function hooksOf(desired: Desired, state: OperationState): readonly Manifest[] {
  return desired.hooks.map((manifest) => (manifest.ref.name === '' ? named(manifest, desired, state) : manifest));
}

function named(manifest: Manifest, desired: Desired, state: OperationState): Manifest {
  const object = JSON.parse(manifest.body) as KubeObject;
  const { generateName: _, ...metadata } = objectAt(object.metadata) as Record<string, never>;
  const [phase = 'Sync'] = directivesOf(manifest).hooks;
  const revision = (desired.revisions[manifest.source] ?? '').slice(0, 7);
  const started = Math.floor(parseInstant(state.startedAt) / 1000);
  const prefix = stringAt(object.metadata, 'generateName') ?? '';
  const name = `${prefix}${revision}-${phase}-${started}`.toLowerCase();
  const body = JSON.stringify({ ...object, metadata: { ...metadata, name } });
  return { ...manifest, body, ref: { ...manifest.ref, name }, digest: `${manifest.digest}|${name}` };
}
