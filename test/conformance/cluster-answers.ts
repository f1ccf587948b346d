// Promises about answers: refusals, reads, trees, kinds, deletion, the other ways of writing, and places.
import assert from 'node:assert/strict';
import { type KubeObject, refOf } from '../../src/model/index.ts';
import { code, manifestOf, Scene, serverSide, type Tell } from './cluster-scene.ts';

/** What the server says and shows. */
export function answers(promise: Tell): void {
  promise('what the server rejects says why, on one line', async (scene) => {
    const bad = { ...scene.config('bad', {}), dta: { a: '1' } };
    const prediction = await scene.predict(bad);
    assert.equal(prediction.kind, 'rejected');
    assert.ok(
      prediction.kind === 'rejected' && prediction.message.includes('dta') && !prediction.message.includes('\n'),
    );
    await assert.rejects(scene.apply(bad), code('object-rejected'));
  });

  promise('a name that leads elsewhere is no name', async (scene) => {
    for (const name of ['..', '.', 'a/../b', 'x/status', 'a%2fb']) {
      const object = scene.config('plain', {});
      const named = { ...object, metadata: { ...object.metadata, name } };
      const spaced = { ...object, metadata: { ...object.metadata, namespace: name } };
      await assert.rejects(scene.predict(named), code('object-rejected'));
      await assert.rejects(scene.apply(spaced), code('object-rejected'));
      await assert.rejects((await scene.cluster).read(refOf(named)), code('object-rejected'));
    }
  });

  promise('a missing namespace and an unknown kind are told apart', async (scene) => {
    const elsewhere = scene.config('elsewhere', {});
    const away = { ...elsewhere, metadata: { ...elsewhere.metadata, namespace: 'there-is-no-such-namespace' } };
    assert.deepEqual(await scene.predict(away), { kind: 'no-namespace' });
    const strange = { ...elsewhere, apiVersion: 'strange.example.com/v1', kind: 'Strange' };
    assert.deepEqual(await scene.predict(strange), { kind: 'unknown-kind' });
    await assert.rejects(scene.apply(strange), code('kind-unknown'));
    const seen = await (await scene.cluster).observe({ tracking: scene.app, refs: [refOf(strange), refOf(elsewhere)] });
    assert.deepEqual(seen.unknownKinds, ['strange.example.com/Strange']);
  });

  promise('whole objects, versions and kinds can be asked for', async (scene) => {
    const object = scene.config('whole', { a: '1' });
    await scene.apply(object);
    const cluster = await scene.cluster;
    assert.deepEqual((await cluster.read(refOf(object)))?.data, { a: '1' });
    assert.equal(await cluster.read({ ...refOf(object), name: 'nothing' }), undefined);
    const { kubeVersion, apiVersions } = await cluster.version();
    assert.match(kubeVersion, /^v1\.\d+/);
    assert.ok(
      apiVersions.includes('apps/v1') && apiVersions.includes('apps/v1/Deployment') && apiVersions.includes('v1'),
    );
    const kind = await cluster.kind('apps', 'Deployment');
    assert.deepEqual([kind?.plural, kind?.namespaced, kind?.version], ['deployments', true, 'v1']);
    assert.equal(await cluster.kind('apps', 'Deployment', 'v1beta1'), undefined);
  });

  promise('the tree holds what the objects own, and what that owns', async (scene) => {
    const root = scene.config('root', {});
    await scene.see(root);
    const { live } = await scene.apply(root);
    const owned = (name: string, uid: string, owner: string): KubeObject => {
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid }];
      const spec = { replicas: 0, selector: { matchLabels: { a: 'b' } }, template: podTemplate };
      return {
        ...scene.object('ReplicaSet', name, { spec }, false),
        metadata: { name, namespace: scene.world.namespace, ownerReferences },
      };
    };
    await scene.world.put(owned('child', live.uid, 'root'), 'somebody');
    const cluster = await scene.cluster;
    const nodes = await cluster.tree(scene.app, [refOf(root)]);
    assert.deepEqual(
      nodes.map((node) => node.ref.name),
      ['root', 'child'],
    );
    assert.deepEqual(nodes[1]?.parentUids, [live.uid]);
    assert.deepEqual(nodes[1]?.images, ['nginx']);
  });
}

const podTemplate = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } };

