// The promise: every sync option does what it says, on the application and on the object.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, listAt, objectAt, stringAt } from '../../src/model/index.ts';
import type { Seen } from '../harness/application.ts';
import { resources } from '../harness/kube.ts';
import { configMap, definition, deployment, job, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld();
const { kube, repo } = world;
const options = (...words: readonly string[]) => ({
  annotations: { 'argocd.argoproj.io/sync-options': words.join(',') },
});
const held = (wanted: string) => (seen: Seen) => seen.holds.some(({ reason }) => reason === wanted);
const approve = { metadata: { annotations: { 'argocd.argoproj.io/deletion-approved': '' } } };
const approved = () => {
  approve.metadata.annotations['argocd.argoproj.io/deletion-approved'] = new Date().toISOString();
  return approve;
};
const keysOf = async (target: string, name: string) =>
  Object.keys(objectAt(await kube.get(resources.configMaps, target, name), 'data')).sort();

test('Validate=false: a field that nobody knows is refused without it, and dropped with it', async () => {
  const target = await world.freshTarget();
  const odd = (marks: JsonObject = {}): JsonObject => {
    const made = deployment('web', 1);
    return {
      ...made,
      metadata: { ...objectAt(made, 'metadata'), ...marks },
      spec: { ...objectAt(made, 'spec'), colour: 'red' },
    };
  };
  repo.push({ 'validate/all.yaml': text(odd()) });
  const app = await world.declare('validate', { target, retry: { limit: 0 } });
  const seen = await app.until('is refused', ({ phase }) => phase === 'Failed');
  assert.match(seen.message, /colour/);
  await app.converged(repo.push({ 'validate/all.yaml': text(odd(options('Validate=false'))) }));
});

test('CreateNamespace, with metadata that is kept', async () => {
  const target = world.laterTarget('made');
  const commit = repo.push({ 'made/all.yaml': text(configMap('a')) });
  const managed = (team: string) => ({ managedNamespaceMetadata: { labels: { team }, annotations: { by: 'us' } } });
  const policy = { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] };
  const app = await world.declare('made', { target, spec: { syncPolicy: { ...policy, ...managed('one') } } });
  await app.converged(commit);
  const team = async () => stringAt((await kube.get(resources.namespaces, '', target))?.metadata, 'labels', 'team');
  assert.equal(await team(), 'one');
  await app.patch({ spec: { syncPolicy: managed('two') } });
  await app.sync();
  await waitFor('the label follows', async () => (await team()) === 'two', { show: () => app.show() });
});

test('PruneLast=true prunes behind the last wave, when everything else is healthy', async () => {
  const target = await world.freshTarget();
  const slow = (image: string): JsonObject => {
    const made = deployment('web', 1, image);
    const metadata = { name: 'web', annotations: { 'argocd.argoproj.io/sync-wave': '2' } };
    return { ...made, metadata, spec: { ...objectAt(made, 'spec'), minReadySeconds: 2 } };
  };
  repo.push({ 'last/all.yaml': text(configMap('old'), slow('registry.local/web:1')) });
  const app = await world.declare('last', { target, options: ['PruneLast=true'] });
  await app.converged(repo.head());
  // Keeps it in sight once it is deleted, with the time of that.
  await kube.patch(resources.configMaps, target, 'old', { metadata: { finalizers: ['example.com/hold'] } });
  const commit = repo.push({ 'last/all.yaml': text(slow('registry.local/web:2')) });
  const gone = await waitFor(
    'it is pruned',
    async () => stringAt((await kube.get(resources.configMaps, target, 'old'))?.metadata, 'deletionTimestamp'),
    { show: () => app.show() },
  );
  const web = await kube.get(resources.deployments, target, 'web');
  const rolled = listAt(web ?? {}, 'status', 'conditions').find((one) => stringAt(one, 'type') === 'Progressing');
  assert.equal(stringAt(rolled, 'reason'), 'NewReplicaSetAvailable');
  assert.ok(Date.parse(gone) >= Date.parse(stringAt(rolled, 'lastUpdateTime') ?? ''), JSON.stringify(rolled));
  await kube.patch(resources.configMaps, target, 'old', { metadata: { finalizers: null } });
  await app.converged(commit);
});

