import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKustomizeBuild } from './kustomize-build.ts';

const plain = { loadRestrictions: 'root', managedByLabel: false, helm: false, helmApiVersions: [] };

for (const [reason, options, wanted, problems, notes] of [
  ['nothing', ' ', {}, 0, 0],
  ['charts', '--enable-helm', { helm: true }, 0, 0],
  ['a flag that is turned off', '--enable-helm=false', {}, 0, 0],
  ['a flag that is neither on nor off', '--enable-helm=perhaps', {}, 1, 0],
  [
    'all flags of charts',
    '--enable-helm --helm-command /usr/bin/helm --helm-debug --helm-kube-version 1.30 --helm-api-versions a/v1 --helm-api-versions=b/v1',
    { helm: true, helmKubeVersion: '1.30', helmApiVersions: ['a/v1', 'b/v1'] },
    0,
    1,
  ],
  ['no restriction', '--load-restrictor LoadRestrictionsNone', { loadRestrictions: 'none' }, 0, 0],
  ['no restriction, joined', '--load-restrictor=LoadRestrictionsNone', { loadRestrictions: 'none' }, 0, 0],
  ['no restriction, as of old', '--load_restrictor none', { loadRestrictions: 'none' }, 0, 0],
  ['an unknown restriction', '--load-restrictor toString', {}, 1, 0],
  ['an order', '--reorder legacy', { reorder: 'legacy' }, 0, 0],
  ['an unknown order', '--reorder alphabetic', {}, 1, 0],
  ['a label', '--enable-managedby-label', { managedByLabel: true }, 0, 0],
  ['programs', '--enable-alpha-plugins --enable-exec', { helm: true }, 0, 2],
  ['flags of functions', '--as-current-user --network --network-name a --mount b -e C=D --env=E=F', {}, 0, 0],
  ['a flag without its value', '--enable-helm --reorder', { helm: true }, 1, 0],
  ['a file to write', '-o out.yaml', {}, 1, 0],
  ['what is not known', '--nope overlay', {}, 2, 0],
] as const)
  test(reason, () => {
    const read = readKustomizeBuild(options);
    assert.deepEqual(read.build, { ...plain, ...wanted });
    assert.equal(read.problems.length, problems, read.problems.join());
    assert.equal(read.notes.length, notes);
  });
