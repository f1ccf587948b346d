// Promises about writing: memory, echoes, drift, health, adoption and tracking.
import assert from 'node:assert/strict';
import { defaultSettings, idOf, type KubeObject, type Prediction, refOf, stringAt } from '../../src/model/index.ts';
import { deployment, manifestOf, Scene, type Tell } from './cluster-scene.ts';

/** Writing and remembering. */
export function writes(promise: Tell): void {
  promise('what is applied matches at once, and applying it again changes nothing', async (scene) => {
    const object = deployment(scene, 'writes');
    assert.equal(await scene.live(object), undefined);
    assert.equal((await scene.predict(object)).kind, 'create');
    const applied = await scene.apply(object);
    assert.equal(applied.kind, 'created');
    assert.equal(applied.live.matches, manifestOf(object).digest);
    assert.equal((await scene.predict(object)).kind, 'same');
    assert.equal((await scene.apply(object)).kind, 'unchanged');
    assert.deepEqual((await scene.live(object))?.images, ['nginx']);
    const config = scene.config('writes', { a: '1' });
    const first = await scene.apply(config);
    assert.equal((await scene.apply(config)).live.resourceVersion, first.live.resourceVersion);
  });

  promise('the echo of our own write wakes nobody', async (scene) => {
    const object = scene.config('echo', { a: '1' });
    await scene.see(object);
    await scene.apply(object);
    await scene.apply(scene.config('echo', { a: '2' }));
    await scene.flush();
    assert.deepEqual(scene.events, []);
  });

  promise('a dry run writes nothing and is not remembered', async (scene) => {
    const object = scene.config('dry', { a: '1' });
    await scene.see(object);
    assert.equal((await scene.apply(object, { dryRun: true })).kind, 'created');
    assert.equal(await scene.world.get(refOf(object)), undefined);
    assert.equal(await scene.live(object), undefined);
  });

  promise('what a later manifest no longer has is removed', async (scene) => {
    await scene.apply(scene.config('less', { a: '1', b: '2' }));
    const less = scene.config('less', { a: '1' });
    await scene.see(less);
    const prediction = await scene.predict(less);
    assert.deepEqual(prediction, { kind: 'update', fields: [{ ...change(prediction), path: '/data/b', live: '"2"' }] });
    assert.equal((await scene.apply(less)).kind, 'configured');
    assert.deepEqual((await scene.world.get(refOf(less)))?.data, { a: '1' });
  });

  promise('after a restart what matches is known again without a dry run', async (scene) => {
    const object = deployment(scene, 'restart');
    await scene.apply(object);
    const later = new Scene(scene.world, scene.app);
    try {
      const live = await later.live(object);
      assert.equal(live?.matches, undefined);
      assert.equal(live?.drifted, false);
      assert.equal((await later.predict(object)).kind, 'same');
      assert.equal((await later.live(object))?.matches, manifestOf(object).digest);
      assert.equal((await later.predict(deployment(scene, 'restart', 'other'))).kind, 'update');
    } finally {
      await later.clusters.stop();
    }
  });
}

function change(prediction: Prediction): object {
  const [first] = prediction.kind === 'update' ? prediction.fields : [];
  return { ...first };
}

