import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HelmOptions, Source } from '../model/index.ts';
import { memoryTree } from '../render/test-repositories.ts';
import { filesOf } from './source-files.ts';

const files = {
  'app/a.yaml': 'a',
  'app/b.txt': 'b',
  'app/below/c.yml': 'c',
  'app/link.yaml': '-> ../shared/d.yaml',
  'shared/d.yaml': 'd',
  'chart/Chart.yaml': 'c',
  'chart/values.yaml': 'v',
  'chart/values-live.yaml': 'l',
  'chart/templates/x.yaml': '{{ x }}',
  'web/workload.yaml': 'w',
  'web/workload.live.yaml': 'l',
  'web/workload.test.yaml': 't',
  'bytes/a.yaml': new Uint8Array([0xff, 0xfe]),
};
const helm = (...valueFiles: string[]) => ({ valueFiles }) as unknown as HelmOptions;

const table: readonly {
  reason: string;
  source: Partial<Source>;
  lent?: readonly string[];
  is: string;
  wins?: string;
}[] = [
  { reason: 'a directory', source: { path: 'app' }, is: 'app/a.yaml' },
  {
    reason: 'and what is below, when it is rendered',
    source: { path: 'app', directory: { recurse: true } },
    is: 'app/a.yaml app/below/c.yml',
  },
  { reason: 'a chart has its values alone', source: { path: 'chart' }, is: 'chart/values.yaml' },
  {
    reason: 'and its value files, the last first',
    source: {
      path: 'chart',
      helm: helm('values-live.yaml', '../app/a.yaml', 'https://x.test/v.yaml', '$o/v.yaml', '../../x'),
    },
    is: 'chart/values.yaml chart/values-live.yaml app/a.yaml',
    wins: 'app/a.yaml',
  },
  {
    reason: 'the environment of a workload',
    source: { path: 'web' },
    is: 'web/workload.live.yaml web/workload.yaml',
    wins: 'web/workload.live.yaml',
  },
  {
    reason: 'what another source reads here',
    source: { ref: 'values' },
    lent: ['app/a.yaml', '/../x'],
    is: 'app/a.yaml',
    wins: 'app/a.yaml',
  },
  { reason: 'nothing that is no text', source: { path: 'bytes' }, is: '' },
  { reason: 'nothing outside', source: { path: '../..' }, is: '' },
];
describe('the files of a source are', () => {
  for (const { reason, source, lent, is, wins = '' } of table)
    test(reason, async () => {
      const found = await filesOf(memoryTree(files), { repoURL: 'x', targetRevision: '', ...source }, 'live', lent);
      assert.deepEqual([[...found.texts.keys()].join(' '), [...found.overlays].join(' ')], [is, wins]);
    });
});
