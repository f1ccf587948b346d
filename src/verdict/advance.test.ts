import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Application,
  defaultVerdictRules,
  type Health,
  type Hold,
  type Report,
  type SyncStatus,
  type VerdictRules,
  type VerdictState,
} from '../model/index.ts';
import { acknowledge, advance, released } from './advance.ts';

const rules: VerdictRules = {
  ...defaultVerdictRules,
  environment: 'prod',
  diffAfter: 60,
  diffEvery: 100,
  quietFor: 10,
  stalledAfter: 500,
};

type Moment = {
  readonly at: number;
  readonly sync: SyncStatus;
  readonly health?: Health['status'];
  readonly revision?: string;
  readonly digest?: string;
  readonly hold?: Hold['reason'];
};

function report(moment: Moment): Report {
  return {
    sync: { status: moment.sync, revisions: [moment.revision ?? 'r1'], sources: [] },
    health: { status: moment.health ?? 'Healthy', since: '' },
    resources: [],
    conditions: [],
    history: [],
    summary: { images: [], urls: [], isAppOfApps: false },
    sourceTypes: [],
    holds: moment.hold === undefined ? [] : [{ reason: moment.hold, message: moment.hold, objects: [] }],
    reconciledAt: '',
    desiredDigest: moment.digest ?? moment.revision ?? 'r1',
  };
}

function live(
  moments: readonly Moment[],
  more: Partial<VerdictRules> = {},
): { readonly told: string; readonly state: VerdictState | undefined } {
  let state: VerdictState | undefined;
  const told: string[] = [];
  for (const moment of moments) {
    const application = { key: 'argocd/a' } as Application;
    const seen = { application, report: report(moment), out: [], written: [], listened: true, now: moment.at };
    const advanced = advance(state, seen, { ...rules, ...more });
    state = advanced?.state;
    for (const alert of advanced?.alerts ?? []) told.push(`${moment.at}:${alert.kind}`);
  }
  return { told: told.join(' '), state };
}

const cases: readonly {
  readonly reason: string;
  readonly moments: readonly Moment[];
  readonly rules?: Partial<VerdictRules>;
  readonly told: string;
  readonly outcome: string;
}[] = [
  {
    reason: 'a commit converges after a quiet time',
    moments: [
      { at: 0, sync: 'OutOfSync' },
      { at: 5, sync: 'Synced', health: 'Progressing' },
      { at: 20, sync: 'Synced' },
      { at: 30, sync: 'Synced' },
    ],
    told: '0:committed 30:converged',
    outcome: 'converged',
  },
  {
    reason: 'an unquiet moment begins the quiet time anew',
    moments: [
      { at: 0, sync: 'Synced' },
      { at: 5, sync: 'Synced', health: 'Progressing' },
      { at: 12, sync: 'Synced' },
      { at: 21, sync: 'Synced' },
      { at: 22, sync: 'Synced' },
    ],
    told: '0:committed 22:converged',
    outcome: 'converged',
  },
  {
    reason: 'a difference that lasts is told, again and again, until it is gone',
    moments: [
      { at: 0, sync: 'OutOfSync' },
      { at: 59, sync: 'OutOfSync' },
      { at: 60, sync: 'OutOfSync' },
      { at: 100, sync: 'OutOfSync' },
      { at: 160, sync: 'OutOfSync' },
      { at: 200, sync: 'Synced' },
      { at: 210, sync: 'Synced' },
    ],
    told: '0:committed 60:diff 160:diff 210:recovered 210:converged',
    outcome: 'converged',
  },
  {
    reason: 'a clock that goes back an hour keeps nobody waiting for an hour',
    moments: [
      { at: 3_600_000, sync: 'Synced' },
      { at: 100, sync: 'Synced' },
      { at: 110, sync: 'Synced' },
    ],
    told: '3600000:committed 110:converged',
    outcome: 'converged',
  },
  {
    reason: 'nor does it keep differences back',
    moments: [
      { at: 3_600_000, sync: 'OutOfSync' },
      { at: 3_600_060, sync: 'OutOfSync' },
      { at: 100, sync: 'OutOfSync' },
      { at: 199, sync: 'OutOfSync' },
      { at: 200, sync: 'OutOfSync' },
    ],
    told: '3600000:committed 3600060:diff 200:diff',
    outcome: 'open',
  },
  {
    reason: 'drift that is healed at once is not told',
    moments: [
      { at: 0, sync: 'Synced' },
      { at: 10, sync: 'Synced' },
      { at: 20, sync: 'OutOfSync' },
      { at: 21, sync: 'Synced' },
      { at: 40, sync: 'Synced' },
    ],
    told: '0:committed 10:converged',
    outcome: 'converged',
  },
  {
    reason: 'what needs a person is told once, and recovery too',
    moments: [
      { at: 0, sync: 'OutOfSync', hold: 'preflight-failed' },
      { at: 10, sync: 'OutOfSync', hold: 'preflight-failed' },
      { at: 20, sync: 'Synced' },
      { at: 30, sync: 'Synced' },
    ],
    told: '0:committed 0:stalled 30:recovered 30:converged',
    outcome: 'converged',
  },
  {
    reason: 'what takes too long is stalled',
    moments: [
      { at: 1, sync: 'Synced', health: 'Progressing' },
      { at: 501, sync: 'Synced', health: 'Progressing' },
    ],
    told: '1:committed 501:stalled',
    outcome: 'stalled',
  },
  {
    reason: 'a newer commit supersedes one that is open',
    moments: [
      { at: 0, sync: 'OutOfSync' },
      { at: 5, sync: 'Synced', revision: 'r2' },
      { at: 15, sync: 'Synced', revision: 'r2' },
    ],
    told: '0:committed 5:committed 15:converged',
    outcome: 'converged',
  },
  {
    reason: 'a commit that changes nothing of a converged application is not told',
    moments: [
      { at: 0, sync: 'Synced' },
      { at: 10, sync: 'Synced' },
      { at: 20, sync: 'Synced', revision: 'r2', digest: 'r1' },
    ],
    told: '0:committed 10:converged',
    outcome: 'converged',
  },
  {
    reason: 'a silent time keeps differences back, not convergence',
    moments: [
      { at: 0, sync: 'OutOfSync' },
      { at: 70, sync: 'OutOfSync' },
      { at: 80, sync: 'Synced' },
      { at: 90, sync: 'Synced' },
    ],
    rules: { silentUntil: '1970-01-01T00:00:01.000Z' },
    told: '0:committed 90:converged',
    outcome: 'converged',
  },
];