/** What others do to objects of ours. */
export function drift(promise: Tell): void {
  promise('a field of ours that somebody changes is drift, and can be put back', async (scene) => {
    const object = scene.config('drift', { a: '1' });
    await scene.see(object);
    await scene.apply(object);
    await scene.world.patch(refOf(object), { data: { a: '2' } }, 'intruder');
    const event = await scene.event('drift', object);
    assert.deepEqual(event.tracking, [scene.app]);
    const live = await scene.live(object);
    assert.equal(live?.drifted, true);
    assert.equal(live?.matches, undefined);
    const prediction = await scene.predict(object);
    assert.equal(prediction.kind, 'update');
    const [field] = prediction.kind === 'update' ? prediction.fields : [];
    assert.deepEqual([field?.path, field?.live, field?.desired, field?.owner], ['/data/a', '"2"', '"1"', 'intruder']);
    assert.ok(!Number.isNaN(Date.parse(field?.since ?? '')));
    assert.equal((await scene.apply(object)).kind, 'configured');
    assert.equal((await scene.live(object))?.drifted, false);
    await scene.flush();
    assert.equal(scene.events.length, 1);
  });

  promise('a field of ours that somebody removes is drift', async (scene) => {
    const object = scene.config('removed', { a: '1', b: '2' });
    await scene.see(object);
    await scene.apply(object);
    await scene.world.patch(refOf(object), { data: { b: null } }, 'intruder');
    await scene.event('drift', object);
    assert.equal((await scene.predict(object)).kind, 'update');
  });

  promise('what others add to an object of ours is theirs', async (scene) => {
    const object = deployment(scene, 'added');
    await scene.see(object);
    await scene.apply(object);
    const patch = { metadata: { labels: { theirs: 'yes' }, annotations: { theirs: 'yes' } } };
    await scene.world.patch(refOf(object), patch, 'friend');
    await scene.flush();
    assert.deepEqual(
      scene.events.filter((event) => event.what !== 'health'),
      [],
    );
    assert.equal((await scene.live(object))?.matches, manifestOf(object).digest);
    assert.equal((await scene.predict(object)).kind, 'same');
  });

  promise('a change that is taken back matches again', async (scene) => {
    const object = scene.config('back', { a: '1' });
    await scene.see(object);
    await scene.apply(object);
    await scene.world.patch(refOf(object), { data: { a: '2' } }, 'intruder');
    await scene.event('drift', object);
    await scene.world.patch(refOf(object), { data: { a: '1' } }, 'intruder');
    // The value is right, but it is the intruder's: to be taken over again.
    await scene.until(() => scene.events.filter((event) => event.what === 'drift').length === 2, 'a second drift');
    assert.deepEqual(await scene.predict(object), { kind: 'update', fields: [] });
    await scene.apply(object);
    assert.equal((await scene.predict(object)).kind, 'same');
  });

  promise('a change of health wakes the owner, other status does not', async (scene) => {
    const object = scene.object('Pod', 'health', { spec: { containers: [{ name: 'main', image: 'nginx' }] } });
    await scene.see(object);
    await scene.apply(object);
    await scene.world.setStatus(refOf(object), { phase: 'Failed', reason: 'Tested' });
    await scene.event('health', object);
    assert.equal((await scene.live(object))?.health?.status, 'Degraded');
    assert.equal((await scene.live(object))?.matches, manifestOf(object).digest);
  });

  promise('values of Secrets are never shown', async (scene) => {
    const secret = (value: string): KubeObject =>
      scene.object('Secret', 'masked', { type: 'Opaque', data: { key: Buffer.from(value).toString('base64') } });
    await scene.apply(secret('tiger'));
    const prediction = await scene.predict(secret('lion'));
    assert.equal(prediction.kind, 'update');
    const text = JSON.stringify(prediction);
    assert.ok(
      !text.includes(Buffer.from('tiger').toString('base64')) && !text.includes(Buffer.from('lion').toString('base64')),
    );
    assert.ok(text.includes('/data/key'));
  });
}

/** Whose an object is, and how it becomes ours. */
export function adoption(promise: Tell): void {
  promise('an object that was asked for and that somebody else makes appears, and can be adopted', async (scene) => {
    const object = scene.config('foundling', { a: '1' });
    await scene.see(object);
    await scene.world.put(scene.config('foundling', { a: '1', b: '2' }, false), 'somebody');
    const event = await scene.event('appeared', object);
    assert.deepEqual(event.tracking, [scene.app]);
    const live = await scene.live(object);
    assert.equal(live?.tracking, '');
    assert.equal((await scene.predict(object)).kind, 'update');
    assert.equal((await scene.apply(object)).kind, 'configured');
    assert.deepEqual((await scene.world.get(refOf(object)))?.data, { a: '1', b: '2' });
    assert.equal((await scene.live(object))?.matches, manifestOf(object).digest);
  });

  promise('what kubectl applied becomes ours, so that it can be removed later', async (scene) => {
    const object = scene.config('kubectl', { a: '1' });
    await scene.see(object);
    await scene.world.put(scene.config('kubectl', { a: '1', b: '2' }, false), 'kubectl-client-side-apply');
    await scene.event('appeared', object);
    await scene.apply(object);
    const live = await scene.world.get(refOf(object));
    assert.deepEqual(live?.data, { a: '1' });
    assert.equal((await scene.predict(object)).kind, 'same');
    await scene.flush();
    assert.equal(scene.events.length, 1);
  });

  promise('a tracking id that names another object does not count', async (scene) => {
    const original = scene.config('original', {});
    const copy = { ...original, metadata: { ...original.metadata, name: 'copy' } };
    await scene.see(original);
    await scene.world.put(copy, 'somebody');
    await scene.flush();
    assert.equal((await scene.see(original)).has(idOf(refOf(copy))), false);
    const seen = (await scene.see(copy)).get(idOf(refOf(copy)));
    assert.equal(seen?.tracking, stringAt(original.metadata, 'annotations', 'argocd.argoproj.io/tracking-id'));
  });

  promise('what is tracked is seen although nobody names it', async (scene) => {
    const [kept, forgotten] = [scene.config('kept', {}), scene.config('forgotten', {})];
    await scene.apply(kept);
    await scene.apply(forgotten);
    const objects = await scene.see(kept);
    assert.ok(objects.has(idOf(refOf(forgotten))));
  });

  promise('objects can be tracked by label', async (scene) => {
    const labelled = { ...scene.config('labelled', {}, false) };
    const object = {
      ...labelled,
      metadata: { ...labelled.metadata, labels: { 'app.kubernetes.io/instance': scene.app } },
    };
    await scene.world.put(object, 'somebody');
    const other = scene.config('unlabelled', {});
    assert.equal((await scene.see(other)).size, 0);
    scene.clusters.configure({ ...defaultSettings, trackingMethod: 'label' });
    const seen = (await scene.see(other)).get(idOf(refOf(object)));
    assert.equal(seen?.tracking, scene.app);
  });
}
