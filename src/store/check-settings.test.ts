import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argocd } from '../dialects/index.ts';
import type { JsonObject, KubeObject } from '../model/index.ts';
import { checkSettings } from './check-settings.ts';

const map = (name: string, data: JsonObject): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const secret = (type: string, data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', labels: { 'argocd.argoproj.io/secret-type': type } },
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
});
const check = (...resources: readonly KubeObject[]) =>
  checkSettings(resources, argocd.parseDuration).findings.map(({ level, object, key }) => `${level} ${object} ${key}`);

for (const [reason, resources, wanted] of [
  ['nothing', [], []],
  ['what is well said', [map('argocd-cm', { 'timeout.reconciliation': '60s' })], []],
  ['a value', [map('argocd-cm', { 'timeout.reconciliation': 'often' })], ['error argocd-cm timeout.reconciliation']],
  [
    'a parameter',
    [map('argocd-cmd-params-cm', { 'reposerver.max.combined.directory.manifests.size': 'big' })],
    ['error argocd-cmd-params-cm reposerver.max.combined.directory.manifests.size'],
  ],
  ['a key', [map('argocd-cm', { 'timeout.reconcilation': '60s' })], ['warning argocd-cm timeout.reconcilation']],
  ['a key of Argo CD alone', [map('argocd-cm', { 'dex.config': 'x' })], ['info argocd-cm dex.config']],
  [
    'build options of Kustomize',
    [
      map('argocd-cm', {
        'kustomize.buildOptions': '--enable-helm --enable-exec',
        'kustomize.path.v4': '/bin/kustomize4',
        'kustomize.buildOptions.v4': '--nope',
      }),
    ],
    [
      'warning argocd-cm kustomize.buildOptions',
      'error argocd-cm kustomize.buildOptions.v4',
      'info argocd-cm kustomize.version.v4',
    ],
  ],
  [
    'a customization',
    [map('argocd-cm', { 'resource.customizations.ignoreDifferences.a_b_c': '{}' })],
    ['error argocd-cm resource.customizations.ignoreDifferences.a_b_c'],
  ],
  [
    'a webhook',
    [map('argocd-cm', { 'plumbline.alerts.webhooks': '- url: nowhere' })],
    ['error argocd-cm plumbline.alerts.webhooks[0]'],
  ],
  [
    'a certificate',
    [
      map('argocd-tls-certs-cm', {
        'git.example.com': 'x',
        'b.example.com': '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----',
      }),
    ],
    ['error argocd-tls-certs-cm git.example.com', 'error argocd-tls-certs-cm b.example.com'],
  ],
  [
    'a known host',
    [
      map('argocd-ssh-known-hosts-cm', {
        ssh_known_hosts: '# a\n\nhost ssh-ed25519 AAAA\n[h]:22 ecdsa-sha2-nistp256 AAAA= c\nnonsense',
      }),
    ],
    ['error argocd-ssh-known-hosts-cm ssh_known_hosts'],
  ],
  ['a repository without an address', [secret('repository', { type: 'git' })], ['error Secret s url']],
  ['a repository of no type', [secret('repository', { url: 'u', type: 'svn' })], ['error Secret s type']],
  ['a cluster without a server', [secret('cluster', { name: 'x' })], ['error Secret s server']],
  ['a cluster', [secret('cluster', { server: 'https://x', config: '{' })], ['error Secret s config']],
  ['a Secret of no type', [secret('clutser', {})], ['warning Secret s argocd.argoproj.io/secret-type']],
] as const)
  test(`settings: ${reason}`, () => assert.deepEqual(check(...resources), wanted));

test('no value of a Secret is told', () => {
  const resources = [secret('cluster', { server: 'https://x', config: '{"bearerToken": hunter2' })];
  assert.ok(!JSON.stringify(checkSettings(resources, argocd.parseDuration).findings).includes('hunter2'));
});

test('a key that was meant is named', () => {
  const [finding] = checkSettings([map('argocd-cm', { 'resource.exclusion': '[]' })], argocd.parseDuration).findings;
  assert.match(finding?.message ?? '', /resource\.exclusions/);
});
