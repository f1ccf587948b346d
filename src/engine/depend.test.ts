import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argocd } from '../dialects/index.ts';
import type { Application, Report } from '../model/index.ts';
import { dependsOnAnnotation, gatesOf, isWaiting, readiness, waitingFor } from './depend.ts';
import type { Engine } from './engine.ts';

type Spec = {
  readonly name: string;
  readonly on?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly repo?: string;
  readonly sync?: Report['sync']['status'];
  readonly health?: Report['health']['status'];
  readonly revision?: string;
  readonly running?: boolean;
};

function application(spec: Spec): Application {
  const annotations = spec.on === undefined ? {} : { [dependsOnAnnotation]: spec.on };
  const source = { repoURL: spec.repo ?? 'https://git.example/one', path: spec.name, targetRevision: 'main' };
  const resource = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: spec.name, namespace: 'argocd', annotations, labels: { ...spec.labels } },
    spec: { project: 'default', source, destination: { server: 'https://c.example', namespace: 'n' } },
  };
  const made = argocd.readApplication(resource, { controlNamespace: 'argocd' });
  if (spec.sync === undefined) return made;
  const operation = { phase: 'Running' } as unknown as Report['operation'];
  const report = {
    sync: { status: spec.sync, revisions: [spec.revision ?? 'r1'], sources: made.sources },
    health: { status: spec.health ?? 'Healthy', since: '' },
    holds: [],
    ...(spec.running === true ? { operation } : {}),
  } as unknown as Report;
  return { ...made, report };
}

function engineOf(specs: readonly Spec[]): Engine {
  const all = specs.map(application);
  const store = { applications: () => all, application: (key: string) => all.find((app) => app.key === key) };
  return { store, sources: { normalize: (url: string) => url } } as unknown as Engine;
}

const cases: readonly {
  readonly reason: string;
  readonly others: readonly Spec[];
  readonly on?: string;
  readonly want: readonly RegExp[];
}[] = [
  { reason: 'nothing named, nothing waited for', others: [], want: [] },
  { reason: 'a name that nobody has', on: 'ghost', others: [], want: [/ghost, which does not exist/] },
  { reason: 'not looked at yet', on: 'db', others: [{ name: 'db' }], want: [/not been looked at/] },
  { reason: 'out of sync', on: 'db', others: [{ name: 'db', sync: 'OutOfSync' }], want: [/db is OutOfSync/] },
  { reason: 'not healthy', on: 'db', others: [{ name: 'db', sync: 'Synced', health: 'Degraded' }], want: [/Degraded/] },
  {
    reason: 'still being synced',
    on: 'db',
    others: [{ name: 'db', sync: 'Synced', running: true }],
    want: [/being synced/],
  },
  { reason: 'converged', on: 'argocd/db', others: [{ name: 'db', sync: 'Synced' }], want: [] },
  {
    reason: 'converged at an older commit',
    on: 'db',
    others: [{ name: 'db', sync: 'Synced', revision: 'r0' }],
    want: [/this commit/],
  },
  {
    reason: 'commits of another repository say nothing',
    on: 'db',
    others: [{ name: 'db', sync: 'Synced', revision: 'r0', repo: 'https://git.example/two' }],
    want: [],
  },
  {
    reason: 'a selector means all that have every label',
    on: 'selector:tier=infra+zone=a',
    others: [
      { name: 'db', labels: { tier: 'infra', zone: 'a' }, sync: 'OutOfSync' },
      { name: 'cache', labels: { tier: 'infra', zone: 'b' }, sync: 'OutOfSync' },
    ],
    want: [/db is OutOfSync/],
  },
  {
    reason: 'a cycle is named in its order',
    on: 'db',
    others: [
      { name: 'db', on: 'cache' },
      { name: 'cache', on: 'app' },
    ],
    want: [/app -> db -> cache -> app/],
  },
  { reason: 'itself is a cycle too', on: 'app', others: [], want: [/app -> app/] },
  {
    reason: 'a cycle further on is not its own',
    on: 'db',
    others: [
      { name: 'db', on: 'cache', sync: 'Synced' },
      { name: 'cache', on: 'db', sync: 'Synced' },
    ],
    want: [],
  },
];

for (const { reason, others, on, want } of cases) {
  test(`depends-on: ${reason}`, () => {
    const engine = engineOf([{ name: 'app', ...(on === undefined ? {} : { on }) }, ...others]);
    const [app] = engine.store.applications();
    assert.ok(app !== undefined);
    const holds = gatesOf(engine, app, ['r1']);
    assert.equal(holds.length, want.length, JSON.stringify(holds));
    for (const [i, pattern] of want.entries()) assert.match(holds[i]?.message ?? '', pattern);
  });
}

test('who waits is woken by what it waits for, and by nobody else', () => {
  const app = application({ name: 'app', on: 'db', sync: 'OutOfSync' });
  const hold = { reason: 'depends-on' as const, message: '', objects: [], on: 'argocd/db' };
  const waits = { ...app, report: { ...(app.report as Report), holds: [hold] } };
  const engine = { store: { application: () => waits } } as unknown as Engine;
  assert.equal(isWaiting(waits), true);
  assert.deepEqual(waitingFor(engine, 'argocd/db', [app.key]), [app.key]);
  assert.deepEqual(waitingFor(engine, 'argocd/other', [app.key]), []);
  assert.notEqual(readiness(app), readiness(application({ name: 'app', sync: 'Synced' })));
});
