import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Alert, type AppKey, type Application, EngineError, type Report } from '../model/index.ts';
import type { Clock, Clusters, Notifier, Store } from '../ports/index.ts';
import { createCourier } from './courier.ts';

const key = 'argocd/a' as AppKey;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const alert = (id: string) => ({ id, kind: 'committed' }) as Alert;

/** A store with one application and these alerts, and a clock whose timers are run by hand. */
function world(ids: readonly string[]) {
  let report = { verdict: { outbox: ids.map(alert) } } as unknown as Report;
  const timers: (() => void)[] = [];
  const application = () => ({ key, report }) as Application;
  const store = {
    application: () => application(),
    applications: () => [application()],
    save: (_: AppKey, saved: Report) => {
      report = saved;
    },
  } as unknown as Store;
  const after = (_: number, run: () => void) => {
    timers.push(run);
    return () => undefined;
  };
  const clock = { after } as unknown as Clock;
  const outbox = () => application().report?.verdict?.outbox.map(({ id }) => id);
  const add = (id: string) => {
    const before = report.verdict?.outbox ?? [];
    report = { ...report, verdict: { ...report.verdict, outbox: [...before, alert(id)] } } as Report;
  };
  const later = () => {
    for (const run of timers.splice(0)) run();
  };
  return { store, clock, outbox, add, later, log: quiet, clusters: {} as Clusters };
}

/** Listeners who note what they hear; those in `away` do not answer. */
function listeners(names: readonly string[], away: Set<string>) {
  const heard: string[] = [];
  const notifier: Notifier = {
    listens: () => true,
    listeners: () => names,
    deliver: async ({ id }, _, listener) => {
      if (away.has(listener)) throw new EngineError('webhook-refused', 'away', { retry: 'backoff' });
      heard.push(`${listener}:${id}`);
    },
    stop: () => Promise.resolve(),
  };
  return { heard, notifier };
}

test('a listener who is away holds up nobody else, and hears all of it in order when it is back', async () => {
  const away = new Set(['dead']);
  const { heard, notifier } = listeners(['dead', 'ops'], away);
  const { add, outbox, later, ...ports } = world(['1', '2']);
  const courier = createCourier({ ...ports, notifier });
  await courier.idle();
  assert.deepEqual(heard, ['ops:1', 'ops:2']);
  add('3');
  courier.send(key);
  await courier.idle();
  assert.deepEqual(heard, ['ops:1', 'ops:2', 'ops:3'], 'each once');
  assert.deepEqual(outbox(), ['1', '2', '3'], 'kept for who is away');
  away.clear();
  later();
  await courier.idle();
  assert.deepEqual(heard.slice(3), ['dead:1', 'dead:2', 'dead:3']);
  assert.deepEqual(outbox(), []);
});

test('after a restart everybody hears again what somebody has not', async () => {
  const away = new Set(['dead']);
  const { heard, notifier } = listeners(['dead', 'ops'], away);
  const { add: _, outbox, later: __, ...ports } = world(['1']);
  const before = createCourier({ ...ports, notifier });
  await before.idle();
  before.stop();
  away.clear();
  await createCourier({ ...ports, notifier }).idle();
  assert.deepEqual(heard, ['ops:1', 'dead:1', 'ops:1']);
  assert.deepEqual(outbox(), []);
});

test('nobody is waited for who listens no more', async () => {
  const away = new Set(['dead']);
  const names = ['dead', 'ops'];
  const { notifier } = listeners(names, away);
  const { add: _, outbox, later, ...ports } = world(['1']);
  await createCourier({ ...ports, notifier }).idle();
  assert.deepEqual(outbox(), ['1']);
  names.shift();
  later();
  assert.deepEqual(outbox(), []);
});
