/** Hostile and unlucky requests: each gets a clear error within its limits, and the others never notice. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { ToolboxOptions } from './client.ts';
import type { HelmRequest, Toolbox } from './protocol.ts';
import { type Failure, fails, memoryTree, testToolbox } from './test-trees.ts';

const boxes: Toolbox[] = [];
after(() => Promise.all(boxes.map((box) => box.close())));

function fresh(options: Partial<ToolboxOptions> = {}): Toolbox {
  const box = testToolbox(options);
  boxes.push(box);
  return box;
}

const MIB = 1 << 20;
const chart = (template: string): HelmRequest => ({
  fs: memoryTree({ 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n', 'templates/a.yaml': template }),
  chart: '',
  release: 'r',
  namespace: 'n',
});
const slow = '{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}';
const good = 'kind: A\napiVersion: v1\nmetadata: {name: a}\n';

/** Answers as long as the process is asked, and none of the requests is at fault. */
async function works(box: Toolbox, times = 5): Promise<void> {
  const results = await Promise.all(Array.from({ length: times }, () => box.helm(chart(good))));
  for (const { docs } of results) assert.equal(docs.length, 1);
}

describe('a request that is too much', () => {
  const table: { reason: string; run: (box: Toolbox) => Promise<unknown>; failure: Failure }[] = [
    {
      reason: 'a chart that loops',
      run: (box) => box.helm({ ...chart(slow), limits: { timeMs: 200 } }),
      failure: { code: 'timeout' },
    },
    {
      reason: 'a chart that eats memory',
      run: (box) => box.helm(chart('{{ range until 1000000 }}{{ repeat 1000 "x" }}{{ end }}')),
      failure: { code: 'memory' },
    },
    {
      reason: 'one giant allocation',
      run: (box) => box.helm(chart('{{ repeat 1000000000 "x" }}')),
      failure: { code: 'memory' },
    },
    {
      reason: 'a template that calls itself',
      run: (box) => box.helm(chart('{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}')),
      failure: { code: 'template' },
    },
    {
      reason: 'output beyond its limit',
      run: (box) => box.helm({ ...chart(`${good}x: {{ repeat 100000 "x" }}`), limits: { outputBytes: 50_000 } }),
      failure: { code: 'output-limit' },
    },
    {
      reason: 'input beyond its limit',
      run: (box) => box.helm({ ...chart(good + '#'.repeat(10_000)), limits: { inputBytes: 5_000 } }),
      failure: { code: 'input-limit' },
    },
    {
      reason: 'jsonnet without end',
      run: (box) => {
        const fs = memoryTree({ 'a.jsonnet': 'local f(x) = f(x + 1) tailstrict; f(1)' });
        return box.jsonnet({ fs, file: 'a.jsonnet', limits: { timeMs: 200 } });
      },
      failure: { code: 'timeout' },
    },
    {
      reason: 'jsonnet that grows',
      run: (box) => {
        const text = 'local f(n, s) = if n == 0 then s else f(n - 1, s + s) tailstrict; f(40, "xxxxxxxx")';
        return box.jsonnet({ fs: memoryTree({ 'a.jsonnet': text }), file: 'a.jsonnet' });
      },
      failure: { code: 'memory' },
    },
    {
      reason: 'a lua pattern that never ends',
      run: (box) => {
        const script = 'return string.find(string.rep("a", 60), string.rep("a-", 40) .. "b")';
        return box.lua({ script, calls: [{ obj: '{}' }], limits: { timeMs: 300 }, callMs: 100 });
      },
      failure: { code: 'timeout' },
    },
    {
      reason: 'a tree that does not answer',
      run: (box) => {
        const fs = { read: () => new Promise<never>(() => {}), list: () => new Promise<never>(() => {}) };
        return box.kustomize({ fs, root: 'a', limits: { timeMs: 200 } });
      },
      failure: { code: 'timeout' },
    },
    {
      reason: 'a tree whose listing never ends',
      run: (box) => {
        const list = async () => [{ name: 'a', kind: 'directory' } as const];
        return box.helm({ ...chart(''), fs: { read: async () => undefined, list } });
      },
      failure: { code: 'cycle' },
    },
  ];
  for (const { reason, run, failure } of table) {
    test(`${reason}: ${failure.code}; the others go on`, async () => {
      const box = fresh({ hardBytes: 256 * MIB, graceMs: 2_000 });
      await works(box);
      await Promise.all([fails(run(box), failure), works(box, 3), works(box, 3)]);
      await works(box);
    });
  }
});

test('a process that is killed loses nothing but time', async () => {
  const box = fresh();
  const pid = await pidOf(box);
  const busy = [1, 2, 3].map(() => box.helm({ ...chart(`{{ range until 3000000 }}{{ end }}${good}`) }));
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.kill(pid, 'SIGKILL');
  for (const { docs } of await Promise.all(busy)) assert.equal(docs.length, 1);
});

test('a request alone in a process that dies is told so', async () => {
  const box = fresh();
  const pid = await pidOf(box);
  const busy = box.helm(chart(slow));
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.kill(pid, 'SIGKILL');
  await fails(busy, { code: 'crashed' });
});

test('a request can be given up, and close gives up all', async () => {
  const box = fresh();
  const controller = new AbortController();
  const given = fails(box.helm({ ...chart(slow), signal: controller.signal }), { code: 'cancelled' });
  setTimeout(() => controller.abort(), 30);
  await given;
  await works(box);
  await fails(box.helm({ ...chart(slow), signal: AbortSignal.abort() }), { code: 'cancelled' });
  const open = Array.from({ length: 6 }, () => fails(box.helm(chart(slow)), { code: 'closed' }));
  setTimeout(() => void box.close(), 30);
  await Promise.all(open);
  await fails(box.helm(chart(good)), { code: 'closed' });
});

test('an idle process stops, and comes back', async () => {
  const box = fresh({ idleMs: 50 });
  const first = await pidOf(box);
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.throws(() => process.kill(first, 0));
  await works(box);
});

test('a binary that is none', async () => {
  for (const binary of ['/no/such/binary', '/bin/false', '/bin/echo']) {
    await fails(fresh({ binary }).helm(chart(good)), { code: 'spawn' });
  }
  await fails(fresh({ binary: () => Promise.reject(new Error('no Go here')) }).helm(chart(good)), { code: 'spawn' });
});

test('many at once', async () => {
  const box = fresh();
  const fs = memoryTree({ 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': good });
  const builds = Array.from({ length: 40 }, () => box.kustomize({ fs, root: '' }));
  await Promise.all([works(box, 100), ...builds]);
});

/** The process that serves now: the child of this one that was not there before. */
async function pidOf(box: Toolbox): Promise<number> {
  const { readFileSync } = await import('node:fs');
  const children = () => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
  const before = new Set(children());
  await box.versions();
  return children().find((pid) => !before.has(pid)) ?? 0;
}
