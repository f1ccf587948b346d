// Drift → corrected: somebody changes or deletes an object; from the apiserver's answer to that until it is as it was.
import { fourObjects, pathOf } from '../manifests.ts';
import { pause, type Scene } from '../scene.ts';
import { type Times, timesOf } from '../statistics.ts';
import type { Fleet } from './bulk.ts';

/** Times beyond the foreign write itself, ms. */
export type Drifts = { readonly changed: Times; readonly deleted: Times };

/** Drifts one object each of many applications, one after another. */
export async function drifts(scene: Scene, fleet: Fleet): Promise<Drifts> {
  const changed: number[] = [];
  const deleted: number[] = [];
  const { samples } = scene.options;
  // An application that is healed again and again is healed ever later; so every sample has one of its own.
  for (let i = 0; i < samples; i++) {
    const one = fleet.wanted[(i * 7) % fleet.wanted.length];
    if (one === undefined) continue;
    if (i % 4 === 3) deleted.push(await deleteOne(scene, one.name, one.namespace));
    else changed.push(await changeOne(scene, one.name, one.namespace));
    await pause(50 + 23 * (i % 5));
  }
  return { changed: timesOf(changed), deleted: timesOf(deleted) };
}

async function changeOne(scene: Scene, name: string, namespace: string): Promise<number> {
  const { api } = scene;
  const path = pathOf({ kind: 'ConfigMap', namespace, name });
  let healed: (at: number) => void = () => undefined;
  const seen = new Promise<number>((resolve) => {
    healed = resolve;
  });
  let drifted = false;
  const stop = await api.watch(`/api/v1/namespaces/${namespace}/configmaps`, ({ object }) => {
    if (object.metadata.name !== name) return;
    if (object.data?.version === 'drifted') drifted = true;
    else if (drifted) healed(performance.now());
  });
  const body = { data: { version: 'drifted' } };
  await api.text('PATCH', `${path}?fieldManager=someone`, body, 'application/merge-patch+json');
  const start = performance.now();
  return (await ending(seen, `drift of ${name}`, stop)) - start;
}

async function deleteOne(scene: Scene, name: string, namespace: string): Promise<number> {
  const { api } = scene;
  const made = fourObjects(namespace, name, '1', true).find(({ kind }) => kind === 'Service');
  if (made === undefined) throw new Error('no Service');
  let healed: (at: number) => void = () => undefined;
  const seen = new Promise<number>((resolve) => {
    healed = resolve;
  });
  const stop = await api.watch(`/api/v1/namespaces/${namespace}/services`, ({ type, object }) => {
    if (object.metadata.name === name && type === 'ADDED') healed(performance.now());
  });
  await api.text('DELETE', pathOf(made));
  const start = performance.now();
  return (await ending(seen, `deletion in ${name}`, stop)) - start;
}

async function ending(seen: Promise<number>, what: string, stop: () => void): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not corrected in 30 s`)), 30_000);
  });
  try {
    return await Promise.race([seen, late]);
  } finally {
    clearTimeout(timer);
    stop();
  }
}
