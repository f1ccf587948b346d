// What `plumb up --exit` plays by itself: a commit, changes by hand and a rollback. Each is measured, and believed only
// when the cluster itself says so.
import type { Operator } from '../contract/index.ts';
import { asEngineError, at, type KubeObject, numberAt, objectAt, stringAt } from '../model/index.ts';
import type { KubeApi } from '../ports/index.ts';
import type { Applications } from './applications.ts';
import type { Shop } from './shop.ts';
import { openWitness, type Witness } from './witness.ts';

/** The stage that the acts are played on. */
export type Stage = {
  readonly api: KubeApi;
  readonly operator: Operator;
  readonly applications: Applications;
  readonly shop: Shop;
  readonly controlNamespace: string;
  /** Says what happens now. */
  tell(text: string): void;
  /** Ends the wait when the person wants to stop. */
  step<T>(work: Promise<T>): Promise<T>;
};

/** What an act came to. */
export type Finding = {
  readonly what: string;
  /** Ms from the change until it was seen in the cluster. */
  readonly took: number;
  /** What the cluster says, or what went wrong. */
  readonly evidence: string;
  readonly ok: boolean;
};

const patience = 60_000;
const deployments = '/apis/apps/v1/namespaces/shop/deployments';
const services = '/api/v1/namespaces/shop/services';
const file = 'storefront/deployment.yaml';
const environment = 'production';
const first = { image: 'storefront:1.4.0', replicas: 3 };
const second = { image: 'storefront:1.5.0', replicas: 4 };

type Version = typeof first;
type Scene = Stage & { readonly storefront: Witness; readonly catalog: Witness; readonly key: string };

/** Plays all acts, one after the other. */
export async function playActs(stage: Stage): Promise<readonly Finding[]> {
  const storefront = await stage.step(openWitness(stage.api, deployments, 'storefront'));
  const catalog = await stage.step(openWitness(stage.api, services, 'catalog'));
  const scene: Scene = { ...stage, storefront, catalog, key: `${stage.controlNamespace}/storefront` };
  const findings: Finding[] = [];
  try {
    for (const act of [commit, scale, remove, writtenBack, rollBack]) findings.push(await stage.step(act(scene)));
  } finally {
    storefront.stop();
    catalog.stop();
  }
  return findings;
}

/** A commit goes live. */
function commit(scene: Scene): Promise<Finding> {
  const { shop, applications, storefront, key } = scene;
  const what = `git push: ${second.image}, ${second.replicas} replicas`;
  return finding(scene, what, async () => {
    const sha = await shop.commit('Storefront 1.5.0 on four replicas', file, [
      [first.image, second.image],
      [`replicas: ${first.replicas}`, `replicas: ${second.replicas}`],
    ]);
    const began = performance.now();
    await shop.push();
    const live = await storefront.until('the new storefront is live', (object) => runs(object, second), patience);
    const told = await applications.until(
      'the commit is Synced and Healthy',
      () => applications.detail(key)?.view.revisions[0] === sha && isConverged(scene),
      patience,
    );
    return { took: Math.max(live, told) - began, evidence: `${state(storefront)} (commit ${sha.slice(0, 7)})` };
  });
}

/** Somebody scales by hand. */
function scale(scene: Scene): Promise<Finding> {
  const { api, storefront } = scene;
  return finding(scene, 'by hand: scale deployment/storefront to 1', async () => {
    const before = generation(storefront.now());
    const body = { spec: { replicas: 1 } };
    const path = `${deployments}/storefront/scale?fieldManager=by-hand`;
    await api.request('PATCH', path, { body, contentType: 'application/merge-patch+json' });
    const began = performance.now();
    // One generation for the hand, one for the engine.
    const healed = (object: KubeObject | undefined): boolean =>
      generation(object) >= before + 2 && replicas(object) === second.replicas;
    const ended = await storefront.until('the replicas are back', healed, patience);
    await converged(scene);
    await storefront.until('all of them are ready again', (object) => runs(object, second), patience);
    return { took: ended - began, evidence: state(storefront) };
  });
}

/** Somebody deletes an object. */
function remove(scene: Scene): Promise<Finding> {
  const { api, catalog } = scene;
  return finding(scene, 'by hand: delete service/catalog', async () => {
    const before = uid(catalog.now());
    await api.request('DELETE', `${services}/catalog`);
    const began = performance.now();
    const back = (object: KubeObject | undefined): boolean => object !== undefined && uid(object) !== before;
    const ended = await catalog.until('the service is back', back, patience);
    await converged(scene);
    return { took: ended - began, evidence: `Service catalog is there again, as a new object` };
  });
}

