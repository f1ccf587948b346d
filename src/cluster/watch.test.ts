import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../model/index.ts';
import type { Clock } from '../ports/index.ts';
import { createClient } from './client.ts';
import type { Answer, LineSink, Outgoing, Transport } from './transport.ts';
import { startWatch } from './watch.ts';

type Timer = { readonly ms: number; readonly run: () => void; over: boolean };

/** A transport whose streams the test plays by hand. */
function setup(send: (outgoing: Outgoing) => Answer) {
  const streams: { path: string; sink: LineSink; stopped: boolean }[] = [];
  const timers: Timer[] = [];
  const clock: Clock = {
    now: () => 0,
    after(ms, run) {
      const timer = { ms, run, over: false };
      timers.push(timer);
      return () => {
        timer.over = true;
      };
    },
  };
  const transport: Transport = {
    send: async (outgoing) => send(outgoing),
    stream(path, _headers, _quiet, sink) {
      const stream = { path, sink, stopped: false };
      streams.push(stream);
      return () => {
        stream.stopped = true;
      };
    },
    close: async () => undefined,
  };
  const random = { next: () => 0 };
  const told: string[] = [];
  const name = (object: KubeObject): string => String(object.metadata.name);
  const follow = startWatch(
    {
      client: createClient(transport, clock, random, 4),
      clock,
      random,
      path: '/api/v1/pods',
      accept: 'application/json',
    },
    {
      listing: () => told.push('listing'),
      put: (object) => told.push(`put ${object.kind} ${name(object)}`),
      gone: (object) => told.push(`gone ${name(object)}`),
      listed: () => told.push('listed'),
      reset: () => told.push('reset'),
      state: (error) => told.push(error === undefined ? 'well' : error.code),
    },
  );
  const last = () => {
    const stream = streams.at(-1);
    assert.ok(stream !== undefined);
    return stream;
  };
  return {
    follow,
    told,
    streams,
    timers,
    last,
    line: (type: string, object: object) => last().sink.line(JSON.stringify({ type, object })),
    /** Runs the timers that are due next. */
    tick: () => {
      for (const timer of timers.splice(0)) if (!timer.over) timer.run();
    },
  };
}

const pod = (name: string, resourceVersion: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, resourceVersion },
});
const bookmark = (resourceVersion: string, end: boolean) => ({
  metadata: { resourceVersion, ...(end ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}) },
});
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const none = (): Answer => ({ status: 500, text: '', retryAfter: 0, etag: '' });

test('a watch continues where it was after the server ends it', () => {
  const watch = setup(none);
  watch.last().sink.open();
  assert.match(watch.last().path, /sendInitialEvents=true/);
  watch.line('ADDED', pod('a', '7'));
  watch.line('BOOKMARK', bookmark('9', true));
  watch.line('MODIFIED', pod('a', '11'));
  watch.line('BOOKMARK', bookmark('20', false));
  watch.last().sink.end(undefined);
  watch.tick();
  assert.match(watch.last().path, /resourceVersion=20&/);
  assert.deepEqual(watch.told, ['listing', 'put Pod a', 'listed', 'well', 'put Pod a']);
});

for (const how of ['an event', 'an answer'] as const) {
  test(`a version that is no longer remembered starts a new list: told by ${how}`, () => {
    const watch = setup(none);
    watch.last().sink.open();
    watch.line('BOOKMARK', bookmark('9', true));
    if (how === 'an event') watch.line('ERROR', { code: 410 });
    else watch.last().sink.end({ status: 410, text: '', retryAfter: 0, etag: '' });
    watch.tick();
    assert.match(watch.last().path, /sendInitialEvents=true/);
    assert.deepEqual(watch.told, ['listing', 'listed', 'well', 'listing']);
  });
}

const pages = (outgoing: Outgoing): Answer => {
  const second = outgoing.path.includes('continue=next');
  const metadata = { resourceVersion: '5', ...(second ? {} : { continue: 'next' }) };
  const items = [{ metadata: { name: second ? 'b' : 'a' } }];
  return {
    status: 200,
    text: JSON.stringify({ apiVersion: 'v1', kind: 'PodList', metadata, items }),
    retryAfter: 0,
    etag: '',
  };
};

const oldServers = [
  {
    reason: 'it refuses',
    play: (watch: ReturnType<typeof setup>) =>
      watch.last().sink.end({ status: 422, text: 'sendInitialEvents is forbidden', retryAfter: 0, etag: '' }),
  },
  { reason: 'it says nothing', play: (watch: ReturnType<typeof setup>) => watch.last().sink.open() },
];

for (const { reason, play } of oldServers) {
  test(`a server without streaming lists is asked page by page: ${reason}`, async () => {
    const watch = setup(pages);
    play(watch);
    watch.tick();
    watch.tick();
    for (let i = 0; i < 20; i++) await settle();
    assert.match(watch.last().path, /resourceVersion=5&/);
    assert.deepEqual(watch.told.slice(-5), ['listing', 'put Pod a', 'put Pod b', 'listed', 'well']);
  });
}

test('losses are told, pauses grow, and a nudge ends one', () => {
  const watch = setup(none);
  const pauses: number[] = [];
  for (let i = 0; i < 9; i++) {
    watch.last().sink.end(new Error('connection lost'));
    pauses.push(watch.timers.at(-1)?.ms ?? 0);
    if (i < 8) watch.tick();
  }
  assert.ok(pauses.every((pause, i) => i === 0 || pause >= (pauses[i - 1] ?? 0)));
  assert.ok((pauses.at(-1) ?? 0) <= 10_000);
  const before = watch.streams.length;
  watch.follow.nudge();
  assert.equal(watch.streams.length, before + 1);
  assert.equal(watch.told.filter((one) => one === 'cluster-unreachable').length, 9);
});

test('a cluster that was restored from an earlier state is read anew', () => {
  const watch = setup(none);
  watch.line('BOOKMARK', bookmark('900', true));
  watch.line('ERROR', { code: 410 });
  watch.tick();
  watch.line('BOOKMARK', bookmark('100', true));
  assert.ok(watch.told.includes('reset'));
  watch.tick();
  watch.line('BOOKMARK', bookmark('101', true));
  assert.deepEqual(watch.told.slice(-2), ['listed', 'well']);
});

test('nonsense on the line is a loss, not a crash; after a stop nothing is heard', () => {
  const watch = setup(none);
  watch.last().sink.line('not json');
  watch.tick();
  watch.line('ERROR', { message: 'etcd' });
  watch.tick();
  watch.line('ADDED', { kind: 'Pod' });
  assert.deepEqual(
    watch.told.filter((one) => one !== 'listing'),
    ['cluster-unreachable', 'cluster-unreachable'],
  );
  watch.follow.stop();
  assert.equal(watch.last().stopped, true);
});
