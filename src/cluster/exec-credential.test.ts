import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '../model/index.ts';
import { createAuth } from './auth.ts';
import type { Connection, ExecPlugin } from './connection.ts';
import { runExecPlugin } from './exec-credential.ts';

function plugin(script: string, more: Partial<ExecPlugin> = {}): ExecPlugin {
  return {
    command: process.execPath,
    args: ['-e', script],
    env: {},
    apiVersion: 'client.authentication.k8s.io/v1',
    installHint: '',
    provideClusterInfo: false,
    ...more,
  };
}

function connection(one: ExecPlugin): Connection {
  const identity = { kind: 'exec', plugin: one } as const;
  return { server: 'https://s', ca: 'CA', insecure: false, namespace: '', identity };
}

function run(script: string, more: Partial<ExecPlugin> = {}) {
  const one = plugin(script, more);
  return runExecPlugin(one, connection(one));
}

const print = (status: object): string => `console.log('${JSON.stringify({ kind: 'ExecCredential', status })}')`;

test('a plugin gives a token until a time', async () => {
  const got = await run(print({ token: 't', expirationTimestamp: '2026-01-01T00:00:00Z' }));
  assert.deepEqual(got, { token: 't', expires: Date.parse('2026-01-01T00:00:00Z') });
});

test('a plugin is told what it is for', async () => {
  const script =
    'const i = JSON.parse(process.env.KUBERNETES_EXEC_INFO); console.log(JSON.stringify({status: {token: JSON.stringify(i.spec)}}))';
  const got = await run(script, { provideClusterInfo: true, config: { audience: 'a' } });
  assert.deepEqual(JSON.parse(got.token ?? ''), {
    interactive: false,
    cluster: { server: 'https://s', config: { audience: 'a' }, 'certificate-authority-data': 'Q0E=' },
  });
});

const refused = [
  { reason: 'it fails', script: 'process.exit(3)' },
  { reason: 'it prints no JSON', script: 'console.log("secret-token")' },
  { reason: 'it has nothing to give', script: print({}) },
  { reason: 'a certificate without its key', script: print({ clientCertificateData: 'c' }) },
  { reason: 'it is not there', script: '', more: { command: 'there-is-no-such-plugin' } },
  {
    reason: 'another version',
    script: print({ token: 't' }),
    more: { apiVersion: 'client.authentication.k8s.io/v1alpha1' },
  },
];

for (const { reason, script, more } of refused) {
  test(`a plugin is refused: ${reason}`, async () => {
    await assert.rejects(run(script, more), (error) => {
      assert.ok(error instanceof EngineError && error.code === 'cluster-config');
      return !error.message.includes('secret-token');
    });
  });
}

test('credentials are kept until shortly before they end, and asked for once', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const script = `console.log(JSON.stringify({status: {token: String(Date.now()) + Math.random(), expirationTimestamp: '2026-01-01T01:00:00Z'}}))`;
  const auth = createAuth(connection(plugin(script)), () => now);
  const [first, second] = await Promise.all([auth.current(), auth.current()]);
  assert.equal(first, second);
  assert.equal(auth.current(), first);
  now += 3_600_000;
  const third = await auth.current();
  assert.notEqual(third, first);
});