/** What is live can be read in Git, without the engine and without the cluster. */
function writtenBack(scene: Scene): Promise<Finding> {
  const { applications, shop, key } = scene;
  return finding(scene, 'the verdict is written back to Git', async () => {
    const began = performance.now();
    const record = () => applications.detail(key)?.application.report?.verdict?.record;
    await applications.until('the commit is proven live', () => record()?.outcome === 'converged', patience);
    const commit = record()?.revisions[0] ?? '';
    const note = await gitTells(scene, async () => {
      const lines = (await shop.noteOn(commit, environment)).split('\n').filter((line) => line.includes(`"${key}"`));
      return (await shop.liveIn(environment)) === commit ? lines[0] : undefined;
    });
    const signature = stringAt(JSON.parse(note), 'signature', 'keyId') ?? '';
    if (signature === '') throw new Error('the note is not signed');
    const evidence = `Git: plumbline/${environment} is at ${commit.slice(0, 7)}; its note says converged, signed by ${signature}`;
    return { took: performance.now() - began, evidence };
  });
}

/** The first answer of Git; a repository tells nobody when it moves, so that it is asked again and again. */
async function gitTells(scene: Scene, ask: () => Promise<string | undefined>): Promise<string> {
  const end = performance.now() + patience;
  while (performance.now() < end) {
    const answer = await scene.step(ask());
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the verdict is not in Git');
}

/** Back to what ran before the commit, though Git says otherwise. */
function rollBack(scene: Scene): Promise<Finding> {
  const { operator, applications, storefront, key } = scene;
  return finding(scene, 'rollback of storefront', async () => {
    const began = performance.now();
    await operator.rollback(key, { reason: 'shown by plumb up', by: 'plumb up' });
    const live = await storefront.until('the old storefront is live', (object) => runs(object, first), patience);
    const told = await applications.until(
      'the rollback is Synced and Healthy, and pinned',
      () => applications.detail(key)?.view.pinned === true && isConverged(scene),
      patience,
    );
    // Automated sync looks again, and leaves it alone.
    await operator.refresh(key, 'normal');
    const looked = () => applications.detail(key)?.view.refreshing === false && isConverged(scene);
    await applications.until('the engine has looked again', looked, patience);
    if (!runs(storefront.now(), first)) throw new Error(`the rollback did not hold: ${state(storefront)}`);
    return { took: Math.max(live, told) - began, evidence: `${state(storefront)}; pinned while Git says 1.5.0` };
  });
}

async function finding(
  scene: Scene,
  what: string,
  act: () => Promise<{ readonly took: number; readonly evidence: string }>,
): Promise<Finding> {
  scene.tell(what);
  const began = performance.now();
  try {
    const { took, evidence } = await act();
    return { what, took: Math.max(0, took), evidence, ok: true };
  } catch (thrown) {
    return { what, took: performance.now() - began, evidence: asEngineError(thrown).message, ok: false };
  }
}

async function converged(scene: Scene): Promise<void> {
  await scene.applications.until('everything has converged again', () => scene.applications.converged(), patience);
}

function isConverged({ applications, key }: Scene): boolean {
  return applications.rows().find((row) => row.key === key)?.converged === true;
}

/** The Deployment asks for exactly this, and all of its pods are of this kind and ready. */
function runs(object: KubeObject | undefined, { image, replicas: wanted }: Version): boolean {
  const status = objectAt(object, 'status');
  const told = numberAt(status, 'observedGeneration') === generation(object);
  const counts = ['replicas', 'updatedReplicas', 'readyReplicas'].every((field) => status[field] === wanted);
  return told && counts && replicas(object) === wanted && imageOf(object) === image;
}

function state(witness: Witness): string {
  const object = witness.now();
  const ready = numberAt(object, 'status', 'readyReplicas') ?? 0;
  return `Deployment storefront: ${ready} of ${replicas(object)} ready, ${imageOf(object)}`;
}

function imageOf(object: KubeObject | undefined): string {
  const image = stringAt(object, 'spec', 'template', 'spec', 'containers', '0', 'image') ?? '';
  return image.slice(image.lastIndexOf('/') + 1);
}

function replicas(object: KubeObject | undefined): number {
  return numberAt(object, 'spec', 'replicas') ?? 0;
}

function generation(object: KubeObject | undefined): number {
  return numberAt(object?.metadata, 'generation') ?? 0;
}

function uid(object: KubeObject | undefined): string {
  return String(at(object?.metadata, 'uid') ?? '');
}
