import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Change,
  type Directives,
  type Health,
  idOf,
  type LiveObject,
  type Manifest,
  noDirectives,
  type ObjectRef,
  type OperationState,
  type Plan,
  type SyncOptions,
} from '../model/index.ts';
import { conclude, record } from './advance.ts';
import { plan } from './plan.ts';
import { type Hook, hookOperationAnnotation, type TaskInput } from './tasks.ts';

const options: SyncOptions = {
  validate: true,
  createNamespace: false,
  prunePropagation: 'foreground',
  pruneLast: false,
  replace: false,
  force: false,
  serverSideApply: true,
  migrateManagers: true,
  applyOutOfSyncOnly: false,
  respectIgnoreDifferences: false,
  failOnSharedResource: false,
  skipDryRunOnMissingResource: false,
  prune: 'yes',
  delete: 'yes',
};

const state: OperationState = {
  operation: {
    id: 'op',
    initiatedBy: { username: '', automated: true },
    revisions: ['r1'],
    prune: true,
    dryRun: false,
    force: false,
    info: [],
  },
  phase: 'Running',
  message: '',
  startedAt: '2026-01-01T00:00:00.000Z',
  retryCount: 0,
  revisions: ['r1'],
  sources: [],
  results: [],
};

type Spec = {
  readonly name: string;
  readonly kind?: string;
  readonly wave?: number;
  readonly change?: Change['kind'];
  readonly health?: Health['status'];
  readonly deleting?: boolean;
  readonly directives?: Partial<Directives>;
};

const directives = new Map<string, Directives>();

function ref(spec: Spec): ObjectRef {
  return { group: '', version: 'v1', kind: spec.kind ?? 'ConfigMap', namespace: 'n', name: spec.name };
}

function manifest(spec: Spec): Manifest {
  directives.set(spec.name, { ...noDirectives, wave: spec.wave ?? 0, ...spec.directives });
  return { ref: ref(spec), digest: spec.name, body: '{}', steering: { of: spec.name }, origin: '', source: 0 };
}

function live(spec: Spec, steering: Record<string, string> = {}): LiveObject {
  return {
    ref: ref(spec),
    uid: `uid-${spec.name}`,
    resourceVersion: '1',
    tracking: '',
    drifted: false,
    ...(spec.health === undefined ? {} : { health: { status: spec.health } }),
    createdAt: '',
    ...(spec.deleting === true ? { deletedAt: 'now' } : {}),
    finalizers: [],
    owners: [],
    steering: { of: spec.name, ...steering },
    images: [],
    urls: [],
  };
}

function change(spec: Spec): Change {
  const kind = spec.change ?? 'create';
  const desired = manifest(spec);
  const exists = kind !== 'create' && kind !== 'unknown-kind';
  return {
    id: idOf(desired.ref),
    ref: desired.ref,
    kind,
    ...(kind === 'prune' ? {} : { desired }),
    ...(exists ? { live: live(spec) } : {}),
    fields: [],
  };
}

function input(specs: readonly Spec[], more: Partial<TaskInput> = {}): TaskInput {
  return {
    changes: specs.map(change),
    hooks: [],
    operation: state,
    options,
    prune: true,
    directives: (side) => directives.get(side.steering.of ?? '') ?? noDirectives,
    confirmed: false,
    ...more,
  };
}

function shape(made: Plan): string {
  const groups = made.groups.map((group) =>
    group.map((step) => `${step.kind === 'delete' ? '-' : '+'}${step.ref.name}`).join(' '),
  );
  const end = made.failed ? ' failed' : made.complete ? ' complete' : '';
  const holds = [...new Set(made.holds.map((hold) => hold.reason))].join(',');
  return `${groups.join(' > ')}${end}${holds === '' ? '' : ` [${holds}]`}`.trim();
}

