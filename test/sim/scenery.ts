// What is in the repositories and clusters of a simulation.
import { annotationsOf, canonical, type Json, type KubeObject, objectAt, stringAt } from '../../src/model/index.ts';
import type { Commit } from '../doubles/fake-git.ts';
import type { seeded } from '../doubles/virtual-clock.ts';

type Random = ReturnType<typeof seeded>;

/** What no output may show. */
export const secretText = 'hunter2-hunter2';

export const namespaceObject: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'sim' } };

/** Objects that belong to nobody, and to an application that is not known here. */
export const bystanders: readonly KubeObject[] = [
  configMap('bystander-plain', 'untouched', {}),
  configMap('bystander-other', 'untouched', {
    'argocd.argoproj.io/tracking-id': 'elsewhere:/ConfigMap:sim/bystander-other',
  }),
  configMap('bystander-frozen', 'untouched', {
    'argocd.argoproj.io/tracking-id': 'frozen:/ConfigMap:sim/bystander-frozen',
  }),
];

function configMap(name: string, value: string, annotations: Record<string, string>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'sim', annotations }, data: { value } };
}

function secret(name: string, value: string): KubeObject {
  const metadata = { name, namespace: 'sim' };
  return { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { value: `${secretText}-${value}` } };
}

function deployment(name: string, replicas: number, annotations: Record<string, string>): KubeObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'sim', annotations },
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}

/** New contents, made of the old ones by a few changes; objects also move from one application to another. */
export function randomTrees(
  random: Random,
  names: readonly string[],
  before: Commit['trees'] = new Map(),
): Commit['trees'] {
  const owner = new Map<string, string>();
  const objects = new Map<string, KubeObject>();
  for (const [path, list] of before) {
    for (const object of list) {
      const key = `${object.kind}/${stringAt(object.metadata, 'name')}`;
      owner.set(key, path);
      objects.set(key, object);
    }
  }
  for (let i = 0; i < (before.size === 0 ? 14 : 1 + random.int(4)); i += 1) {
    const object = randomObject(random);
    const key = `${object.kind}/${stringAt(object.metadata, 'name')}`;
    if (random.chance(0.25)) objects.delete(key);
    else objects.set(key, object);
    if (!owner.has(key) || random.chance(0.15)) owner.set(key, random.pick(names));
  }
  if (random.chance(0.03)) objects.clear();
  const trees = new Map(names.map((name) => [name, [] as KubeObject[]]));
  for (const [key, object] of objects) trees.get(owner.get(key) ?? '')?.push(object);
  return trees;
}

function randomObject(random: Random): KubeObject {
  const annotations: Record<string, string> = {};
  if (random.chance(0.4)) annotations['argocd.argoproj.io/sync-wave'] = String(random.int(3));
  if (random.chance(0.04)) annotations['sim/refuse'] = 'yes';
  const kind = random.int(10);
  if (kind < 5) return configMap(`map-${random.int(8)}`, String(random.int(1_000)), annotations);
  if (kind < 6) return secret(`secret-${random.int(2)}`, String(random.int(1_000)));
  return deployment(`web-${random.int(4)}`, random.int(4), annotations);
}

/** The object after somebody's hand. */
export function edited(object: KubeObject, random: Random): KubeObject {
  if (object.kind === 'Deployment')
    return { ...object, spec: { ...objectAt(object, 'spec'), replicas: 7 + random.int(3) } };
  return { ...object, data: { ...objectAt(object, 'data'), value: `tampered-${random.int(1_000)}` } };
}

/** The part of an object that Git decides about, as text. */
export function objectFor(object: KubeObject): string {
  const wave = annotationsOf(object)['argocd.argoproj.io/sync-wave'] ?? '';
  if (object.kind === 'Secret') return 'secret';
  const body =
    object.kind === 'Deployment' ? { replicas: objectAt(object, 'spec').replicas ?? 1 } : objectAt(object, 'data');
  return `${wave} ${canonical(body as Json)}`;
}
