// The promise: a real control plane of one's own in seconds, several at once, and nothing left of it afterwards.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Ask, type ControlPlane, kubeClient, startControlPlane } from '../../src/embedded/index.ts';
import { ensureControlPlane } from '../../src/toolchain/index.ts';

const clients: { close(): void }[] = [];
let planes: readonly ControlPlane[] = [];

before(async () => {
  const binaries = await ensureControlPlane();
  planes = await Promise.all(['first', 'second'].map((name) => startControlPlane({ binaries, name, nodes: 1 })));
});

after(async () => {
  for (const client of clients) client.close();
  await Promise.all(planes.map((plane) => plane.stop()));
  for (const { dir } of planes) assert.equal(existsSync(dir), false, 'the directory goes with its control plane');
});

describe('two control planes at once', () => {
  test('are strangers to each other', async () => {
    const [one, two] = [admin(0), admin(1)];
    assert.equal((await one('POST', '/api/v1/namespaces', namespace('only-here'))).status, 201);
    assert.equal((await two('GET', '/api/v1/namespaces/only-here')).status, 404);
    const foreign = kubeClient({ ...plane(1).kubeconfig, server: plane(0).server });
    clients.push(foreign);
    assert.equal((await foreign.ask('GET', '/api')).status, 0, "the other's CA does not vouch for this server");
  });

  test('deny whom RBAC does not know', async () => {
    assert.equal((await bearer(0, 'GET', '/api/v1/namespaces', undefined)).status, 403);
    assert.equal((await bearer(0, 'GET', '/api/v1/namespaces', 'not-a-token')).status, 401);
  });

  test('give service accounts tokens that carry their rights and no more', async () => {
    const ask = admin(0);
    const token = await tokenOf(ask, 'default', 'default');
    assert.equal((await bearer(0, 'GET', '/api/v1/namespaces/default/configmaps', token)).status, 403);
    const binding = await ask('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', {
      metadata: { name: 'view' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
    });
    assert.equal(binding.status, 201, binding.body);
    await until(async () => (await bearer(0, 'GET', '/api/v1/namespaces/default/configmaps', token)).status === 200);
    assert.equal((await bearer(0, 'GET', '/api/v1/namespaces/default/secrets', token)).status, 403);
  });

  test('make a Deployment ready, and again after the apiserver was killed', async () => {
    const ask = admin(1);
    const created = await ask('POST', '/apis/apps/v1/namespaces/default/deployments', deployment('web', 2));
    assert.equal(created.status, 201, created.body);
    await until(() => isReady(ask, 'web', 2));
    await plane(1).restartApiserver();
    assert.ok(await isReady(ask, 'web', 2), 'the data is still there');
    assert.equal(
      (await ask('POST', '/apis/apps/v1/namespaces/default/deployments', deployment('more', 1))).status,
      201,
    );
    await until(() => isReady(ask, 'more', 1));
  });

  test('give addresses to what waits for one', async () => {
    const ask = admin(0);
    const ports = [{ port: 80 }];
    const backend = { service: { name: 'web', port: { number: 80 } } };
    const things = {
      '/apis/networking.k8s.io/v1/namespaces/default/ingresses/web': { spec: { defaultBackend: backend } },
      '/api/v1/namespaces/default/services/web': { spec: { type: 'LoadBalancer', ports } },
      '/api/v1/namespaces/default/services/inside': { spec: { ports } },
    };
    for (const [path, body] of Object.entries(things)) {
      const [, collection = '', name] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
      const { status, body: answer } = await ask('POST', collection, { metadata: { name }, ...body });
      assert.equal(status, 201, answer);
    }
    const addressed = async (path: string) => /"ip":"203\.0\.113\./.test((await ask('GET', path)).body);
    const [ingress = '', outside = '', inside = ''] = Object.keys(things);
    await until(async () => (await addressed(ingress)) && (await addressed(outside)));
    assert.equal(await addressed(inside), false);
  });

  test('enforce an admission policy', async () => {
    const ask = admin(0);
    for (const [path, body] of Object.entries(policy)) {
      const { status, body: answer } = await ask('POST', `/apis/admissionregistration.k8s.io/v1/${path}`, body);
      assert.equal(status, 201, answer);
    }
    const object = { metadata: { generateName: 'forbidden-' } };
    await until(async () => (await ask('POST', '/api/v1/namespaces/default/configmaps', object)).status === 422);
  });
});

test('an owner that is killed leaves no process and no directory', async () => {
  const script = fileURLToPath(new URL('./own-and-die.ts', import.meta.url));
  const owner = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await Promise.race([nextLine(owner.stdout), exitOf(owner)]);
  const { dir, pids } = JSON.parse(line) as { dir: string; pids: number[] };
  assert.ok(existsSync(dir) && pids.length >= 4 && pids.every(isAlive));
  owner.kill('SIGKILL');
  await until(async () => !existsSync(dir) && !pids.some(isAlive), 5_000);
});

test('official binaries on PATH are used instead of a build, and end with their owner all the same', async () => {
  const { kubebox } = await ensureControlPlane();
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-bin-'));
  for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
    writeFileSync(join(dir, name), `#!/bin/sh\nunset KUBEBOX_OWNER\nexec '${kubebox}' ${name} "$@"\n`, { mode: 0o755 });
  }
  const binaries = await ensureControlPlane({ path: `${dir}:${process.env.PATH}` });
  assert.match(binaries.origin, /official Kubernetes v\d+\.\d+\.\d+ from PATH/);
  const official = await startControlPlane({ binaries, name: 'official' });
  const pids = official.pids();
  await official.stop();
  rmSync(dir, { recursive: true });
  assert.equal(pids.some(isAlive) || existsSync(official.dir), false);
});

