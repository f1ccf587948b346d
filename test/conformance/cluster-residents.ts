// Promises about residents: who lives in a namespace that somebody asks about, from memory, and told of every change.
import assert from 'node:assert/strict';
import { refOf } from '../../src/model/index.ts';
import type { Scene, Tell } from './cluster-scene.ts';

const place = (namespace: string) => ({ destination: { name: 'in-cluster', namespace }, project: 'default' });

async function names(scene: Scene): Promise<readonly string[]> {
  const found = await (await scene.cluster).residents(scene.world.namespace);
  return found.filter(({ ref }) => ref.name.startsWith('res-')).map(({ ref }) => `${ref.kind}/${ref.name}`);
}

/** Who lives where. */
export function residents(promise: Tell): void {
  promise('everybody in a namespace is known: kinds that are observed and kinds that are not', async (scene) => {
    const [one, two] = [scene.config('res-one', {}), scene.object('ServiceAccount', 'res-two', {}, false)];
    await scene.world.put(one, 'somebody');
    await scene.world.put(two, 'somebody');
    await scene.see(one);
    const owner = await scene.world.get(refOf(one));
    const owners = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'res-one', uid: owner?.metadata.uid ?? '' }];
    await scene.world.put(scene.object('Secret', 'res-owned', { metadata: { ownerReferences: owners } }), 'somebody');
    scene.clusters.follow([place(scene.world.namespace)]);
    assert.deepEqual([...(await names(scene))].sort(), ['ConfigMap/res-one', 'ServiceAccount/res-two']);
    const cluster = await scene.cluster;
    const known = await cluster.residents(scene.world.namespace);
    assert.equal(cluster.residents(scene.world.namespace), known, 'the same list while nothing has changed');
    const tracked = Object.fromEntries(known.map(({ ref, tracking }) => [ref.name, tracking]));
    assert.deepEqual([tracked['res-one'], tracked['res-two']], [scene.app, '']);
    const [node] = await cluster.tree(
      '',
      [],
      known.filter(({ ref }) => ref.name === 'res-two'),
    );
    assert.equal(node?.ref.name, 'res-two', 'whoever lives there can be shown');
    await scene.world.remove(refOf(one));
    await scene.world.remove(refOf(two));
  });

  promise('who comes and goes is told, of kinds that are observed and of others', async (scene) => {
    const { namespace } = scene.world;
    await scene.see(scene.config('res-none', {}));
    scene.clusters.follow([place(namespace)]);
    await names(scene);
    for (const object of [scene.config('res-free', {}, false), scene.object('ServiceAccount', 'res-sa', {}, false)]) {
      const here = `${object.kind}/${object.metadata.name}`;
      const told = () => scene.events.some(({ what, id }) => what === 'residents' && id === `/Namespace//${namespace}`);
      scene.events.length = 0;
      await scene.world.put(object, 'somebody');
      await scene.until(async () => told() && (await names(scene)).includes(here), `${here} comes`);
      scene.events.length = 0;
      await scene.world.remove(refOf(object));
      await scene.until(async () => told() && !(await names(scene)).includes(here), `${here} goes`);
    }
  });

  promise('who is adopted is told; what an application makes is not', async (scene) => {
    const { namespace } = scene.world;
    const free = scene.config('res-adopted', { a: '1' }, false);
    await scene.world.put(free, 'somebody');
    await scene.see(free);
    scene.clusters.follow([place(namespace)]);
    assert.deepEqual(await names(scene), ['ConfigMap/res-adopted']);
    scene.events.length = 0;
    await scene.apply(scene.config('res-made', { a: '1' }));
    await scene.apply(scene.config('res-adopted', { a: '1' }));
    await scene.until(() => scene.events.some(({ what }) => what === 'residents'), 'the adoption is told');
    const found = await (await scene.cluster).residents(namespace);
    const mine = found.filter(({ ref }) => ref.name.startsWith('res-'));
    assert.deepEqual(
      mine.map(({ tracking }) => tracking),
      [scene.app, scene.app],
    );
    for (const { ref } of mine) await scene.world.remove(ref);
  });

  promise('a kind that is observed later is still known', async (scene) => {
    const account = scene.object('ServiceAccount', 'res-later', {}, false);
    await scene.world.put(account, 'somebody');
    scene.clusters.follow([place(scene.world.namespace)]);
    assert.deepEqual(await names(scene), ['ServiceAccount/res-later']);
    await scene.see(account);
    assert.deepEqual(await names(scene), ['ServiceAccount/res-later']);
    await scene.world.remove(refOf(account));
    await scene.until(async () => (await names(scene)).length === 0, 'it goes');
  });

  promise('of a namespace that nobody asks about any more nothing is kept', async (scene) => {
    const cluster = await scene.cluster;
    scene.clusters.follow([place(scene.world.namespace)]);
    const asked = cluster.residents(scene.world.namespace);
    scene.clusters.follow([]);
    assert.deepEqual(await asked, []);
    const account = scene.object('ServiceAccount', 'res-visited', {}, false);
    await scene.world.put(account, 'somebody');
    assert.deepEqual(await names(scene), ['ServiceAccount/res-visited'], 'who asks all the same is answered');
    await scene.world.remove(refOf(account));
    scene.clusters.follow([place(scene.world.namespace)]);
    assert.deepEqual(await names(scene), []);
  });

  promise('many namespaces at once are one watch for each kind', async (scene) => {
    const account = scene.object('ServiceAccount', 'res-many', {}, false);
    await scene.world.put(account, 'somebody');
    const others = ['default', 'kube-system', 'kube-public', 'elsewhere'].map(place);
    scene.clusters.follow([place(scene.world.namespace), ...others]);
    assert.deepEqual(await names(scene), ['ServiceAccount/res-many']);
    scene.clusters.follow([place(scene.world.namespace), ...others.slice(0, 2)]);
    assert.deepEqual(await names(scene), ['ServiceAccount/res-many']);
    await scene.world.remove(refOf(account));
    await scene.until(async () => (await names(scene)).length === 0, 'it goes');
  });

  promise('credentials for one namespace know who lives there, and nobody else', async (scene) => {
    const { namespace } = scene.world;
    scene.world.credential({ name: 'one-space', namespaces: [namespace], project: 'team', digest: 'one-space' });
    const account = scene.object('ServiceAccount', 'res-narrow', {}, false);
    await scene.world.put(account, 'somebody');
    const spaces = [namespace, 'default', 'kube-system', 'kube-public', 'kube-node-lease'];
    scene.clusters.follow(
      spaces.map((space) => ({ destination: { name: 'one-space', namespace: space }, project: 'team' })),
    );
    const narrow = await scene.clusters.get({ name: 'one-space', namespace: '' }, 'team');
    const found = await narrow.residents(namespace);
    assert.ok(found.some(({ ref }) => ref.name === 'res-narrow'));
    assert.deepEqual(await narrow.residents('default'), []);
    await scene.world.remove(refOf(account));
  });
}
