import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CommitEvidence, type Person, personOf, type Review } from '../model/index.ts';
import { breakGlassOf } from './break-glass.ts';
import { type FourEyesRules, fourEyes, fourEyesRules, unproven } from './four-eyes.ts';

const [ann, bob, cid] = ['ann', 'bob', 'cid'].map((name) => personOf(name, `${name}@x.example`)) as [
  Person,
  Person,
  Person,
];
const bot = personOf('dependabot[bot]', 'bot@x.example');
const forge: FourEyesRules = { people: 2, evidence: 'forge', bots: ['*[bot]'] };
const signatures: FourEyesRules = { ...forge, evidence: 'signatures' };

function commit(
  id: string,
  parents: readonly string[],
  author: Person,
  more: Partial<CommitEvidence> = {},
): CommitEvidence {
  const facts = { id, parents, author, committer: author, at: 0, subject: id, signature: 'none' as const, reviews: [] };
  return { ...facts, cleanMerge: parents.length > 1, ...more };
}
const signed = (by: Person) => ({ signature: 'good' as const, signer: by });
const entry = (id: string, author: Person, at = 0) => ({ id, author, at });
function review(
  author: Person,
  head: string,
  merged: string,
  commits: Review['commits'],
  by: readonly Person[],
  current = true,
): Review {
  return { change: '#1', author, head, merged, commits, approvals: by.map((one) => ({ by: one, current })) };
}

const merge = (r: Review) => [
  commit('m', ['base', 'f2'], cid, { reviews: [r] }),
  commit('f2', ['f1'], ann),
  commit('f1', ['base'], ann),
];
const feature = [entry('f1', ann), entry('f2', ann)];

const cases: readonly {
  readonly reason: string;
  readonly commits: readonly CommitEvidence[];
  readonly rules?: FourEyesRules;
  readonly lacking: readonly string[];
}[] = [
  { reason: 'pushed directly', commits: [commit('a', ['base'], ann)], lacking: ['a'] },
  {
    reason: 'merged after an approval by another',
    commits: merge(review(ann, 'f2', 'm', feature, [bob])),
    lacking: [],
  },
  {
    reason: 'approved by the author alone',
    commits: merge(review(ann, 'f2', 'm', feature, [ann])),
    lacking: ['f2', 'f1'],
  },
  {
    reason: 'the approval is stale',
    commits: merge(review(ann, 'f2', 'm', feature, [bob], false)),
    lacking: ['f2', 'f1'],
  },
  { reason: 'approved by a bot', commits: merge(review(ann, 'f2', 'm', feature, [bot])), lacking: ['f2', 'f1'] },
  {
    reason: 'three are asked for, two have seen it',
    commits: merge(review(ann, 'f2', 'm', feature, [bob])),
    rules: { ...forge, people: 3 },
    lacking: ['f2', 'f1'],
  },
  {
    reason: 'three are asked for and have seen it',
    commits: merge(review(ann, 'f2', 'm', feature, [bob, cid])),
    rules: { ...forge, people: 3 },
    lacking: [],
  },
  {
    reason: 'the merge brought something else than what was approved',
    commits: [
      commit('m', ['base', 'evil'], cid, { reviews: [review(ann, 'f2', 'm', feature, [bob])] }),
      commit('evil', ['base'], ann),
    ],
    lacking: ['evil'],
  },
  {
    reason: 'the merge itself changes something',
    commits: merge(review(ann, 'f2', 'm', feature, [bob])).map((one) => ({ ...one, cleanMerge: false })),
    lacking: ['m'],
  },
  {
    reason: 'squashed',
    commits: [commit('s', ['base'], ann, { reviews: [review(ann, 'f2', 's', feature, [bob])] })],
    lacking: [],
  },
  {
    reason: 'squashed, and the approver wrote a part of it',
    commits: [
      commit('s', ['base'], ann, { reviews: [review(ann, 'f2', 's', [entry('f1', ann), entry('f2', bob)], [bob])] }),
    ],
    lacking: ['s'],
  },
  {
    reason: 'rebased: the forge knows the last commit only',
    commits: [
      commit('r2', ['r1'], ann, {
        at: 2,
        reviews: [review(ann, 'f2', 'r2', [entry('f1', ann, 1), entry('f2', ann, 2)], [bob])],
      }),
      commit('r1', ['base'], ann, { at: 1 }),
    ],
    lacking: [],
  },
  {
    reason: 'rebased on a commit that nobody has seen',
    commits: [
      commit('r2', ['r1'], ann, {
        at: 2,
        reviews: [review(ann, 'f2', 'r2', [entry('f1', ann, 1), entry('f2', ann, 2)], [bob])],
      }),
      commit('r1', ['x'], ann, { at: 1 }),
      commit('x', ['base'], ann, { at: 0 }),
    ],
    lacking: ['x'],
  },
  {
    reason: 'fast-forwarded: the approved commits themselves',
    commits: [
      commit('f2', ['f1'], ann, { reviews: [review(ann, 'f2', 'f2', feature, [bob])] }),
      commit('f1', ['base'], ann),
    ],
    lacking: [],
  },
  {
    reason: 'a bot wrote it, one person approved',
    commits: [commit('b', ['base'], bot, { reviews: [review(bot, 'b', 'b', [entry('b', bot)], [bob])] })],
    lacking: ['b'],
  },
  {
    reason: 'a bot wrote it, two people approved',
    commits: [commit('b', ['base'], bot, { reviews: [review(bot, 'b', 'b', [entry('b', bot)], [bob, cid])] })],
    lacking: [],
  },
  {
    reason: 'rewritten history is new',
    commits: [commit('n2', ['n1'], ann), commit('n1', ['root'], ann)],
    lacking: ['n2', 'n1'],
  },
  { reason: 'nothing is new: a rollback', commits: [], lacking: [] },
  {
    reason: 'signed by its author, merged and signed by another',
    rules: signatures,
    commits: [commit('m', ['base', 'f1'], bob, signed(bob)), commit('f1', ['base'], ann, signed(ann))],
    lacking: [],
  },
  {
    reason: 'signed and merged by one and the same',
    rules: signatures,
    commits: [commit('m', ['base', 'f1'], ann, signed(ann)), commit('f1', ['base'], ann, signed(ann))],
    lacking: ['f1'],
  },
  {
    reason: 'merged by another, but not signed by anybody else',
    rules: signatures,
    commits: [commit('m', ['base', 'f1'], bob, signed(bob)), commit('f1', ['base'], ann)],
    lacking: ['f1'],
  },
  {
    reason: 'the signature of the merge does not count for what was there before',
    rules: signatures,
    commits: [
      commit('m', ['a', 'f1'], bob, signed(bob)),
      commit('f1', ['base'], ann, signed(ann)),
      commit('a', ['base'], ann, signed(ann)),
    ],
    lacking: ['a'],
  },
  {
    reason: 'a merge with changes of its own, signed by one',
    rules: signatures,
    commits: [
      commit('m', ['base', 'f1'], bob, { ...signed(bob), cleanMerge: false }),
      commit('f1', ['base'], ann, signed(ann)),
    ],
    lacking: ['m', 'f1'],
  },
  {
    reason: 'a bad signature is none',
    rules: signatures,
    commits: [
      commit('m', ['base', 'f1'], bob, signed(bob)),
      commit('f1', ['base'], ann, { signature: 'bad', signer: ann }),
    ],
    lacking: ['f1'],
  },
  {
    reason: 'squashed by the forge under its own key',
    rules: { ...signatures, bots: ['noreply@forge.example'] },
    commits: [commit('s', ['base'], ann, signed(personOf('Forge', 'noreply@forge.example')))],
    lacking: ['s'],
  },
];

