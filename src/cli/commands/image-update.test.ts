import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeContext } from '../../../test/doubles/fake-context.ts';
import type { ImagesAnswer, ImagesRequest } from '../../contract/index.ts';
import { EngineError } from '../../model/index.ts';
import { runCli } from '../run.ts';

const one = {
  image: 'ghcr.io/acme/web',
  from: '1.0.0',
  to: '1.1.0',
  fromDigest: '',
  toDigest: `sha256:${'a'.repeat(64)}`,
  policy: 'semver:^1',
  places: [{ file: 'web/workload.yaml', line: 3 }],
};
const problem = { about: 'ghcr.io/gone', error: new EngineError('repo-not-found', 'no such repository') };

const table: readonly { line: string; answer: ImagesAnswer; code: number; says: string }[] = [
  {
    line: 'image update x --image a=newest',
    answer: { updates: [one], problems: [] },
    code: 0,
    says: 'web/workload.yaml:3',
  },
  {
    line: 'image update x --image a=newest --dry-run',
    answer: { updates: [one], problems: [] },
    code: 1,
    says: '1.0.0 → 1.1.0',
  },
  { line: 'image update x --image a=newest', answer: { updates: [], problems: [] }, code: 0, says: 'Nothing is newer' },
  {
    line: 'image update x --image a=newest',
    answer: { updates: [one], problems: [problem] },
    code: 2,
    says: '1 image changed',
  },
  { line: 'image update x --image a=newest', answer: { updates: [], problems: [problem] }, code: 2, says: '' },
  {
    line: 'image update x --image a=newest -o json',
    answer: { updates: [one], problems: [problem] },
    code: 2,
    says: '"repo-not-found"',
  },
];
for (const { line, answer, code, says } of table)
  test(`${line} with ${answer.updates.length} new and ${answer.problems.length} problems`, async () => {
    const asked: ImagesRequest[] = [];
    const updateImages = async (request: ImagesRequest) => {
      asked.push(request);
      return answer;
    };
    const actions = { updateImages };
    const fake = fakeContext({ actions });
    assert.equal(await runCli(line.split(' '), fake.context), code, fake.err());
    assert.deepEqual(asked, [{ directory: '/home/ada/deploy/x', rules: ['a=newest'], write: !line.includes('dry') }]);
    assert.ok(fake.out().includes(says), fake.out());
  });