const cases: readonly {
  readonly reason: string;
  readonly given: readonly Spec[];
  readonly more?: Partial<TaskInput>;
  readonly want: string;
}[] = [
  { reason: 'nothing to do is complete', given: [{ name: 'a', change: 'same' }], want: 'complete' },
  {
    reason: 'tiers of kinds go one after the other, kinds of one tier side by side',
    given: [{ name: 'deploy', kind: 'Deployment' }, { name: 'b' }, { name: 'ns', kind: 'Namespace' }, { name: 'a' }],
    want: '+ns > +a +b > +deploy',
  },
  {
    reason: 'only the first wave is written',
    given: [
      { name: 'late', wave: 1 },
      { name: 'early', wave: -1 },
    ],
    want: '+early',
  },
  {
    reason: 'a wave waits for the health of the one before',
    given: [
      { name: 'early', change: 'same', health: 'Progressing' },
      { name: 'late', wave: 1 },
    ],
    want: '[waits-for-health]',
  },
  {
    reason: 'a healthy wave lets the next one go',
    given: [
      { name: 'early', change: 'same', health: 'Healthy' },
      { name: 'late', wave: 1 },
    ],
    want: '+late',
  },
  {
    reason: 'the last wave is complete when it is written',
    given: [{ name: 'a', change: 'same', health: 'Progressing' }],
    want: 'complete',
  },
  {
    reason: 'a degraded wave fails the sync before the next one',
    given: [
      { name: 'early', change: 'same', health: 'Degraded' },
      { name: 'late', wave: 1 },
    ],
    want: 'failed [waits-for-health]',
  },
  {
    reason: 'a refused manifest stops everything before the first write',
    given: [{ name: 'good' }, { name: 'bad', wave: 5, change: 'rejected' }],
    want: 'failed [preflight-failed]',
  },
  {
    reason: 'prunes come before writes',
    given: [{ name: 'new' }, { name: 'old', change: 'prune' }],
    want: '-old > +new',
  },
  {
    reason: 'prunes run in the reverse order of their waves',
    given: [
      { name: 'first', change: 'prune', wave: 0 },
      { name: 'last', change: 'prune', wave: 5 },
    ],
    want: '-last',
  },
  {
    reason: 'PruneLast prunes after everything is healthy',
    given: [{ name: 'new' }, { name: 'old', change: 'prune' }],
    more: { options: { ...options, pruneLast: true } },
    want: '+new',
  },
  {
    reason: 'without prune nothing is deleted, and the sync is complete',
    given: [{ name: 'old', change: 'prune' }],
    more: { prune: false },
    want: 'complete [prune-disabled]',
  },
  {
    reason: 'pruning that asks first is waited for',
    given: [{ name: 'old', change: 'prune', directives: { options: { prune: 'confirm' } } }],
    want: '[prune-needs-confirmation]',
  },
  {
    reason: 'pruning that was confirmed goes on',
    given: [{ name: 'old', change: 'prune', directives: { options: { prune: 'confirm' } } }],
    more: { confirmed: true },
    want: '-old',
  },
  {
    reason: 'an object of another application is left alone, the others go on',
    given: [{ name: 'theirs', change: 'foreign' }, { name: 'mine' }],
    want: '+mine [shared-object]',
  },
  {
    reason: 'a kind that nobody brings fails before the first write',
    given: [{ name: 'cr', kind: 'Widget', change: 'unknown-kind' }, { name: 'a' }],
    want: 'failed [waits-for-kind]',
  },
  {
    reason: 'a kind that may be missing is waited for',
    given: [{ name: 'cr', kind: 'Widget', change: 'unknown-kind' }],
    more: { options: { ...options, skipDryRunOnMissingResource: true } },
    want: '[waits-for-kind]',
  },
  {
    reason: 'a selective sync touches only what was chosen',
    given: [{ name: 'a' }, { name: 'b' }],
    more: {
      operation: {
        ...state,
        operation: { ...state.operation, only: [{ group: '', kind: 'ConfigMap', namespace: 'n', name: 'b' }] },
      },
    },
    want: '+b',
  },
];

for (const { reason, given, more, want } of cases) {
  test(`plan: ${reason}`, () => assert.equal(shape(plan(input(given, more))), want));
}