/** Custom resources and their definitions. */
export function kindsComeAndGo(promise: Tell): void {
  promise('a kind that its definition brings is told, and can be used', async (scene) => {
    const group = `${scene.world.namespace}.example.com`;
    const definition: KubeObject = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: openSchema } }],
      },
    };
    const thing: KubeObject = {
      apiVersion: `${group}/v1`,
      kind: 'Thing',
      metadata: { name: 'one', namespace: scene.world.namespace },
      spec: { size: 3, list: [{ b: 1 }, { b: 2 }] },
    };
    await scene.see(thing, definition);
    assert.equal((await scene.predict(thing)).kind, 'unknown-kind');
    await scene.apply(definition);
    await scene.until(
      () => scene.events.some((event) => event.what === 'kinds' && event.id.startsWith(`${group}/Thing`)),
      'kinds',
    );
    assert.equal((await scene.predict(thing)).kind, 'create');
    await scene.see(thing);
    await scene.apply(thing);
    assert.equal((await scene.live(thing))?.matches, manifestOf(thing).digest);
    const later = new Scene(scene.world, scene.app);
    await later.see(thing);
    assert.equal((await later.predict(thing)).kind, 'same');
    await later.clusters.stop();
    await scene.world.remove(refOf(definition));
    await scene.until(async () => (await (await scene.cluster).kind(group, 'Thing')) === undefined, 'the kind is gone');
    assert.equal((await scene.predict(thing)).kind, 'unknown-kind');
  });
}

const openSchema = {
  type: 'object',
  properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
};

/** Deleting, and being deleted. */
export function deletion(promise: Tell): void {
  promise('only the very object that was meant is deleted', async (scene) => {
    const object = scene.config('deleted', {});
    await scene.see(object);
    const { live } = await scene.apply(object);
    const cluster = await scene.cluster;
    const remove = (uid: string) => cluster.delete(refOf(object), { uid, propagation: 'background' });
    await remove('00000000-0000-4000-a000-000000000000');
    assert.notEqual(await scene.world.get(refOf(object)), undefined);
    await cluster.delete(refOf(object), { uid: live.uid, propagation: 'background', dryRun: true });
    assert.notEqual(await scene.world.get(refOf(object)), undefined);
    await remove(live.uid);
    await scene.event('gone', object);
    assert.equal(await scene.live(object), undefined);
    await remove(live.uid);
    assert.equal((await scene.predict(object)).kind, 'create');
  });

  promise('an object that somebody deletes is gone, and one made anew under its name is another', async (scene) => {
    const object = scene.config('anew', { a: '1' });
    await scene.see(object);
    const { live } = await scene.apply(object);
    await scene.world.remove(refOf(object));
    await scene.event('gone', object);
    const again = await scene.apply(object);
    assert.equal(again.kind, 'created');
    assert.notEqual(again.live.uid, live.uid);
  });

  promise('an object that a finalizer holds is seen going', async (scene) => {
    const object = scene.config('held', {});
    const held = { ...object, metadata: { ...object.metadata, finalizers: ['example.com/hold'] } };
    await scene.see(held);
    await scene.apply(held);
    const cluster = await scene.cluster;
    await cluster.delete(refOf(held), { propagation: 'background' });
    await scene.until(async () => (await scene.live(held))?.deletedAt !== undefined, 'deletedAt');
    assert.deepEqual((await scene.live(held))?.finalizers, ['example.com/hold']);
    await scene.world.patch(refOf(held), { metadata: { finalizers: null } }, 'holder');
    await scene.event('gone', held);
  });
}

