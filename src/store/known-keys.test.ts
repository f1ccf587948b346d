import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configKey, nearestKey, paramKey } from './known-keys.ts';

for (const [key, wanted] of [
  ['timeout.reconciliation', 'used'],
  ['resource.customizations.health.apps_Deployment', 'used'],
  ['accounts.alice', 'unused'],
  ['dex.config', 'unused'],
  ['kustomize.buildOptions.v5.0.0', 'used'],
  ['timeout.reconcilation', 'unknown'],
  ['plumbline.verdict.quiet', 'unknown'],
] as const)
  test(`argocd-cm: ${key} is ${wanted}`, () => assert.equal(configKey(key), wanted));

for (const [key, wanted] of [
  ['application.namespaces', 'used'],
  ['controller.status.processors', 'unused'],
  ['repo.server', 'unused'],
  ['controllerstatus', 'unknown'],
] as const)
  test(`argocd-cmd-params-cm: ${key} is ${wanted}`, () => assert.equal(paramKey(key), wanted));

test('the key that was meant', () => {
  assert.equal(nearestKey('timeout.reconcilation'), 'timeout.reconciliation');
  assert.equal(nearestKey('Resource.Exclusion'), 'resource.exclusions');
  assert.equal(nearestKey('something.else.entirely'), undefined);
});

test('every key of our own that is read is known', () => {
  const folder = import.meta.dirname;
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.includes('known-keys') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const keys = texts.flatMap((text) =>
    [...text.matchAll(/'(plumbline\.(?!dev)[A-Za-z.]+)'/g)].map((match) => match[1] ?? ''),
  );
  assert.ok(keys.length > 5);
  assert.deepEqual(
    keys.filter((key) => configKey(key) !== 'used'),
    [],
  );
});
