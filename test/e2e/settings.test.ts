// The promise: settings are read live; what is wrong with one is said clearly, where people look, and stops nothing else.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type JsonObject, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { plumb } from '../harness/plumb.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({
  files: { 'app/settings.yaml': text(configMap('settings')) },
  settings: {
    'timeout.reconciliaton': '60s',
    'resource.exclusions': 'not: a list',
    'resource.customizations.ignoreDifferences.ConfigMap': 'jsonPointers: [/data/key]',
    'dex.config': 'connectors: []',
  },
});
const { kube, repo, target, namespace, engine } = world;
const events = async () =>
  (await kube.list(resources.events, namespace)).filter((event) => stringAt(event, 'reason') === 'SettingProblem');
const configure = (data: Record<string, string | null>) =>
  kube.patch(resources.configMaps, namespace, 'argocd-cm', { data });

test('what is wrong is told in the log and as Events, and everything else is used', async () => {
  const app = await world.declare('app');
  await app.converged(repo.head());
  await kube.patch(resources.configMaps, target, 'settings', { data: { key: 'theirs' } }, 'by-hand');
  assert.equal((await app.refresh()).sync, 'Synced', 'the setting beside the wrong ones is used');
  const found = await waitFor('Events', async () => {
    const messages = (await events()).map((event) => stringAt(event, 'message') ?? '').sort();
    return messages.length === 2 && messages;
  });
  assert.deepEqual(found, [
    'argocd-cm: resource.exclusions: must be a list',
    'argocd-cm: timeout.reconciliaton: neither Argo CD nor Plumbline knows this key: did you mean timeout.reconciliation?',
  ]);
  const [event] = await events();
  assert.deepEqual(
    [stringAt(event, 'involvedObject', 'kind'), stringAt(event, 'involvedObject', 'name')],
    ['ConfigMap', 'argocd-cm'],
  );
  assert.equal(engine.log().filter((line) => line.msg === 'a setting has a problem').length, 2);
});

test('a change is read at once, and only what is new is told', async () => {
  await configure({ 'timeout.reconciliaton': null, 'application.resourceTrackingMethod': 'magic' });
  await waitFor('the new problem', async () =>
    (await events()).some((event) => (stringAt(event, 'message') ?? '').includes('resourceTrackingMethod')),
  );
  assert.equal((await events()).length, 3);
});

test('plumb admin settings validate says the same, of the cluster and of files', async () => {
  const keys = (stdout: string) =>
    (JSON.parse(stdout) as JsonObject[]).map(({ level, key }) => `${level} ${key}`).sort();
  const live = await plumb(world, ['admin', 'settings', 'validate', '-o', 'json']);
  assert.equal(live.code, 1, live.stderr);
  assert.deepEqual(keys(live.stdout), ['error application.resourceTrackingMethod', 'error resource.exclusions']);
  const data = {
    'resource.customizations.health.example.com_Widget': 'if then',
    'resource.customizations.ignoreDifferences.apps_Deployment': 'jqPathExpressions: [".spec |"]',
    'resource.customizations.actions.example.com_Widget': 'definitions:\n- name: x\n  action.lua: "return ("\n',
    'dex.config': 'x',
  };
  const file = join(repo.folder, 'argocd-cm.yaml');
  writeFileSync(file, text({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' }, data }));
  const offline = await plumb(world, ['admin', 'settings', 'validate', '-f', file, '-o', 'json', '--all']);
  assert.equal(offline.code, 1, offline.stderr);
  assert.deepEqual(keys(offline.stdout), [
    'error resource.customizations.actions.example.com_Widget',
    'error resource.customizations.health.example.com_Widget',
    'error resource.customizations.ignoreDifferences',
    'info dex.config',
  ]);
  writeFileSync(
    file,
    text({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' }, data: { url: 'x' } }),
  );
  const fine = await plumb(world, ['admin', 'settings', 'validate', '-f', file]);
  assert.deepEqual([fine.code, fine.stdout], [0, '']);
});
