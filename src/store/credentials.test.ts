import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../model/index.ts';
import { readCluster } from './cluster-credentials.ts';
import { readRepository } from './credentials.ts';
import { readWebhookSecrets } from './trust.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

function secret(type: string, data: Record<string, string>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': type } },
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
  };
}

describe('repositories', () => {
  test('every field', () =>
    assert.deepEqual(
      readRepository(
        secret('repository', {
          url: ' https://h/o/r ',
          name: 'n',
          project: 'p',
          username: 'u',
          password: 'w',
          insecure: 'true',
          enableLfs: 'true',
          depth: '1',
          githubAppID: '7',
          githubAppPrivateKey: 'k',
          proxy: 'http://proxy',
        }),
      ),
      {
        kind: 'repository',
        url: 'https://h/o/r',
        type: 'git',
        name: 'n',
        project: 'p',
        username: 'u',
        password: 'w',
        insecure: true,
        enableLfs: true,
        enableOCI: false,
        insecureOCIForceHttp: false,
        githubApp: { id: '7', privateKey: 'k' },
        proxy: 'http://proxy',
        forceHttpBasicAuth: false,
        depth: 1,
      },
    ));
  test('a prefix', () =>
    assert.equal(readRepository(secret('repo-creds', { url: 'https://h/', type: 'helm' }))?.kind, 'repo-creds'));
  test('no address', () => assert.equal(readRepository(secret('repository', { name: 'n' })), undefined));
  test('nonsense', () =>
    assert.deepEqual(
      [readRepository(secret('repository', { url: 'u', type: 'ftp', depth: '-3' }))].map((one) => [
        one?.type,
        one?.depth,
      ]),
      [['git', 0]],
    ));
});

describe('clusters', () => {
  const config = {
    bearerToken: 't',
    tlsClientConfig: {
      insecure: false,
      serverName: 'n',
      caData: base64('CA'),
      certData: base64('CERT'),
      keyData: base64('KEY'),
    },
  };
  test('token and TLS', () => {
    const cluster = readCluster(
      secret('cluster', {
        name: 'prod',
        server: 'https://prod/',
        config: JSON.stringify(config),
        namespaces: 'a, b',
        clusterResources: 'true',
        project: 'p',
      }),
    );
    assert.partialDeepStrictEqual(cluster, {
      name: 'prod',
      server: 'https://prod',
      namespaces: ['a', 'b'],
      clusterResources: true,
      project: 'p',
      bearerToken: 't',
      serverName: 'n',
      caData: 'CA',
      certData: 'CERT',
      keyData: 'KEY',
    });
  });
  test('exec', () =>
    assert.deepEqual(
      readCluster(
        secret('cluster', {
          server: 's',
          config: JSON.stringify({
            execProviderConfig: {
              command: 'c',
              args: ['a'],
              env: { K: 'v' },
              apiVersion: 'client.authentication.k8s.io/v1',
            },
          }),
        }),
      )?.exec,
      { command: 'c', args: ['a'], env: { K: 'v' }, apiVersion: 'client.authentication.k8s.io/v1' },
    ));
  test('AWS', () =>
    assert.deepEqual(
      readCluster(
        secret('cluster', {
          server: 's',
          config: JSON.stringify({ awsAuthConfig: { clusterName: 'c', roleARN: 'r' } }),
        }),
      )?.exec?.args,
      ['aws', '--cluster-name', 'c', '--role-arn', 'r'],
    ));
  test('the digest tells of every change', () => {
    const digest = (data: Record<string, string>) => readCluster(secret('cluster', { server: 's', ...data }))?.digest;
    assert.equal(digest({ config: '{}' }), digest({ config: '{}' }));
    assert.notEqual(digest({ config: '{}' }), digest({ config: '{"bearerToken":"t"}' }));
  });
  test('config that cannot be read', () =>
    assert.equal(
      readCluster(secret('cluster', { server: 's', config: '{' }))?.problem,
      'config: is not a JSON object',
    ));
  test('no server', () => assert.equal(readCluster(secret('cluster', { name: 'x' })), undefined));
});

test('webhook secrets', () => {
  const data = {
    'webhook.github.secret': 'g',
    'webhook.azuredevops.username': 'u',
    'webhook.azuredevops.password': 'p',
  };
  assert.deepEqual(readWebhookSecrets(secret('', data)), { github: 'g', azure: { username: 'u', password: 'p' } });
  assert.deepEqual(readWebhookSecrets(undefined), {});
});
