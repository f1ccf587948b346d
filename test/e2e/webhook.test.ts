// The promise: a signed webhook wakes the applications concerned within 100 ms, and only them; any other is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { sendPush } from '../harness/webhook.ts';
import { openWorld } from '../harness/world.ts';

const secret = 'a secret of the test';
const names = Array.from({ length: 8 }, (_, i) => `app-${i}`);
const file = (name: string, at: string) => ({ [`${name}/all.yaml`]: text(configMap(name, { at })) });
const world = await openWorld({
  files: Object.assign({}, ...names.map((name) => file(name, 'first'))),
  // Nobody polls while this test runs.
  settings: { 'timeout.reconciliation': '1h' },
  webhookSecret: secret,
});
const { kube, repo, target, engine } = world;

test('a push wakes the application whose files it changes, at once', async () => {
  const apps = await Promise.all(names.map((name) => world.declare(name)));
  await Promise.all(apps.map((app) => app.converged(repo.head())));
  const delays: number[] = [];
  for (let round = 0; round < 5; round++) {
    const name = names[round] ?? '';
    const before = repo.head();
    const after = repo.push(file(name, `round ${round}`));
    const rendered = engine.log().filter((line) => line.msg === 'rendered').length;
    const sent = Date.now();
    const { status } = await sendPush(engine.address, push(before, after, [`${name}/all.yaml`]), secret);
    assert.equal(status, 200);
    await apps[round]?.converged(after, { within: 10_000 });
    const first = await waitFor('its pass', () =>
      engine.log().find((line) => line.msg === 'pass' && line.app === apps[round]?.key && Number(line.time) >= sent),
    );
    delays.push(Number(first.time) - Number(first.ms) - sent);
    const lines = engine
      .log()
      .filter((line) => line.msg === 'rendered')
      .slice(rendered);
    assert.deepEqual(
      [...new Set(lines.map((line) => line.application))],
      [apps[round]?.name],
      'one application is rendered',
    );
  }
  const median = delays.toSorted((a, b) => a - b)[2] ?? 0;
  assert.ok(median < 100, `the first pass began ${delays.join(', ')} ms after the webhook`);
  for (const app of apps) await app.until('knows the newest commit', ({ revision }) => revision === repo.head());
});

test('what is not signed, is signed wrongly, or speaks of others, changes nothing', async () => {
  const before = repo.head();
  const after = repo.push(file('app-7', 'unseen'));
  const event = push(before, after, ['app-7/all.yaml']);
  assert.equal((await sendPush(engine.address, event)).status, 400);
  assert.equal((await sendPush(engine.address, event, 'not the secret')).status, 400);
  const other = { ...event, url: 'https://github.com/somebody/else' };
  assert.equal((await sendPush(engine.address, other, secret)).status, 200);
  const nonsense = await fetch(`${engine.address}/api/webhook`, { method: 'POST', body: 'nonsense' });
  assert.ok([200, 400].includes(nonsense.status), `${nonsense.status}`);
  const live = await kube.get(resources.configMaps, target, 'app-7');
  assert.match(JSON.stringify(live?.data), /first/);
  assert.equal((await sendPush(engine.address, event, secret)).status, 200);
  await world.application('app-7').converged(after, { within: 10_000 });
});

function push(before: string, after: string, files: readonly string[]) {
  return { url: repo.url, ref: 'refs/heads/main', before, after, files };
}
