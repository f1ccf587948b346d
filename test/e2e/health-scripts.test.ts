// The promise: a health check in Lua from argocd-cm judges live objects, a change of it counts at once, and a check that
// fails harms nobody but its own kind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, definition, text } from '../harness/manifests.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({ start: false });
const { kube, repo, target, engine } = world;
const group = `${world.nameOf('health')}.example.com`;
const plural = `${group}/v1/widgets`;
const widget = (name: string) => ({ apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name }, spec: {} });
const key = `resource.customizations.health.${group}_Widget`;
const check = `
  if obj.status == nil or obj.status.phase == nil then
    return { status = "Progressing", message = "Waiting for a phase" }
  end
  if obj.status.phase == "Done" then return { status = "Healthy", message = "It is " .. obj.status.phase } end
  return { status = "Degraded", message = obj.status.phase }
`;
const configure = (data: Record<string, string | null>) =>
  kube.patch(resources.configMaps, world.namespace, 'argocd-cm', { data });

test('live objects are judged by the script, and judged again when they change', async () => {
  await kube.create(resources.definitions, definition(group, 'Widget'));
  await configure({ [key]: check });
  repo.push({
    'widgets/widget.yaml': text({ ...widget('one'), metadata: { name: 'one' } }),
    'plain/settings.yaml': text(configMap('plain')),
  });
  await engine.start();
  const app = await world.declare('widgets');
  const waiting = await app.until(
    'waits for a phase',
    ({ health, sync }) => health === 'Progressing' && sync === 'Synced',
  );
  assert.match(stringAt(waiting.status, 'health', 'message') ?? '', /Waiting for a phase/);
  await kube.patch(plural, target, 'one', { status: { phase: 'Broken' } });
  await app.until('is Degraded', ({ health }) => health === 'Degraded');
  await kube.patch(plural, target, 'one', { status: { phase: 'Done' } });
  await app.converged(repo.head());
});

test('after a restart the first look knows the health', async () => {
  const app = world.application('widgets');
  const before = stringAt((await app.see()).object.metadata, 'resourceVersion');
  await engine.stop();
  await engine.start();
  await app.refresh();
  const seen = await app.see();
  assert.equal(seen.health, 'Healthy');
  assert.equal(objectAt(seen.status, 'health').lastTransitionTime !== undefined, true);
  assert.notEqual(before, '');
});

test('another script counts at once', async () => {
  await configure({ [key]: 'return { status = "Suspended", message = "closed" }' });
  await world.application('widgets').until('is Suspended', ({ health }) => health === 'Suspended');
  await configure({ [key]: 'return nil' });
  await world.application('widgets').until('says nothing', ({ health }) => health === 'Healthy');
});

test('a script that fails or never ends makes its own kind Unknown, and nothing else waits', async () => {
  for (const [script, message] of [
    ['return obj.no.such.field', /attempt to index/],
    ['while true do end', /not done after 1s/],
    ['return { status = "Great" }', /invalid health status/],
  ] as const) {
    await configure({ [key]: script });
    const seen = await world
      .application('widgets')
      .until(
        'is Unknown',
        ({ health, status }) => health === 'Unknown' && message.test(stringAt(status, 'health', 'message') ?? ''),
      );
    assert.equal(seen.sync, 'Synced');
  }
  const plain = await world.declare('plain');
  await plain.converged(repo.head());
});
