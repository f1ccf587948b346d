import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { EngineError } from '../model/index.ts';
import { inClusterConnection, loadKubeconfig } from './kubeconfig.ts';

const directory = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
after(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function config(user: string, cluster = 'server: https://one:6443'): string {
  return `apiVersion: v1
kind: Config
current-context: here
contexts:
- {name: here, context: {cluster: c, user: u, namespace: team}}
- {name: there, context: {cluster: missing, user: u}}
clusters:
- name: c
  cluster: {${cluster}}
users:
- name: u
  user: {${user}}
`;
}

const load = (path: string, context?: string) =>
  loadKubeconfig({ path, environment: { HOME: '/h' }, ...(context === undefined ? {} : { context }) });

test('kubeconfig: inline data, files beside it, and everything about TLS', async () => {
  file('client.key', 'KEY');
  const cluster = `server: https://one, certificate-authority-data: ${base64('CA')}, tls-server-name: n, proxy-url: "http://p"`;
  const path = file('a', config(`client-certificate-data: ${base64('CERT')}, client-key: client.key`, cluster));
  const connection = await load(path);
  const { ca, cert, key, serverName, proxyUrl, namespace, context, insecure } = connection;
  assert.deepEqual([ca, cert, key, serverName, proxyUrl], ['CA', 'CERT', 'KEY', 'n', 'http://p']);
  assert.deepEqual([namespace, context, insecure], ['team', 'here', false]);
});

const identities = [
  { reason: 'a token', user: 'token: t', kind: 'token' },
  { reason: 'a token file wins over a token', user: 'token: t, tokenFile: f', kind: 'token-file' },
  { reason: 'a password', user: 'username: u, password: p', kind: 'basic' },
  {
    reason: 'a plugin',
    user: 'exec: {command: x, apiVersion: v, args: [a, b], env: [{name: N, value: v}], provideClusterInfo: true}',
    kind: 'exec',
  },
  { reason: 'nothing', user: '', kind: 'none' },
] as const;

for (const { reason, user, kind } of identities) {
  test(`kubeconfig: who we are: ${reason}`, async () => {
    const { identity } = await load(file('identity', config(user)));
    assert.equal(identity.kind, kind);
    if (identity.kind === 'token-file') assert.equal(identity.path, join(directory, 'f'));
    if (identity.kind === 'exec') {
      assert.deepEqual(identity.plugin.env, { HOME: '/h', N: 'v' });
      assert.deepEqual(identity.plugin.args, ['a', 'b']);
    }
  });
}

test('kubeconfig: of several files the first to name a thing wins, missing ones do not matter', async () => {
  const one = file('one', 'current-context: here\nclusters: [{name: c, cluster: {server: "https://first"}}]\n');
  const two = file('two', config('token: t'));
  const environment = { KUBECONFIG: [one, join(directory, 'nothing'), two].join(delimiter) };
  const connection = await loadKubeconfig({ environment });
  assert.deepEqual([connection.server, connection.identity.kind], ['https://first', 'token']);
});

test('kubeconfig: impersonation', async () => {
  const connection = await load(file('as', config('token: t, as: someone, as-groups: [a, b]')));
  assert.deepEqual(connection.impersonate, { user: 'someone', groups: ['a', 'b'] });
});

const broken = [
  { reason: 'no such file', path: join(directory, 'nowhere') },
  { reason: 'not YAML', path: file('bad', ': : {') },
  { reason: 'no kubeconfig', path: file('list', '- a') },
  { reason: 'no such context', path: file('good', config('token: t')), context: 'x' },
  { reason: 'a context without its cluster', path: file('good2', config('token: t')), context: 'there' },
  { reason: 'no current context', path: file('none', 'kind: Config') },
  { reason: 'a certificate that is not there', path: file('cert', config('client-certificate: nothing.crt')) },
  { reason: 'an old auth provider', path: file('provider', config('auth-provider: {name: gcp}')) },
];

for (const { reason, path, context } of broken) {
  test(`kubeconfig: refused: ${reason}`, async () => {
    await assert.rejects(
      load(path, context),
      (error) => error instanceof EngineError && error.code === 'cluster-config',
    );
  });
}

test('in-cluster: outside of a pod there is none', async () => {
  assert.equal(await inClusterConnection({}), undefined);
});
