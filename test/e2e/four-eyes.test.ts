// The promise: where a project asks for four eyes, what one person alone has made is not written, and it is said why.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { listAt, stringAt } from '../../src/model/index.ts';
import type { TestApplication } from '../harness/application.ts';
import { resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const colours = (colour: string) => ({ 'shop/colours.yaml': text(configMap('colours', { colour })) });
const web = createServer((_, response) => void response.end('price: 1\n'));
web.listen(0, '127.0.0.1');
await once(web, 'listening');
after(() => web.close());
const prices = `http://127.0.0.1:${(web.address() as AddressInfo).port}/prices.yaml`;
const chart = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
  'chart/templates/a.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: prices}\ndata: {price: {{ .Values.price | default 0 | quote }}}\n',
};
const world = await openWorld({ files: { ...colours('green'), ...chart } });
const { kube, repo, target, namespace } = world;

/** A new SSH key of a person, and its line in the ConfigMap. */
function keyOf(who: string): { readonly path: string; readonly line: string } {
  const path = join(world.engine.cache, who);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', who, '-f', path]);
  return { path, line: `${who}@x.example ${readFileSync(`${path}.pub`, 'utf8').trim()}` };
}
const [ann, bob, eve] = ['ann', 'bob', 'eve'].map(keyOf) as [
  ReturnType<typeof keyOf>,
  ReturnType<typeof keyOf>,
  ReturnType<typeof keyOf>,
];

function signAs(key: { readonly path: string } | undefined): void {
  repo.git('config', 'gpg.format', 'ssh');
  repo.git('config', 'commit.gpgSign', String(key !== undefined));
  if (key !== undefined) repo.git('config', 'user.signingKey', key.path);
}

/** A change on a branch, signed by one, merged and signed by another; answers the merge. */
function reviewed(colour: string, author: typeof ann, merger: typeof ann): string {
  signAs(author);
  repo.git('checkout', '-q', '-b', `to-${colour}`);
  repo.push(colours(colour), `make it ${colour}`);
  repo.git('checkout', '-q', 'main');
  signAs(merger);
  repo.git('merge', '-q', '--no-ff', '-m', `merge ${colour}`, `to-${colour}`);
  repo.git('push', '-q', '--force', 'origin', 'main');
  signAs(undefined);
  return repo.head();
}

const colour = async () => stringAt(await kube.get(resources.configMaps, target, 'colours'), 'data', 'colour');
const held = (app: TestApplication, commit: string) =>
  app.until(
    'held for four eyes',
    ({ revision, holds }) => revision === commit && holds.some((one) => one.reason === 'four-eyes'),
  );
const record = (status: Parameters<typeof stringAt>[0], key: string) =>
  stringAt(status, 'plumbline', 'verdict', 'record', key);

await kube.create(resources.configMaps, {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'plumbline-allowed-signers', namespace, labels: { 'app.kubernetes.io/part-of': 'argocd' } },
  data: { allowed_signers: [ann.line, bob.line].join('\n') },
});
const app = await world.declare('shop');
await app.converged(repo.head());
await kube.patch(resources.projects, namespace, 'default', {
  metadata: { annotations: { 'plumbline.dev/four-eyes': '2', 'plumbline.dev/four-eyes-evidence': 'signatures' } },
});

test('what one person alone has made waits, and the hold says which commit lacks what', async () => {
  const commit = repo.push(colours('red'), 'red, quickly');
  const { holds } = await held(app, commit);
  const message = String(holds.find((one) => one.reason === 'four-eyes')?.message);
  assert.ok(message.includes(commit.slice(0, 7)) && message.includes('signature'), message);
  assert.equal(await colour(), 'green', 'nothing is written');
});

test('a manual sync and local manifests do not get around it', async () => {
  await app.sync({ revision: repo.head() });
  await app.until('the request is refused', ({ requested, phase }) => !requested && phase === 'Error');
  assert.equal(await colour(), 'green');
});

test('rewritten and reviewed, it goes; the record says by whom', async () => {
  repo.git('reset', '-q', '--hard', 'HEAD~1');
  const merge = reviewed('blue', ann, bob);
  const { status } = await app.converged(merge);
  assert.equal(await colour(), 'blue');
  const approved = listAt(status, 'plumbline', 'verdict', 'record', 'approvedBy');
  assert.deepEqual([...approved].sort(), ['ann@x.example', 'bob@x.example']);
});

test('signed and merged by one and the same, or by a stranger, it does not', async () => {
  const own = reviewed('pink', ann, ann);
  await held(app, own);
  repo.git('reset', '-q', '--hard', 'HEAD~1');
  repo.git('branch', '-q', '-D', 'to-pink');
  const strange = reviewed('grey', ann, eve);
  await held(app, strange);
  assert.equal(await colour(), 'blue');
  repo.git('reset', '-q', '--hard', 'HEAD~1');
});

test('back to what was admitted before is always open', async () => {
  repo.git('push', '-q', '--force', 'origin', 'main');
  await app.converged(repo.head());
  assert.equal(await colour(), 'blue');
});

test('what no commit pins waits under any commit', async () => {
  const priced = await world.declare('priced', { path: 'chart', source: { helm: { valueFiles: [prices] } } });
  const { holds } = await held(priced, repo.head());
  assert.match(String(holds.find((one) => one.reason === 'four-eyes')?.message), /rests on: http.*prices\.yaml/);
  assert.equal(await kube.get(resources.configMaps, target, 'prices'), undefined, 'nothing is written');
  await priced.patch({ spec: { source: { helm: null } } });
  await priced.converged(repo.head());
  assert.equal(stringAt(await kube.get(resources.configMaps, target, 'prices'), 'data', 'price'), '0');
});

test('break-glass: somebody answers for it, for a time; it is recorded and told', async () => {
  const commit = repo.push(colours('amber'), 'an emergency');
  await held(app, commit);
  const until = new Date(Date.now() + 600_000).toISOString();
  const glass = JSON.stringify({ by: 'ann', reason: 'the shop is down', until });
  await app.patch({ metadata: { annotations: { 'plumbline.dev/break-glass': glass } } });
  const { status } = await app.converged(commit);
  assert.equal(await colour(), 'amber');
  assert.match(record(status, 'breakGlass') ?? '', /break-glass by ann .*the shop is down/);
  await waitFor('an event tells of it', async () => {
    const events = await kube.list(resources.events, namespace);
    return events.some((one) => one.reason === 'BreakGlass' && String(one.message).includes('the shop is down'));
  });
  await app.patch({ metadata: { annotations: { 'plumbline.dev/break-glass': null } } });
  const next = repo.push(colours('black'), 'and another');
  await held(app, next);
  assert.equal(await colour(), 'amber', 'when it ends, it ends');
});