test('PrunePropagationPolicy=orphan leaves what an object owns', async () => {
  const target = await world.freshTarget();
  repo.push({ 'orphan/all.yaml': text(configMap('a'), deployment('web', 1)) });
  const app = await world.declare('orphan', { target, options: ['PrunePropagationPolicy=orphan'] });
  await app.converged(repo.head());
  await app.converged(repo.push({ 'orphan/all.yaml': text(configMap('a')) }));
  await waitFor('it goes', async () => (await kube.get(resources.deployments, target, 'web')) === undefined);
  assert.equal((await kube.list(resources.replicaSets, target)).length, 1);
});

test('Replace=true leaves nothing of anybody else; without it the fields of others stay', async () => {
  const target = await world.freshTarget();
  const files = (at: string) => ({
    'replace/all.yaml': text(configMap('whole', { at }, options('Replace=true')), configMap('ours', { at })),
  });
  repo.push(files('1'));
  const app = await world.declare('replace', { target });
  await app.converged(repo.head());
  for (const name of ['whole', 'ours']) await kube.patch(resources.configMaps, target, name, { data: { more: 'x' } });
  await app.converged(repo.push(files('2')));
  assert.deepEqual(await keysOf(target, 'whole'), ['at']);
  assert.deepEqual(await keysOf(target, 'ours'), ['at', 'more']);
});

test('Force=true with Replace=true makes anew what cannot be changed', async () => {
  const target = await world.freshTarget();
  const made = (image: string): JsonObject => {
    const one = job('once', undefined, options('Force=true', 'Replace=true').annotations);
    const container = { name: 'run', image, command: ['true'] };
    return {
      ...one,
      spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [container] } } },
    };
  };
  repo.push({ 'force/all.yaml': text(made('registry.local/run:1')) });
  const app = await world.declare('force', { target });
  await app.converged(repo.head());
  const uid = async () => (await kube.get(resources.jobs, target, 'once'))?.metadata.uid;
  const first = await uid();
  await app.converged(repo.push({ 'force/all.yaml': text(made('registry.local/run:2')) }), { within: 60_000 });
  assert.notEqual(await uid(), first);
});