/** Writes other than a server-side apply. */
export function otherWays(promise: Tell): void {
  promise('replace writes the whole object', async (scene) => {
    const object = scene.config('replaced', { a: '1' });
    await scene.see(object);
    assert.equal((await scene.predict(object, { how: 'replace' })).kind, 'create');
    await scene.apply(object, { how: 'replace' });
    await scene.world.patch(refOf(object), { data: { a: '2', b: '2' } }, 'somebody');
    await scene.event('drift', object);
    assert.equal((await scene.predict(object, { how: 'replace' })).kind, 'update');
    assert.equal((await scene.apply(object, { how: 'replace' })).kind, 'configured');
    assert.deepEqual((await scene.world.get(refOf(object)))?.data, { a: '1' });
    assert.equal((await scene.predict(object, { how: 'replace' })).kind, 'same');
  });

  promise('client-side apply leaves what others have added, and removes what it had', async (scene) => {
    const how = 'client-side';
    await scene.apply(scene.config('client', { a: '1', b: '2' }), { how });
    const object = scene.config('client', { a: '1' });
    await scene.see(object);
    await scene.world.patch(refOf(object), { data: { c: '3' } }, 'somebody');
    assert.equal((await scene.predict(object, { how })).kind, 'update');
    await scene.apply(object, { how });
    assert.deepEqual((await scene.world.get(refOf(object)))?.data, { a: '1', c: '3' });
    assert.equal((await scene.predict(object, { how })).kind, 'same');
    assert.equal((await scene.apply(object, { how })).kind, 'unchanged');
  });

  promise('what only server-side apply refuses is applied as kubectl would', async (scene) => {
    const unknown = { ...scene.config('lenient', { a: '1' }), dta: {} };
    await scene.see(unknown);
    assert.equal((await scene.predict(unknown, { validate: false })).kind, 'create');
    assert.equal((await scene.apply(unknown, { validate: false })).kind, 'created');
    assert.equal((await scene.predict(unknown, { validate: false })).kind, 'same');
  });

  promise('create refuses what exists, recreate makes it anew', async (scene) => {
    const object = scene.config('made', { a: '1' });
    await scene.see(object);
    const { live } = await scene.apply(object, { how: 'create' });
    await assert.rejects(scene.apply(object, { how: 'create' }), code('object-conflict'));
    const again = await scene.apply(object, { how: 'recreate' });
    assert.notEqual(again.live.uid, live.uid);
    assert.equal((await scene.live(object))?.matches, manifestOf(object).digest);
  });

  promise('the server makes up the name of a generated object', async (scene) => {
    const { metadata, ...rest } = scene.config('x', {}, false);
    const { name: _name, ...others } = metadata;
    const object = { ...rest, metadata: { ...others, generateName: 'made-up-' } } as unknown as KubeObject;
    const { live } = await scene.apply(object, { how: 'create' });
    assert.match(live.ref.name, /^made-up-.+/);
  });
}

/** Which cluster is meant, and how far its credentials reach. */
export function places(promise: Tell): void {
  promise('a destination that names no cluster, or several, is an error', async (scene) => {
    const get = (destination: object) => scene.clusters.get({ namespace: '', ...destination }, 'default');
    await assert.rejects(get({ name: 'nowhere' }), code('cluster-not-found'));
    await assert.rejects(get({ server: 'https://nowhere.example.com' }), code('cluster-not-found'));
    await assert.rejects(get({}), code('cluster-not-found'));
    assert.equal((await get({ server: 'https://kubernetes.default.svc/' })).name, 'in-cluster');
  });

  promise('a cluster that does not answer disturbs no other', async (scene) => {
    const server = 'https://127.0.0.1:1';
    scene.world.credential({ name: 'away', server, digest: 'away' });
    const object = scene.config('near', {});
    const away = await scene.clusters.get({ name: 'away', namespace: '' }, 'default');
    await assert.rejects(away.observe({ tracking: 'x', refs: [refOf(object)] }), code('cluster-unreachable'));
    await scene.see(object);
    const state = (name: string) => scene.clusters.list().find((one) => one.name === name);
    assert.equal(state('away')?.connected, false);
    assert.notEqual(state('away')?.message, '');
    assert.deepEqual([state('in-cluster')?.connected, state('in-cluster')?.message], [true, '']);
  });

  promise('a credential for one namespace and one project reaches no further', async (scene) => {
    const { namespace } = scene.world;
    scene.world.credential({ name: 'narrow', namespaces: [namespace], project: 'team', digest: 'narrow' });
    await assert.rejects(scene.clusters.get({ name: 'narrow', namespace: '' }, 'default'), code('cluster-not-found'));
    const narrow = await scene.clusters.get({ name: 'narrow', namespace: '' }, 'team');
    const object = scene.config('narrow', {});
    await narrow.observe({ tracking: scene.app, refs: [refOf(object)] });
    assert.equal((await narrow.apply(manifestOf(object), serverSide)).kind, 'created');
    const outside = { ...object, metadata: { ...object.metadata, namespace: 'default' } };
    await assert.rejects(narrow.apply(manifestOf(outside), serverSide), code('cluster-denied'));
  });
}