const policy = {
  validatingadmissionpolicies: {
    metadata: { name: 'no-forbidden' },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      },
      validations: [{ expression: "!object.metadata.generateName.startsWith('forbidden')", message: 'forbidden' }],
    },
  },
  validatingadmissionpolicybindings: {
    metadata: { name: 'no-forbidden' },
    spec: { policyName: 'no-forbidden', validationActions: ['Deny'] },
  },
};

function plane(index: number): ControlPlane {
  const found = planes[index];
  assert.ok(found);
  return found;
}

function admin(index: number): Ask {
  const client = kubeClient(plane(index).kubeconfig);
  clients.push(client);
  return client.ask;
}

function namespace(name: string): unknown {
  return { metadata: { name } };
}

function deployment(name: string, replicas: number): unknown {
  const labels = { app: name };
  return {
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'example.org/web:1' }] } },
    },
  };
}

async function isReady(ask: Ask, name: string, replicas: number): Promise<boolean> {
  const { status, body } = await ask('GET', `/apis/apps/v1/namespaces/default/deployments/${name}`);
  return (
    status === 200 && (JSON.parse(body) as { status: { readyReplicas?: number } }).status.readyReplicas === replicas
  );
}

async function tokenOf(ask: Ask, inNamespace: string, account: string): Promise<string> {
  const path = `/api/v1/namespaces/${inNamespace}/serviceaccounts/${account}/token`;
  const { status, body } = await ask('POST', path, { spec: { expirationSeconds: 3600 } });
  assert.equal(status, 201, body);
  return (JSON.parse(body) as { status: { token: string } }).status.token;
}

// A request without a client certificate.
function bearer(index: number, method: string, path: string, token: string | undefined): Promise<{ status: number }> {
  const { server, ca } = plane(index).kubeconfig;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const outgoing = request(`${server}${path}`, { method, ca, headers, agent: false }, (incoming) => {
      incoming.resume();
      resolve({ status: incoming.statusCode ?? 0 });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

async function until(condition: () => Promise<boolean>, ms = 30_000): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) if (await condition()) return;
  assert.fail('not true in time');
}

async function nextLine(stream: NodeJS.ReadableStream): Promise<readonly [string]> {
  for await (const line of createInterface(stream)) return [line];
  return assert.fail('ended without a line');
}

function exitOf(owner: { once(event: 'exit', listener: (code: number | null) => void): unknown }): Promise<never> {
  return new Promise((_, reject) => owner.once('exit', (code) => reject(new Error(`the owner ended with ${code}`))));
}

// A zombie is dead: it only waits for a parent to count it.
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