test('ServerSideApply=false applies as kubectl does', async () => {
  const target = await world.freshTarget();
  const files = (data: JsonObject) => ({ 'csa/all.yaml': text(configMap('a', data)) });
  repo.push(files({ one: '1', two: '2' }));
  const app = await world.declare('csa', { target, options: ['ServerSideApply=false'] });
  await app.converged(repo.head());
  const live = await kube.get(resources.configMaps, target, 'a');
  assert.ok(stringAt(live?.metadata, 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'));
  await kube.patch(resources.configMaps, target, 'a', { data: { theirs: 'x' } });
  await app.converged(repo.push(files({ one: '1' })));
  assert.deepEqual(await keysOf(target, 'a'), ['one', 'theirs']);
});

test('FailOnSharedResource=true: who comes second fails', async () => {
  const target = await world.freshTarget();
  repo.push({ 'share/all.yaml': text(configMap('shared')) });
  const first = await world.declare('share', { target });
  await first.converged(repo.head());
  const more = { path: 'share', target, options: ['FailOnSharedResource=true'], automated: false };
  const second = await world.declare('second', more);
  await second.until('sees the other', ({ conditions }) =>
    conditions.some(({ type }) => type === 'SharedResourceWarning'),
  );
  await second.sync({}, { retry: { limit: 0 } });
  const seen = await second.until('fails', ({ phase }) => phase === 'Failed');
  assert.match(seen.message, /shared/);
});

test('SkipDryRunOnMissingResource=true waits for a kind that something else brings', async () => {
  const target = await world.freshTarget();
  const group = `${world.nameOf('kinds')}.example.com`;
  const gadget = {
    apiVersion: `${group}/v1`,
    kind: 'Gadget',
    metadata: { name: 'g', ...options('SkipDryRunOnMissingResource=true') },
  };
  repo.push({ 'gadget/all.yaml': text(configMap('a'), gadget) });
  const app = await world.declare('gadget', { target });
  await app.until('waits for the kind', held('waits-for-kind'));
  assert.ok(await kube.get(resources.configMaps, target, 'a'), 'the rest is there');
  await kube.create(resources.definitions, definition(group, 'Gadget'));
  await app.converged(repo.head());
  await kube.remove(resources.definitions, '', `gadgets.${group}`);
});

test('Prune=confirm and Delete=confirm wait for a person', async () => {
  const target = await world.freshTarget();
  const asks = options('Prune=confirm', 'Delete=confirm');
  repo.push({ 'confirm/all.yaml': text(configMap('a', {}, asks), configMap('b', {}, asks)) });
  const finalizers = ['resources-finalizer.argocd.argoproj.io'];
  const app = await world.declare('confirm', { target, finalizers });
  await app.converged(repo.head());
  const commit = repo.push({ 'confirm/all.yaml': text(configMap('a', {}, asks)) });
  const seen = await app.until('asks', held('prune-needs-confirmation'));
  assert.equal(seen.phase, 'Running');
  assert.ok(await kube.get(resources.configMaps, target, 'b'));
  await app.patch(approved());
  await app.converged(commit);
  assert.equal(await kube.get(resources.configMaps, target, 'b'), undefined);
  // A confirmation is worth for what was asked before it alone.
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  await app.remove();
  await app.until('asks again', held('delete-needs-confirmation'));
  assert.ok(await kube.get(resources.configMaps, target, 'a'));
  await app.patch(approved());
  await app.gone();
  assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
});

test('fields that kubectl applied are taken over, unless ClientSideApplyMigration=false', async () => {
  const target = await world.freshTarget();
  const marks = options('ClientSideApplyMigration=false');
  for (const [name, more] of [['taken', {}] as const, ['left', marks] as const]) {
    const body = configMap(name, { ours: '1', old: '1' }, more);
    const metadata = { ...objectAt(body, 'metadata'), namespace: target };
    const applied = JSON.stringify({ ...body, metadata });
    const key = 'kubectl.kubernetes.io/last-applied-configuration';
    const annotations = { ...objectAt(metadata, 'annotations'), [key]: applied };
    const path = `/api/v1/namespaces/${target}/configmaps?fieldManager=kubectl-client-side-apply`;
    await kube.api.request('POST', path, { body: { ...body, metadata: { ...metadata, annotations } } });
  }
  repo.push({ 'migrate/all.yaml': text(configMap('taken', { ours: '2' }), configMap('left', { ours: '2' }, marks)) });
  const app = await world.declare('migrate', { target });
  await app.converged(repo.head());
  assert.deepEqual(await keysOf(target, 'taken'), ['ours']);
  assert.deepEqual(await keysOf(target, 'left'), ['old', 'ours']);
});

test('manifests that come with the request are applied instead of those in Git', async () => {
  const target = await world.freshTarget();
  repo.push({ 'local/all.yaml': text(configMap('a', { at: 'git' })) });
  const app = await world.declare('local', { target, automated: false });
  await app.until('is compared', ({ sync }) => sync === 'OutOfSync');
  await app.sync({ manifests: [JSON.stringify(configMap('a', { at: 'desk' }))] });
  const seen = await app.until('is done', ({ phase, requested }) => phase === 'Succeeded' && !requested);
  assert.equal(objectAt(await kube.get(resources.configMaps, target, 'a'), 'data').at, 'desk');
  assert.equal(seen.sync, 'OutOfSync', 'Git says something else');
  await app.sync({ manifests: ['{'] });
  const bad = await app.until('is refused', ({ phase }) => phase === 'Error');
  assert.match(bad.message, /local manifest 1/);
});

test('retry with refresh goes on with the newest commit', async () => {
  const target = await world.freshTarget();
  repo.push({ 'again/all.yaml': text({ ...configMap('a'), data: { n: { not: 'text' } } }) });
  const app = await world.declare('again', { target, automated: false });
  await app.until('is compared', ({ sync }) => sync === 'OutOfSync');
  await app.sync({}, { retry: { limit: 20, refresh: true, backoff: { duration: '1s', factor: 1 } } });
  await app.until('fails once', ({ retries }) => retries > 0);
  const commit = repo.push({ 'again/all.yaml': text(configMap('a')) });
  const seen = await app.converged(commit);
  assert.equal(stringAt(seen.status, 'operationState', 'syncResult', 'revision'), commit);
});
