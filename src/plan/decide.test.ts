import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Application,
  type Change,
  formatInstant,
  type Healing,
  type Hold,
  type Operation,
  type OperationState,
  type Report,
} from '../model/index.ts';
import { decide, type Situation } from './decide.ts';

const now = Date.parse('2026-01-02T03:04:05Z');
const policy = { automated: { prune: true, selfHeal: true, allowEmpty: false } };
const sources = [{ repoURL: 'https://git.example.com/r', path: 'a', targetRevision: 'main' }];
const application = { sources, syncPolicy: policy } as unknown as Application;
const notPermitted: Hold = { reason: 'not-permitted', message: 'no', objects: [] };
const gate: Hold = { reason: 'depends-on', message: 'base is OutOfSync', objects: [], on: 'argocd/base' };
const closed: Hold = { reason: 'sync-window', message: 'closed', objects: [] };

const change = (kind: Change['kind'], more: Partial<Change> = {}): Change => ({
  id: `/ConfigMap/x/${kind}`,
  ref: { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'x', name: kind },
  kind,
  fields: [],
  ...more,
});
const drifted = change('update', { live: { drifted: true } as NonNullable<Change['live']> });

const fight: Healing = { attempts: 7, at: formatInstant(now), objects: [drifted.id] };

const automatic = { id: 'auto', initiatedBy: { username: '', automated: true } } as Operation;
function operation(phase: OperationState['phase'], more: Partial<OperationState> = {}): OperationState {
  const startedAt = formatInstant(now - 5_000);
  return {
    operation: automatic,
    phase,
    message: 'm',
    startedAt,
    retryCount: 0,
    revisions: ['one'],
    sources,
    results: [],
    ...more,
  };
}

type Case = {
  readonly reason: string;
  readonly last?: OperationState;
  readonly holds?: readonly Hold[];
  readonly healing?: Healing;
  readonly given?: Partial<Situation>;
  readonly want: string;
};

const retry = { retryAt: formatInstant(now + 60_000), retryCount: 1 };
const unsigned: Hold = { reason: 'source-integrity', message: 'not signed', objects: [] };
const waitsForKind: Hold = { reason: 'waits-for-kind', message: 'kind', objects: [] };

