import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeContext } from '../../../test/doubles/fake-context.ts';
import type { Workbench } from '../../contract/index.ts';
import type { JsonObject } from '../../model/index.ts';
import { runCli } from '../run.ts';

const pod: JsonObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop' } };
const map: JsonObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { key: 'value' } };
const files = { '/home/ada/deploy/a.yaml': JSON.stringify([pod, map]), '/home/ada/deploy/cm.yaml': '[]' };

function bench(): Partial<Workbench> {
  return {
    readObjects: async (text) => JSON.parse(text) as JsonObject[],
    health: async (objects, config) => ({
      health: objects.map(({ kind }) =>
        kind === 'Pod' ? { status: 'Degraded', message: 'Back-off\npulling' } : undefined,
      ),
      problems: Object.keys(config).length > 0 ? ['key: wrong'] : [],
    }),
  };
}

test('a table for people', async () => {
  const fake = fakeContext({ files, workbench: bench() });
  assert.equal(await runCli(['health', 'a.yaml'], fake.context), 0);
  assert.equal(
    fake.out(),
    [
      'KIND       NAMESPACE  NAME      HEALTH    MESSAGE',
      'Pod        shop       web       Degraded  Back-off pulling',
      'ConfigMap             settings  -',
      '',
    ].join('\n'),
  );
});

test('an array for programs, in the order given', async () => {
  const fake = fakeContext({ files, input: JSON.stringify([map]), workbench: bench() });
  assert.equal(await runCli(['health', '-', 'a.yaml', '-o', 'json'], fake.context), 0);
  const rows = JSON.parse(fake.out()) as {
    file: string;
    kind: string;
    name: string;
    status: string;
    message: string;
  }[];
  assert.deepEqual(
    rows.map(({ file, kind, name, status, message }) => [file, kind, name, status, message]),
    [
      ['-', 'ConfigMap', 'settings', '', ''],
      ['a.yaml', 'Pod', 'web', 'Degraded', 'Back-off\npulling'],
      ['a.yaml', 'ConfigMap', 'settings', '', ''],
    ],
  );
});

test('settings: their problems are told, and a file without any is refused', async () => {
  const settings = { '/home/ada/deploy/s.yaml': JSON.stringify([map]) };
  const fake = fakeContext({ files: { ...files, ...settings }, workbench: bench() });
  assert.equal(await runCli(['health', 'a.yaml', '--settings', 's.yaml'], fake.context), 0);
  assert.equal(fake.err(), 'warning [settings]: key: wrong\n');
  assert.equal(await runCli(['health', 'a.yaml', '--settings', 'cm.yaml'], fake.context), 2);
});

test('a file that cannot be read is told, and the others are judged', async () => {
  const fake = fakeContext({ files: { ...files, '/home/ada/deploy/bad.yaml': '{' }, workbench: bench() });
  assert.equal(await runCli(['health', 'bad.yaml', 'none.yaml', 'a.yaml', '-o', 'json'], fake.context), 2);
  assert.deepEqual(
    (JSON.parse(fake.out()) as { file: string }[]).map(({ file }) => file),
    ['a.yaml', 'a.yaml'],
  );
  assert.match(fake.err(), /^error \[[a-z-]+\]: .*\nerror \[path-not-found\]: .*none.yaml.*\n$/);
});
