// The promise: people restart, scale, suspend and retry objects of an application by name, with our own actions and with
// those that they wrote in Lua; nothing is made that the project does not allow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, listAt, numberAt, objectAt, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, definition, deployment, text } from '../harness/manifests.ts';
import { plumb } from '../harness/plumb.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const cronJob = (name: string): JsonObject => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name },
  spec: {
    schedule: '0 0 1 1 *',
    jobTemplate: {
      spec: {
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'run', image: 'registry.local/run:1' }] } },
      },
    },
  },
});

const world = await openWorld({
  files: {
    'app/all.yaml': text(deployment('web', 1), deployment('api', null), cronJob('nightly'), configMap('settings')),
  },
});
const { kube, repo, target } = world;
const ask = (...words: readonly string[]) => plumb(world, ['app', 'actions', ...words]);
const app = await world.declare('app', { automated: { prune: true, selfHeal: false } });
await app.converged(repo.head());
const web = () => kube.get(resources.deployments, target, 'web');

async function fine(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await ask(...words);
  assert.equal(code, 0, `${words.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

test('what can be done is listed, and what cannot be done now says why', async () => {
  const found = JSON.parse(await fine('list', app.name, '-o', 'json')) as JsonObject[];
  const of = (kind: string, name: string) =>
    found.filter((one) => stringAt(one, 'ref', 'kind') === kind && stringAt(one, 'ref', 'name') === name);
  assert.deepEqual(
    of('Deployment', 'web').map(({ name, hindered }) => [name, hindered !== '']),
    [
      ['restart', false],
      ['pause', false],
      ['resume', true],
      ['scale', false],
    ],
  );
  assert.deepEqual(
    of('CronJob', 'nightly').map(({ name }) => name),
    ['create-job', 'suspend', 'resume'],
  );
  assert.match(await fine('list', app.name, '--kind', 'cronjob'), /create-job/);
});

test('a restart is a restart, and no drift', async () => {
  assert.equal(
    await fine('run', app.name, 'restart', '--kind', 'Deployment', '--resource-name', 'web'),
    `Deployment ${target}/web: changed\n`,
  );
  const at = stringAt(await web(), 'spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt');
  assert.match(at ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  await app.refresh();
  assert.equal((await app.see()).sync, 'Synced');
});

test('who did what is told in an Event of the application', async () => {
  const query = 'fieldSelector=reason=ResourceActionRan';
  const events = (await kube.list(resources.events, world.namespace, query)).filter(
    (event) => stringAt(event, 'involvedObject', 'name') === app.name,
  );
  const uid = stringAt((await app.read())?.metadata, 'uid');
  assert.deepEqual(
    events.map((event) => [event.type, event.message, stringAt(event, 'involvedObject', 'uid')]),
    [['Normal', `tester ran action restart on Deployment ${target}/web`, uid]],
  );
});

test('a scale takes a number; of a field that Git names it is drift', async () => {
  await fine('run', app.name, 'scale', '--kind', 'Deployment', '--resource-name', 'api', '-p', 'replicas=2');
  const api = await kube.get(resources.deployments, target, 'api');
  assert.equal(numberAt(api, 'spec', 'replicas'), 2);
  await app.refresh();
  assert.equal((await app.see()).sync, 'Synced', 'Git says nothing of its replicas');
  await fine('run', app.name, 'scale', '--kind', 'Deployment', '--resource-name', 'web', '-p', 'replicas=2');
  await app.until('shows the drift', ({ sync }) => sync === 'OutOfSync');
  await fine('run', app.name, 'scale', '--kind', 'Deployment', '--resource-name', 'web', '-p', 'replicas=1');
  await app.until('matches again', ({ sync }) => sync === 'Synced');
});

test('a CronJob is run once, now', async () => {
  const out = await fine('run', app.name, 'create-job', '--kind', 'CronJob');
  assert.match(out, /^Job \S+\/nightly-\d{14}: created\n$/);
  const [job] = await kube.list(resources.jobs, target);
  assert.equal(stringAt(listAt(job?.metadata ?? {}, 'ownerReferences')[0], 'name'), 'nightly');
});

test('what is not clear is not done', async () => {
  for (const [words, code] of [
    [['run', app.name, 'restart', '--kind', 'Deployment'], /error \[usage\]: several objects/],
    [['run', app.name, 'resume', '--kind', 'Deployment', '--resource-name', 'web'], /error \[usage\]: resume/],
    [['run', app.name, 'fly', '--kind', 'Deployment'], /error \[not-found\]/],
    [['run', app.name, 'restart', '--kind', 'ConfigMap'], /error \[not-found\]/],
    [['run', app.name, 'scale', '--kind', 'Deployment', '--resource-name', 'web'], /error \[usage\]: scale/],
  ] as const) {
    const answer = await ask(...words);
    assert.equal(answer.code, 2, answer.stdout);
    assert.match(answer.stderr, code);
  }
  await fine('run', app.name, 'restart', '--kind', 'Deployment', '--all');
});

test('actions in Lua, with discovery and parameters', async () => {
  const group = `${world.nameOf('actions')}.example.com`;
  const plural = `${group}/v1/widgets`;
  await kube.create(resources.definitions, definition(group, 'Widget'));
  const actions = `
discovery.lua: |
  local actions = {}
  actions["paint"] = { disabled = obj.spec.locked == true, displayName = "Paint it",
    params = { { name = "colour", type = "string", default = "green" } } }
  actions["copy"] = {}
  return actions
definitions:
- name: paint
  action.lua: |
    obj.spec.colour = actionParams["colour"]
    return obj
- name: copy
  action.lua: |
    local made = { apiVersion = "v1", kind = "ConfigMap",
      metadata = { name = "copy-of-" .. obj.metadata.name }, data = { colour = obj.spec.colour } }
    return { { operation = "create", resource = made } }
`;
  const data = { [`resource.customizations.actions.${group}_Widget`]: actions };
  await kube.patch(resources.configMaps, world.namespace, 'argocd-cm', { data });
  const commit = repo.push({
    'widgets/widget.yaml': text({
      apiVersion: `${group}/v1`,
      kind: 'Widget',
      metadata: { name: 'one' },
      spec: { empty: {} },
    }),
  });
  const widgets = await world.declare('widgets', { automated: { prune: true, selfHeal: false } });
  await widgets.converged(commit);
  assert.match(await fine('list', widgets.name), /paint +colour +Paint it/);
  const spec = async () => objectAt(await kube.get(plural, target, 'one'), 'spec');
  await fine('run', widgets.name, 'paint', '--kind', 'Widget');
  assert.deepEqual(await spec(), { colour: 'green', empty: {} });
  await fine('run', widgets.name, 'paint', '--kind', 'Widget', '-p', 'colour=blue');
  assert.equal((await spec()).colour, 'blue');
  await fine('run', widgets.name, 'copy', '--kind', 'Widget');
  await waitFor('the copy is there', async () => kube.get(resources.configMaps, target, 'copy-of-one'));
  await kube.patch(plural, target, 'one', { spec: { locked: true } });
  assert.equal((await ask('run', widgets.name, 'paint', '--kind', 'Widget')).code, 2);
});

test('an action makes nothing that the project forbids', async () => {
  const project = world.nameOf('narrow');
  await kube.create(resources.projects, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: project, namespace: world.namespace },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ server: '*', namespace: '*' }],
      namespaceResourceBlacklist: [{ group: 'batch', kind: 'Job' }],
    },
  });
  const narrow = await world.declare('narrow', { project });
  repo.push({ 'narrow/all.yaml': text(cronJob('narrow')) });
  await narrow.converged(repo.head());
  const answer = await ask('run', narrow.name, 'create-job', '--kind', 'CronJob');
  assert.deepEqual([answer.code, /not-permitted/.test(answer.stderr)], [2, true], answer.stderr);
});