function hook(name: string, phase: Directives['hooks'][number], found?: Spec & { readonly mine: boolean }): Hook {
  const made = manifest({ name, kind: 'Job', directives: { hooks: [phase], hookDelete: ['BeforeHookCreation'] } });
  const mark: Record<string, string> = found?.mine === true ? { [hookOperationAnnotation]: `op/${phase}` } : {};
  return { id: idOf(made.ref), manifest: made, ...(found === undefined ? {} : { live: live(found, mark) }) };
}

const hookCases: readonly {
  readonly reason: string;
  readonly hooks: () => readonly Hook[];
  readonly results?: OperationState['results'];
  readonly given: readonly Spec[];
  readonly want: string;
}[] = [
  {
    reason: 'PreSync runs before the objects',
    hooks: () => [hook('pre', 'PreSync')],
    given: [{ name: 'a' }],
    want: '+pre',
  },
  {
    reason: 'a running PreSync is waited for',
    hooks: () => [hook('pre', 'PreSync', { name: 'pre', kind: 'Job', health: 'Progressing', mine: true })],
    given: [{ name: 'a' }],
    want: '[waits-for-health]',
  },
  {
    reason: 'the object of an earlier run goes first',
    hooks: () => [hook('pre', 'PreSync', { name: 'pre', kind: 'Job', health: 'Healthy', mine: false })],
    given: [{ name: 'a' }],
    want: '-pre',
  },
  {
    reason: 'PostSync waits for the objects to be healthy',
    hooks: () => [hook('post', 'PostSync')],
    given: [{ name: 'a', change: 'same', health: 'Progressing' }],
    want: '[waits-for-health]',
  },
  {
    reason: 'SyncFail runs after a failure, and only then',
    hooks: () => [hook('sad', 'SyncFail')],
    given: [{ name: 'a', change: 'rejected' }],
    want: '+sad [preflight-failed]',
  },
  {
    reason: 'SyncFail does not run after a success',
    hooks: () => [hook('sad', 'SyncFail')],
    given: [{ name: 'a', change: 'same' }],
    want: 'complete',
  },
  {
    reason: 'a hook that vanished after its success stays a success',
    hooks: () => [hook('pre', 'PreSync')],
    results: [
      {
        ref: ref({ name: 'pre', kind: 'Job' }),
        status: '',
        message: '',
        hookType: 'PreSync',
        hookPhase: 'Succeeded',
        syncPhase: 'PreSync',
        images: [],
      },
    ],
    given: [{ name: 'a' }],
    want: '+a',
  },
];

for (const { reason, hooks, results, given, want } of hookCases) {
  test(`plan: ${reason}`, () => {
    const operation = { ...state, results: results ?? [] };
    assert.equal(shape(plan(input(given, { hooks: hooks(), operation }))), want);
  });
}

test('a sync that is ended writes nothing more, and takes running hooks away', () => {
  const running = hook('pre', 'PreSync', { name: 'pre', kind: 'Job', health: 'Progressing', mine: true });
  const operation = { ...state, phase: 'Terminating' as const };
  const made = plan(input([{ name: 'a' }], { hooks: [running], operation }));
  assert.deepEqual(
    made.groups.flat().map(({ kind, ref: { name } }) => [kind, name]),
    [['delete', 'pre']],
  );
  assert.equal(conclude(operation, made, 0).phase, 'Failed');
});

test('conclude: a failed step is tried again after a pause, until the attempts are used up', () => {
  const made = plan(input([{ name: 'a' }]));
  const [step] = made.groups.flat();
  assert.ok(step !== undefined);
  const retry = { limit: 1, delay: 5_000, factor: 2, maxDelay: 60_000, refresh: false };
  const begun = { ...state, operation: { ...state.operation, retry } };
  const failed = record(begun, [{ step, result: 'failed', message: 'no', at: '' }]);
  const after = plan(input([{ name: 'a' }], { operation: failed }));
  const first = conclude(failed, after, 0);
  assert.equal(first.phase, 'Running');
  assert.equal(first.retryAt, '1970-01-01T00:00:05.000Z');
  const second = conclude({ ...failed, retryCount: first.retryCount }, after, 10_000);
  assert.equal(second.phase, 'Failed');
});