for (const { reason, commits, rules = forge, lacking } of cases) {
  test(`four eyes: ${reason}`, () => {
    assert.deepEqual(
      unproven(commits, rules).map((one) => one.commit.id),
      lacking,
    );
    assert.equal(fourEyes(commits, rules)?.reason, lacking.length === 0 ? undefined : 'four-eyes');
  });
}

test('the hold names the commit, who has seen it, and what it lacks', () => {
  const message = fourEyes([commit('abcdef0123', ['base'], ann)], forge)?.message ?? '';
  assert.match(message, /abcdef0 .* seen by ann: it lacks 1 more approval/);
});

test('rules that cannot be read hold; without rules nothing does', () => {
  const of = (annotations: Readonly<Record<string, string>>) => fourEyesRules({ name: 'p', annotations });
  assert.equal(of({}), undefined);
  assert.deepEqual(of({ 'plumbline.dev/four-eyes': '2' }), {
    ...of({ 'plumbline.dev/four-eyes': '2' }),
    people: 2,
    evidence: 'forge',
  });
  for (const wrong of [
    { 'plumbline.dev/four-eyes': 'yes' },
    { 'plumbline.dev/four-eyes': '2', 'plumbline.dev/four-eyes-evidence': 'trust' },
  ]) {
    assert.equal((of(wrong) as { readonly reason?: string }).reason, 'four-eyes');
  }
});

test('break-glass is for a time, for a reason, by somebody', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const of = (value: string) => breakGlassOf({ annotations: { 'plumbline.dev/break-glass': value } }, now);
  const good = { by: 'ann', reason: 'outage', until: '2026-01-01T01:00:00Z' };
  assert.deepEqual(of(JSON.stringify(good)), good);
  for (const wrong of [
    { ...good, by: '' },
    { ...good, reason: ' ' },
    { ...good, until: '2025-12-31T00:00:00Z' },
    { ...good, until: '2026-02-01T00:00:00Z' },
    { ...good, until: 'soon' },
  ]) {
    assert.equal(typeof of(JSON.stringify(wrong)), 'string');
  }
  assert.equal(typeof of('{'), 'string');
  assert.equal(breakGlassOf({ annotations: {} }, now), undefined);
});
