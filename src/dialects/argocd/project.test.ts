import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../model/index.ts';
import { readProject } from './project.ts';

const read = (spec: JsonObject) =>
  readProject({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'p' }, spec });
const policies = (...list: JsonObject[]) => ({ sourceIntegrity: { git: { policies: list } } });

test('signatureKeys are one policy for every repository', () => {
  assert.deepEqual(read({ signatureKeys: [{ keyID: '4AEE18F83AFDEB23' }] }).integrity, [
    { repos: ['*'], mode: 'head', keys: ['4AEE18F83AFDEB23'] },
  ]);
  assert.equal(read({ signatureKeys: [] }).integrity, undefined);
});

test('sourceIntegrity: policies of Git, for GPG and SSH', () => {
  const gpg = {
    repos: [{ url: 'https://a/*' }, { url: '!https://a/b' }],
    gpg: { mode: 'strict', keys: ['4AEE18F83AFDEB23'] },
  };
  const ssh = { repos: [{ url: 'https://b/*' }], ssh: { mode: 'head', keys: ['ann@x'] } };
  const project = read(policies(gpg, ssh));
  assert.deepEqual(project.problems, []);
  assert.deepEqual(project.integrity, [
    { repos: ['https://a/*', '!https://a/b'], mode: 'strict', keys: ['4AEE18F83AFDEB23'] },
    { repos: ['https://b/*'], mode: 'head', keys: ['ann@x'] },
  ]);
});

const wrong: readonly [reason: string, spec: JsonObject][] = [
  ['both forms', { ...policies(), signatureKeys: [{ keyID: 'A' }] }],
  ['a mode that nobody knows', policies({ repos: [{ url: '*' }], gpg: { mode: 'Head', keys: [] } })],
  ['no method', policies({ repos: [{ url: '*' }] })],
  [
    'methods that disagree',
    policies({ repos: [{ url: '*' }], gpg: { mode: 'head', keys: [] }, ssh: { mode: 'none', keys: [] } }),
  ],
];
for (const [reason, spec] of wrong) {
  test(`integrity that cannot be read opens no door: ${reason}`, () => {
    const project = read(spec);
    assert.equal(project.problems.length > 0, true);
    assert.equal(project.integrity?.some(({ mode }) => mode === 'none') ?? false, false);
  });
}