for (const { reason, moments, rules: more, told, outcome } of cases) {
  test(`verdict: ${reason}`, () => {
    const lived = live(moments, more);
    assert.equal(lived.told, told);
    assert.equal(lived.state?.record.outcome, outcome);
  });
}

test('verdict: what gives way to a newer commit comes out, until it is kept', () => {
  const { state } = live([
    { at: 0, sync: 'OutOfSync' },
    { at: 5, sync: 'Synced', revision: 'r2' },
    { at: 15, sync: 'Synced', revision: 'r2' },
    { at: 20, sync: 'Synced', revision: 'r3' },
  ]);
  assert.ok(state !== undefined);
  assert.deepEqual(
    state.ended?.map(({ revisions, outcome, endedAt }) => [...revisions, outcome, endedAt]),
    [
      ['r1', 'superseded', '1970-01-01T00:00:00.005Z'],
      ['r2', 'converged', '1970-01-01T00:00:00.015Z'],
    ],
  );
  const kept = released(state, new Set(['1970-01-01T00:00:00.000Z']));
  assert.deepEqual(
    kept.ended?.map(({ revisions }) => revisions),
    [['r2']],
  );
  assert.equal(released(kept, new Set(['1970-01-01T00:00:00.005Z'])).ended, undefined);
});

test('verdict: a commit that changes nothing of the application keeps the record as it is, open or not', () => {
  const { state, told } = live([
    { at: 0, sync: 'OutOfSync' },
    { at: 5, sync: 'OutOfSync', revision: 'r2', digest: 'r1' },
    { at: 10, sync: 'Synced', revision: 'r3', digest: 'r1' },
    { at: 20, sync: 'Synced', revision: 'r3', digest: 'r1' },
  ]);
  assert.equal(told, '0:committed 20:converged');
  assert.deepEqual(state?.record.revisions, ['r1']);
  assert.deepEqual(state?.reached, ['r3']);
  assert.equal(state?.ended, undefined);
});

test('verdict: a stalled commit ends, and when it recovers it has converged; a healed one ended when it first did', () => {
  const stalled = { at: 0, sync: 'OutOfSync', hold: 'preflight-failed' } as const;
  assert.equal(live([stalled]).state?.record.endedAt, '1970-01-01T00:00:00.000Z');
  const moments: readonly Moment[] = [
    stalled,
    { at: 20, sync: 'Synced' },
    { at: 30, sync: 'Synced' },
    { at: 100, sync: 'OutOfSync' },
    { at: 160, sync: 'OutOfSync' },
    { at: 170, sync: 'Synced' },
    { at: 180, sync: 'Synced' },
  ];
  assert.equal(live(moments.slice(0, 5)).state?.troubledSince, '1970-01-01T00:00:00.160Z');
  const { state } = live(moments);
  assert.equal(state?.record.endedAt, '1970-01-01T00:00:00.030Z');
  assert.equal(state?.troubledSince, undefined);
});

