// The promise: where a project asks for signed commits (signatureKeys, sourceIntegrity), nothing else is written, and it
// is said which commit lacks what.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type JsonObject, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { openWorld } from '../harness/world.ts';

const files = (colour: string) => ({ 'app/a.yaml': text(configMap('a', { colour })) });
const world = await openWorld({ files: files('green') });
const { kube, repo, namespace } = world;

async function project(name: string, spec: JsonObject): Promise<void> {
  const whole = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }], ...spec };
  const metadata = { name, namespace };
  await kube.apply(
    resources.projects,
    { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata, spec: whole },
    'test',
  );
}

test('unsigned commits are held, signed ones are written', async () => {
  const key = join(world.engine.cache, 'ann');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ann', '-f', key]);
  const line = `ann@x.example ${readFileSync(`${key}.pub`, 'utf8').trim()}`;
  const labels = { 'app.kubernetes.io/part-of': 'argocd' };
  const signers = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'plumbline-allowed-signers', namespace, labels },
  };
  await kube.apply(resources.configMaps, { ...signers, data: { ann: line } }, 'test');
  const keys = ['ann@x.example'];
  await project('signed', {
    sourceIntegrity: { git: { policies: [{ repos: [{ url: '*' }], ssh: { mode: 'head', keys } }] } },
  });
  await project('keyed', { signatureKeys: [{ keyID: '4AEE18F83AFDEB23' }] });
  const declare = async (name: string, project: string) =>
    world.declare(name, { path: 'app', target: await world.freshTarget(), project });
  const app = await declare('integrity', 'signed');
  const keyed = await declare('integrity-keyed', 'keyed');
  for (const one of [app, keyed]) {
    const seen = await one.until('is held', ({ holds }) => holds.some(({ reason }) => reason === 'source-integrity'));
    assert.ok(seen.conditions.some(({ type }) => type === 'ComparisonError'));
    assert.equal(await kube.get(resources.configMaps, one.target, 'a'), undefined);
  }
  repo.git('config', 'gpg.format', 'ssh');
  repo.git('config', 'user.signingKey', key);
  repo.git('config', 'commit.gpgSign', 'true');
  const commit = repo.push(files('blue'), 'signed by ann');
  await app.until('is written', (status) => status.revision === commit && status.sync === 'Synced');
  assert.equal(stringAt(await kube.get(resources.configMaps, app.target, 'a'), 'data', 'colour'), 'blue');
  await keyed.until(
    'is held still',
    ({ revision, holds }) => revision === commit && holds.some((one) => one.reason === 'source-integrity'),
  );
  assert.equal(await kube.get(resources.configMaps, keyed.target, 'a'), undefined);
  repo.git('config', 'commit.gpgSign', 'false');
  const empty = repo.push({ 'other.txt': 'changes nothing here' }, 'not signed');
  await app.until(
    'does not pass for converged',
    ({ revision, holds }) => revision === empty && holds.some((one) => one.reason === 'source-integrity'),
  );
});