const cases: readonly Case[] = [
  { reason: 'nothing to do is rest', want: 'rest' },
  { reason: 'what differs is synced', given: { out: [change('create')] }, want: 'start one' },
  {
    reason: 'what a project forbids is told although there is nothing to write',
    given: { denied: [notPermitted] },
    want: 'rest [not-permitted]',
  },
  {
    reason: 'what is not signed is told although there is nothing to write',
    given: { denied: [unsigned] },
    want: 'rest [source-integrity]',
  },
  {
    reason: 'a closed window is nobody’s business while there is nothing to write',
    given: { denied: [closed] },
    want: 'rest',
  },
  {
    reason: 'a closed window holds a sync',
    given: { out: [change('create')], denied: [closed] },
    want: 'rest [sync-window]',
  },
  {
    reason: 'a project that forbids ends what runs',
    last: operation('Running'),
    given: { out: [change('create')], denied: [notPermitted] },
    want: 'rest [not-permitted] ended Error',
  },
  { reason: 'what runs goes on', last: operation('Running'), given: { out: [change('create')] }, want: 'go on one' },
  {
    reason: 'a newer commit supersedes what runs',
    last: operation('Running'),
    given: { out: [change('create')], revisions: ['two'] },
    want: 'start two',
  },
  {
    reason: 'a newer commit without a change of these objects is taken up by what runs',
    last: operation('Running'),
    given: { out: [change('create')], revisions: ['two'], sameContent: true },
    want: 'go on two',
  },
  {
    reason: 'a newer commit that is live already ends what runs: the older one is never written again',
    last: operation('Running', retry),
    given: { revisions: ['two'] },
    want: 'rest ended Failed',
  },
  {
    reason: 'an attempt that failed is not repeated before its time',
    last: operation('Running', retry),
    given: { out: [change('rejected')] },
    want: 'rest [retry-later]',
  },
  {
    reason: 'but what that revision does not change still heals',
    last: operation('Running', retry),
    given: { out: [change('rejected'), drifted], proven: new Set([drifted.id]) },
    want: 'rest [retry-later] mends 1',
  },
  {
    reason: 'an object that it does change is left as it is',
    last: operation('Failed'),
    given: { out: [change('rejected'), drifted] },
    want: 'rest [gave-up]',
  },
  {
    reason: 'kinds that are missing stay in sight',
    last: operation('Failed'),
    given: { out: [change('unknown-kind')] },
    want: 'rest [gave-up waits-for-kind]',
  },
  {
    reason: 'kinds that have come are not waited for',
    last: operation('Failed'),
    holds: [waitsForKind],
    given: { out: [change('create')] },
    want: 'start one',
  },
  { reason: 'drift is healed', last: operation('Succeeded'), given: { out: [drifted] }, want: 'start one' },
  {
    reason: 'an object that is fought over waits',
    last: operation('Succeeded'),
    healing: fight,
    given: { out: [drifted] },
    want: 'rest [retry-later]',
  },
  {
    reason: 'another one does not wait for it',
    last: operation('Succeeded'),
    healing: fight,
    given: { out: [change('create')] },
    want: 'start one',
  },
  {
    reason: 'nor beside it',
    last: operation('Succeeded'),
    healing: fight,
    given: { out: [drifted, change('create')], proven: new Set([drifted.id, change('create').id]) },
    want: 'rest [retry-later] mends 1',
  },
  {
    reason: 'a new revision waits for what it depends on',
    last: operation('Succeeded'),
    given: { out: [change('create')], revisions: ['two'], gates: [gate] },
    want: 'rest [depends-on]',
  },
  {
    reason: 'what it does not change still heals meanwhile; what it changes waits with it',
    last: operation('Succeeded'),
    given: { out: [change('create'), drifted], revisions: ['two'], gates: [gate], proven: new Set([drifted.id]) },
    want: 'rest [depends-on] mends 1',
  },
  {
    reason: 'nothing heals where nothing may be written',
    last: operation('Succeeded'),
    given: {
      out: [drifted],
      revisions: ['two'],
      gates: [gate],
      denied: [notPermitted],
      proven: new Set([drifted.id]),
    },
    want: 'rest [not-permitted]',
  },
  {
    reason: 'drift is healed whatever the next revision waits for',
    last: operation('Succeeded'),
    given: { out: [drifted], gates: [gate] },
    want: 'start one',
  },
  {
    reason: 'who ends a sync does not wait for its next attempt',
    last: operation('Terminating', retry),
    given: { application: { ...application, operation: { ...automatic, terminate: true } }, out: [change('rejected')] },
    want: 'go on one',
  },
  {
    reason: 'a source that is suddenly empty deletes nothing',
    given: { out: [change('prune')], desired: 0, live: 3 },
    want: 'rest [empty-not-allowed]',
  },
];

for (const { reason, last, holds = [], healing, given, want } of cases) {
  test(`decide: ${reason}`, () => {
    const report = last === undefined ? undefined : ({ operation: last, holds, healing } as unknown as Report);
    const situation: Situation = {
      application,
      report,
      sources,
      revisions: ['one'],
      out: [],
      desired: 1,
      live: 1,
      denied: [],
      gates: [],
      proven: new Set(),
      sameContent: false,
      now,
      ...given,
    };
    assert.equal(shown(decide(situation)), want);
  });
}

function shown(decision: ReturnType<typeof decide>): string {
  if (decision.kind === 'run') return `${decision.started ? 'start' : 'go on'} ${decision.state.revisions.join()}`;
  const { holds, mends, ended } = decision;
  const words = [
    'rest',
    holds.length > 0 && `[${holds.map((hold) => hold.reason).join(' ')}]`,
    mends !== undefined && `mends ${mends.length}`,
    ended !== undefined && `ended ${ended.phase}`,
  ];
  return words.filter(Boolean).join(' ');
}