test('verdict: what converges after it stalled ended later, whatever the clock says', () => {
  const { state } = live([
    { at: 3_600_000, sync: 'OutOfSync', hold: 'preflight-failed' },
    { at: 100, sync: 'Synced' },
    { at: 110, sync: 'Synced' },
  ]);
  assert.deepEqual([state?.record.outcome, state?.record.endedAt], ['converged', '1970-01-01T01:00:00.001Z']);
});

test('verdict: going back to revisions that were live is a rollback', () => {
  const { state } = live([
    { at: 0, sync: 'Synced', revision: 'r1' },
    { at: 10, sync: 'Synced', revision: 'r1' },
    { at: 20, sync: 'Synced', revision: 'r2' },
    { at: 30, sync: 'Synced', revision: 'r2' },
    { at: 40, sync: 'Synced', revision: 'r1' },
  ]);
  assert.equal(state?.record.rollback, true);
  assert.deepEqual(state?.record.before, ['r2']);
});

test('verdict: a new commit that desires again what was live is a rollback: git revert', () => {
  const before: readonly Moment[] = [
    { at: 0, sync: 'Synced', revision: 'good', digest: 'x' },
    { at: 10, sync: 'Synced', revision: 'good', digest: 'x' },
    { at: 20, sync: 'OutOfSync', revision: 'bad', digest: 'y', hold: 'preflight-failed' },
  ];
  const { state } = live([...before, { at: 40, sync: 'Synced', revision: 'reverted', digest: 'x' }]);
  assert.deepEqual([state?.record.rollback, state?.record.before], [true, ['bad']]);
  const forward = live([...before, { at: 40, sync: 'Synced', revision: 'fixed', digest: 'z' }]);
  assert.equal(forward.state?.record.rollback, false, 'what never was live is no way back');
});

test('verdict: it wants to be looked at again when a difference is to be told again', () => {
  const application = { key: 'argocd/a' } as Application;
  let state: VerdictState | undefined;
  let now = 0;
  const told: string[] = [];
  // Nothing else happens: each pass comes when the one before asked for it.
  for (let pass = 0; pass < 8; pass++) {
    const seen = {
      application,
      report: report({ at: now, sync: 'OutOfSync' }),
      out: [],
      written: [],
      listened: true,
      now,
    };
    const advanced = advance(state, seen, { ...rules, stalledAfter: 0 });
    state = advanced?.state;
    for (const alert of advanced?.alerts ?? []) told.push(`${now}:${alert.kind}`);
    assert.ok(advanced?.again !== undefined && advanced.again > now);
    now = advanced.again;
  }
  assert.deepEqual(told.slice(0, 4), ['0:committed', '60:diff', '160:diff', '260:diff']);
});

test('verdict: each stage has its own time', () => {
  const application = { key: 'argocd/a' } as Application;
  const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'n', name: 'c' };
  const written = [{ ref, how: 'created', fields: [] }] as const;
  const times = { seen: 1, rendered: 2, firstWrite: 3 };
  const seen = {
    application,
    report: report({ at: 4, sync: 'Synced' }),
    out: [],
    written,
    times,
    listened: true,
    now: 4,
  };
  assert.deepEqual(advance(undefined, seen, rules)?.state.record.stages, {
    seen: '1970-01-01T00:00:00.001Z',
    rendered: '1970-01-01T00:00:00.002Z',
    firstWrite: '1970-01-01T00:00:00.003Z',
    applied: '1970-01-01T00:00:00.004Z',
    healthy: '1970-01-01T00:00:00.004Z',
  });
});

test('verdict: alerts stay in the outbox until they are acknowledged', () => {
  const { state } = live([
    { at: 0, sync: 'Synced' },
    { at: 10, sync: 'Synced' },
  ]);
  assert.ok(state !== undefined);
  assert.deepEqual(
    state.outbox.map((alert) => alert.kind),
    ['committed', 'converged'],
  );
  const [first] = state.outbox;
  assert.deepEqual(
    acknowledge(state, new Set([first?.id ?? ''])).outbox.map((alert) => alert.kind),
    ['converged'],
  );
});

test('verdict: when nobody takes alerts, repetitions of a difference are forgotten before anything else', () => {
  const differs = Array.from({ length: 30 }, (_, i): Moment => ({ at: 1_000 * i, sync: 'OutOfSync' }));
  const { state } = live([...differs, { at: 40_000, sync: 'Synced' }, { at: 50_000, sync: 'Synced' }]);
  const kinds = state?.outbox.map((alert) => alert.kind) ?? [];
  assert.equal(kinds.length <= 20, true);
  assert.deepEqual([kinds[0], kinds.at(-1)], ['committed', 'converged']);
});
