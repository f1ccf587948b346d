import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayFollow } from './follows.ts';

const own = ['refs/heads/plumbline/prod', 'refs/notes/plumbline/prod'];
const main = ['HEAD', 'refs/heads/main'];
const cases: readonly {
  readonly reason: string;
  readonly target: string;
  readonly refs: readonly string[];
  readonly want: boolean;
}[] = [
  { reason: 'the default branch moves', target: '', refs: main, want: true },
  { reason: 'HEAD is the default branch', target: 'HEAD', refs: main, want: true },
  { reason: 'its branch moves', target: 'main', refs: main, want: true },
  { reason: 'its full name moves', target: 'refs/heads/main', refs: main, want: true },
  { reason: 'what is written back is not the default branch', target: 'HEAD', refs: own, want: false },
  { reason: 'nor main', target: 'main', refs: own, want: false },
  { reason: 'but who follows an environment is woken by it', target: 'plumbline/prod', refs: own, want: true },
  { reason: 'a range is looked up among tags', target: '1.x', refs: ['refs/tags/v1.2.0'], want: true },
  { reason: 'not among branches', target: '^1', refs: own, want: false },
  { reason: 'a SHA may have come', target: '1234567', refs: own, want: true },
  { reason: 'a repository that fell silent or came back', target: 'main', refs: [], want: true },
  { reason: 'tags of a registry', target: 'latest', refs: ['1.0'], want: true },
];
for (const { reason, target, refs, want } of cases) {
  test(`follows: ${reason}`, () => assert.equal(mayFollow({ repoURL: 'u', targetRevision: target }, refs), want));
}
