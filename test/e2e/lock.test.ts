// The promise: where a project is locked nobody but the engine changes what it keeps, and the refusal says where to.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { type JsonObject, stringAt } from '../../src/model/index.ts';
import { sharedControlPlane } from '../harness/control-plane.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({
  files: { 'shop/all.yaml': text(deployment('web', 1), configMap('colours', { colour: 'green' })) },
});
const { kube, repo, target, namespace } = world;
const { kubeconfig } = await sharedControlPlane();
const policies = 'admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const bindings = 'admissionregistration.k8s.io/v1/validatingadmissionpolicybindings';
const name = `plumbline-lock-${namespace}`;

/** Somebody's answer to a request: status and message, and the warnings of the server. */
async function as(user: string, groups: readonly string[], method: string, path: string, body?: JsonObject) {
  const { server, ca, cert, key } = kubeconfig;
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const headers = { 'impersonate-user': user, 'impersonate-group': [...groups], 'content-type': type };
  // The client of node sends each of several values on a line of its own, as impersonation needs it.
  const sent = request(`${server}${path}`, { method, ca, cert, key, headers, agent: false });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const said = (await json(answer)) as JsonObject;
  const warning = String(answer.headers.warning ?? '');
  return { status: answer.statusCode, message: stringAt(said, 'message') ?? '', warning };
}

const admins = ['system:masters', 'system:authenticated'];
const object = (plural: string, which: string, part = '') =>
  `${plural === 'deployments' ? '/apis/apps/v1' : '/api/v1'}/namespaces/${target}/${plural}/${which}${part}`;
let edits = 0;
/** Another value each time: what changes nothing is no change. */
const red = (colour: string): JsonObject => ({ data: { colour: `${colour}-${++edits}` } });
const edit = (colour: string, user = 'mallory', groups = admins) =>
  as(user, groups, 'PATCH', object('configmaps', 'colours'), red(colour));

async function lock(mode: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const annotations = { 'plumbline.dev/lock': mode, ...more };
  await kube.patch(resources.projects, namespace, 'default', { metadata: { annotations } });
}

test('a direct change is refused, and told where it belongs', async () => {
  const app = await world.declare('shop', { automated: { prune: true } });
  await app.converged(repo.head());
  await lock('deny');
  const place = `${name}-deny`;
  await waitFor('the lock is there', async () => (await kube.get(bindings, '', place)) !== undefined);
  const refused = await waitFor('an edit is refused', async () => {
    const answer = await edit('red');
    return answer.status === 403 && answer;
  });
  assert.match(refused.message, new RegExp(`ConfigMap ${target}/colours is kept as Git says`));
  for (const part of [repo.url, 'path shop', 'at main', repo.head().slice(0, 7), app.name]) {
    assert.ok(refused.message.includes(part), `${part} in ${refused.message}`);
  }
  const deleted = await as('mallory', admins, 'DELETE', object('deployments', 'web'));
  assert.equal(deleted.status, 403);
  const labelled = await as('mallory', admins, 'PATCH', object('deployments', 'web'), {
    metadata: { labels: { x: 'y' } },
  });
  assert.equal(labelled.status, 403);
  const unmarked = { metadata: { annotations: { 'argocd.argoproj.io/tracking-id': null } } };
  assert.equal(
    (await as('mallory', admins, 'PATCH', object('configmaps', 'colours'), unmarked)).status,
    403,
    'the mark cannot be taken off first',
  );
});

test('controllers, status, scale and owners go on; so does what is not ours', async () => {
  const cases: readonly (readonly [string, string, readonly string[], string, JsonObject])[] = [
    [
      'a controller',
      'system:serviceaccount:kube-system:deployment-controller',
      ['system:serviceaccounts', 'system:serviceaccounts:kube-system'],
      object('deployments', 'web'),
      { metadata: { annotations: { 'deployment.kubernetes.io/revision': '7' } } },
    ],
    [
      'a kubelet',
      'system:node:one',
      ['system:nodes', 'system:masters'],
      object('configmaps', 'colours'),
      { metadata: { labels: { node: 'one' } } },
    ],
    ['status', 'mallory', admins, object('deployments', 'web', '/status'), { status: { observedGeneration: 1 } }],
    ['scale, as autoscalers do', 'mallory', admins, object('deployments', 'web', '/scale'), { spec: { replicas: 1 } }],
    ['finalizers', 'mallory', admins, object('configmaps', 'colours'), { metadata: { finalizers: [] } }],
  ];
  for (const [reason, user, groups, path, body] of cases) {
    const allowed = user === 'mallory' ? groups : [...groups, 'system:masters'];
    const answer = await as(user, allowed, 'PATCH', path, body);
    assert.equal(answer.status, 200, `${reason}: ${answer.message}`);
  }
  await kube.create(resources.configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'free', namespace: target },
  });
  assert.equal((await as('mallory', admins, 'PATCH', object('configmaps', 'free'), red('red'))).status, 200);
  const pods = await kube.list(resources.pods, target);
  const pod = stringAt(pods[0]?.metadata, 'name') ?? '';
  assert.equal((await as('mallory', admins, 'DELETE', object('pods', pod))).status, 200, 'a pod is nobody’s manifest');
});

test('the engine itself goes on, and the refusal names its newest commit', async () => {
  const head = repo.push({ 'shop/all.yaml': text(deployment('web', 1), configMap('colours', { colour: 'blue' })) });
  await world.application('shop').converged(head);
  await waitFor('the new commit is named', async () => (await edit('red')).message.includes(head.slice(0, 7)));
});

test('break-glass: members of the group may, and others that are named', async () => {
  const glass = await edit('amber', 'ann', [...admins, 'plumbline:break-glass']);
  assert.equal(glass.status, 200, glass.message);
  await lock('deny', { 'plumbline.dev/lock-exempt': 'system:serviceaccount:ops:*, bob' });
  await waitFor('bob is let through', async () => (await edit('pink', 'bob')).status === 200);
  assert.equal((await edit('grey', 'system:serviceaccount:ops:tool')).status, 200);
  assert.equal((await edit('grey', 'bobby')).status, 403);
});

test('warn warns; off leaves nothing behind', async () => {
  await lock('warn');
  const warned = await waitFor('a warning', async () => {
    const answer = await edit('red');
    return answer.status === 200 && answer.warning !== '' && answer;
  });
  assert.match(warned.warning, /kept as Git says/);
  await waitFor('the deny binding is gone', async () => (await kube.get(bindings, '', `${name}-deny`)) === undefined);
  await lock('off');
  await waitFor('nothing is left', async () => {
    const left = [
      await kube.get(policies, '', name),
      await kube.get(bindings, '', `${name}-warn`),
      await kube.get(resources.configMaps, 'kube-system', `${name}-warn`),
      await kube.get(resources.configMaps, 'kube-system', `${name}-deny`),
    ];
    return left.every((one) => one === undefined);
  });
  assert.equal((await edit('red')).warning, '');
});

test('the apiserver finds nothing to warn of in the policy', async () => {
  await lock('deny');
  const policy = await waitFor('the policy is checked', async () => {
    const found = await kube.get(policies, '', name);
    return stringAt(found, 'status', 'observedGeneration') === undefined && found?.status !== undefined && found;
  });
  assert.deepEqual((policy.status as JsonObject).typeChecking ?? {}, {});
  await lock('off');
  await waitFor('it is gone', async () => (await kube.get(policies, '', name)) === undefined);
});
