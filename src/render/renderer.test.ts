/** The cache: when an answer is used again, and when not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultSettings, EngineError } from '../model/index.ts';
import type { Renderer, RenderRequest } from '../ports/index.ts';
import { createRenderer, type RendererOptions } from './renderer.ts';
import {
  type Counts,
  type Files,
  noMetrics,
  quietLog,
  testRequest,
  testSources,
  type World,
} from './test-repositories.ts';
import { type HelmRequest, type Toolbox, ToolboxError } from './toolbox/protocol.ts';

const config = (name: string, data = '1'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  x: "${data}"\n`;

/** The original YAML library is asked about broken files; here it refuses them all. */
const unused = {
  yaml: async () => {
    throw new ToolboxError('yaml', 'refused');
  },
} as unknown as Toolbox;

function rendererOf(world: World, more: Partial<RendererOptions> = {}): Renderer & { readonly counts: Counts } {
  const counts: Counts = { entry: 0, list: 0, read: 0 };
  const options = { sources: testSources(world, counts), toolbox: unused, log: quietLog, metrics: noMetrics, ...more };
  return { ...createRenderer(options), counts };
}

function revisions(all: Record<string, Files>): World {
  return { repositories: { 'https://git.test/repo': all } };
}

const names = async (renderer: Renderer, request: RenderRequest): Promise<string[]> =>
  (await renderer.render(request)).manifests.map((manifest) => manifest.ref.name);

describe('a rendering', () => {
  const one: Files = { 'a/x.yaml': config('x'), 'a/w.yaml': config('w'), 'b/z.yaml': config('z') };

  test('is used again for the same revision', async () => {
    const renderer = rendererOf(revisions({ one }));
    assert.equal((await renderer.render(testRequest({ path: 'a' }))).cached, false);
    const reads = renderer.counts.read;
    assert.equal(await renderer.isCurrent(testRequest({ path: 'a' })), true);
    const again = await renderer.render(testRequest({ path: 'a' }));
    assert.equal(again.cached, true);
    assert.equal(again.manifests.length, 2);
    assert.equal(renderer.counts.read, reads);
  });

  test('is not current before it was made', async () => {
    assert.equal(await rendererOf(revisions({ one })).isCurrent(testRequest({ path: 'a' })), false);
  });

  test('survives commits that touch nothing of it, without a file read', async () => {
    const with1 = { ...one, 'a/README.md': '1' };
    const with2 = { 'a/README.md': '2', 'b/z.yaml': config('z', '2') };
    const renderer = rendererOf(revisions({ one: with1, two: { ...with1, ...with2 } }));
    await renderer.render(testRequest({ path: 'a' }));
    await renderer.render(testRequest({ path: 'b' }));
    const reads = renderer.counts.read;
    assert.equal(await renderer.isCurrent(testRequest({ path: 'a' }, { revisions: ['two'] })), true);
    assert.equal(await renderer.isCurrent(testRequest({ path: 'b' }, { revisions: ['two'] })), false);
    assert.equal(renderer.counts.read, reads);
  });

  test('is made again when a file changes, comes or goes', async () => {
    const changed = { ...one, 'a/x.yaml': config('x', '2') };
    const renderer = rendererOf(
      revisions({ one, changed, added: { ...one, 'a/n.yaml': config('v') }, gone: { 'a/x.yaml': config('x') } }),
    );
    const first = await renderer.render(testRequest({ path: 'a' }));
    for (const [revision, count] of [
      ['changed', 2],
      ['added', 3],
      ['gone', 1],
    ] as const) {
      const request = testRequest({ path: 'a' }, { revisions: [revision] });
      assert.equal(await renderer.isCurrent(request), false);
      const next = await renderer.render(request);
      assert.equal(next.manifests.length, count);
      assert.notEqual(next.digest, first.digest);
    }
  });

  test('keeps the manifests that did not change as the same objects', async () => {
    const renderer = rendererOf(revisions({ one, two: { ...one, 'a/w.yaml': config('w', '2') } }));
    const first = await renderer.render(testRequest({ path: 'a' }));
    const second = await renderer.render(testRequest({ path: 'a' }, { revisions: ['two'] }));
    assert.notEqual(first.manifests[0], second.manifests[0]);
    assert.equal(first.manifests[1], second.manifests[1]);
  });

  test('is shared by applications that differ in nothing it uses, and not across projects', async () => {
    const renderer = rendererOf(revisions({ one }));
    const request = testRequest({ path: 'a' });
    await renderer.render(request);
    const application = { ...request.application, name: 'other', trackingName: 'other', destinationNamespace: 'x' };
    assert.equal((await renderer.render({ ...request, application })).cached, true);
    const foreign = { ...request.application, project: 'other' };
    assert.equal((await renderer.render({ ...request, application: foreign })).cached, false);
  });

  test('depends on options and settings, not on the target revision', async () => {
    const renderer = rendererOf(revisions({ one }));
    await renderer.render(testRequest({ path: 'a' }));
    assert.equal(await renderer.isCurrent(testRequest({ path: 'a', targetRevision: 'other' })), true);
    const excluding = testRequest({ path: 'a', directory: { recurse: false, exclude: 'x*' } });
    assert.deepEqual(await names(renderer, excluding), ['w']);
    const settings = { ...defaultSettings, maxDirectoryBytes: 10 };
    assert.equal(await renderer.isCurrent(testRequest({ path: 'a' }, { settings })), false);
  });

  test('is forgotten when asked', async () => {
    const renderer = rendererOf(revisions({ one }));
    await renderer.render(testRequest({ path: 'a' }));
    renderer.forget(testRequest({ path: 'a' }));
    assert.equal(await renderer.isCurrent(testRequest({ path: 'a' })), false);
  });

  test('under way is shared', async () => {
    const renderer = rendererOf(revisions({ one }));
    const all = await Promise.all([1, 2, 3].map(() => renderer.render(testRequest({ path: 'a' }))));
    assert.equal(renderer.counts.read, 2);
    assert.ok(all.every((rendered) => rendered.digest === all[0]?.digest));
  });

  test('that went back to an earlier state is answered from memory', async () => {
    const renderer = rendererOf(revisions({ one, two: { ...one, 'a/x.yaml': config('x', '2') } }));
    for (const revision of ['one', 'two']) await renderer.render(testRequest({ path: 'a' }, { revisions: [revision] }));
    for (const revision of ['one', 'two', 'one'])
      assert.equal((await renderer.render(testRequest({ path: 'a' }, { revisions: [revision] }))).cached, true);
  });
});

describe('errors', () => {
  test('are remembered as long as their inputs stay', async () => {
    const broken: Files = { 'a/x.yaml': 'apiVersion: v1\nkind: X\nmetadata: {name: [' };
    const renderer = rendererOf(
      revisions({ broken, other: { ...broken, 'b/x': '' }, fixed: { 'a/x.yaml': config('x') } }),
    );
    const invalid = (e: unknown): boolean =>
      e instanceof EngineError && e.code === 'manifest-invalid' && e.about.startsWith('a/x.yaml:3');
    await assert.rejects(renderer.render(testRequest({ path: 'a' }, { revisions: ['broken'] })), invalid);
    const reads = renderer.counts.read;
    await assert.rejects(renderer.render(testRequest({ path: 'a' }, { revisions: ['other'] })), invalid);
    assert.equal(renderer.counts.read, reads);
    assert.deepEqual(await names(renderer, testRequest({ path: 'a' }, { revisions: ['fixed'] })), ['x']);
  });

  test('of a repository that does not answer are not', async () => {
    const world: World = { repositories: { 'https://git.test/repo': {} } };
    const renderer = rendererOf(world);
    const request = testRequest({ path: 'a' });
    await assert.rejects(renderer.render(request), (e) => e instanceof EngineError && e.code === 'revision-not-found');
    Object.assign(world.repositories?.['https://git.test/repo'] ?? {}, { one: { 'a/x.yaml': config('x') } });
    assert.deepEqual(await names(renderer, request), ['x']);
  });

  test('of time hold for a while', async () => {
    let now = 1_000_000;
    let calls = 0;
    const toolbox = {
      helm: async () => {
        calls++;
        throw new ToolboxError('timeout', 'took too long');
      },
    } as unknown as Toolbox;
    const world = revisions({ one: { 'a/Chart.yaml': 'name: a\nversion: 1.0.0\napiVersion: v2\n' } });
    const renderer = rendererOf(world, { toolbox, clock: { now: () => now } });
    const slow = (e: unknown): boolean => e instanceof EngineError && e.code === 'render-timeout';
    await assert.rejects(renderer.render(testRequest({ path: 'a' })), slow);
    await assert.rejects(renderer.render(testRequest({ path: 'a' })), slow);
    assert.equal(calls, 1);
    now += 3_600_000;
    await assert.rejects(renderer.render(testRequest({ path: 'a' })), slow);
    assert.equal(calls, 2);
  });
});

describe('a rendering with a tool', () => {
  const chart = { 'a/Chart.yaml': 'name: a\nversion: 1.0.0\napiVersion: v2\n' };

  function chance(): { readonly toolbox: Toolbox; readonly requests: HelmRequest[] } {
    const requests: HelmRequest[] = [];
    const toolbox = {
      helm: async (request: HelmRequest) => {
        requests.push(request);
        await request.fs.read('a/Chart.yaml');
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `random-${requests.length}` } };
        return { docs: [{ json: JSON.stringify(body), source: 'a/templates/x.yaml' }], chart: {}, trace: {} };
      },
    } as unknown as Toolbox;
    return { toolbox, requests };
  }

  test('of random content stays as it was while the inputs stay', async () => {
    const { toolbox } = chance();
    const renderer = rendererOf(revisions({ one: chart, two: { ...chart, 'b/x': '' } }), { toolbox });
    assert.deepEqual(await names(renderer, testRequest({ path: 'a' })), ['random-1']);
    assert.deepEqual(await names(renderer, testRequest({ path: 'a' }, { revisions: ['two'] })), ['random-1']);
    renderer.forget(testRequest({ path: 'a' }));
    assert.deepEqual(await names(renderer, testRequest({ path: 'a' })), ['random-2']);
  });

  test('depends on the name, the namespace and the cluster only where they are used', async () => {
    const { toolbox, requests } = chance();
    const renderer = rendererOf(revisions({ one: chart }), { toolbox });
    const request = testRequest({ path: 'a' });
    await renderer.render(request);
    const variants: Partial<RenderRequest>[] = [
      { application: { ...request.application, name: 'other' } },
      { application: { ...request.application, destinationNamespace: 'other' } },
      { kubeVersion: '1.32.0' },
      { apiVersions: ['x/v1'] },
    ];
    for (const variant of variants) assert.equal((await renderer.render({ ...request, ...variant })).cached, false);
    assert.equal(requests.length, 5);
    assert.equal((await renderer.render({ ...request, apiVersions: [] })).cached, true);
  });

  test('of another repository depends on where that is', async () => {
    const head = { 'https://git.test/base.git v1': 'r1' };
    const world: World = {
      repositories: {
        'https://git.test/repo': { one: { 'a/kustomization.yaml': 'x' } },
        'https://git.test/base.git': { r1: { x: '1' }, r2: { x: '2' } },
      },
      heads: head,
    };
    let calls = 0;
    const url = 'https://git.test/base.git?ref=v1';
    const toolbox = {
      kustomize: async ({ mounts, fs }: { mounts: Record<string, string>; fs: HelmRequest['fs'] }) => {
        const mounted = mounts[url];
        if (mounted === undefined) throw new ToolboxError('remote-base', 'remote', { url });
        calls++;
        const data = Buffer.from((await fs.read(`${mounted}/x`)) ?? []).toString();
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `base-${data}` } };
        return { docs: [{ json: JSON.stringify(body), source: '' }], trace: {} };
      },
    } as unknown as Toolbox;
    const renderer = rendererOf(world, { toolbox });
    assert.deepEqual(await names(renderer, testRequest({ path: 'a' })), ['base-1']);
    assert.equal(await renderer.isCurrent(testRequest({ path: 'a' })), true);
    head['https://git.test/base.git v1'] = 'r2';
    assert.equal(await renderer.isCurrent(testRequest({ path: 'a' })), false);
    assert.deepEqual(await names(renderer, testRequest({ path: 'a' })), ['base-2']);
    assert.equal(calls, 2);
  });
});

describe('memory', () => {
  test('is bounded, the least recently used goes first', async () => {
    const files: Record<string, string> = {};
    for (let i = 0; i < 10; i++) files[`app-${i}/x.yaml`] = config(`x-${i}`, 'y'.repeat(10_000));
    const renderer = rendererOf(revisions({ one: files }), { cacheBytes: 60_000 });
    for (let i = 0; i < 10; i++) {
      await renderer.render(testRequest({ path: `app-${i}` }));
      await renderer.isCurrent(testRequest({ path: 'app-0' }));
    }
    const kept: number[] = [];
    for (let i = 0; i < 10; i++) if (await renderer.isCurrent(testRequest({ path: `app-${i}` }))) kept.push(i);
    assert.deepEqual(kept, [0, 7, 8, 9]);
  });

  test('does not hold what is larger than all of it', async () => {
    const renderer = rendererOf(revisions({ one: { 'a/x.yaml': config('x', 'y'.repeat(10_000)) } }), {
      cacheBytes: 5_000,
    });
    assert.deepEqual(await names(renderer, testRequest({ path: 'a' })), ['x']);
    assert.equal(await renderer.isCurrent(testRequest({ path: 'a' })), false);
  });
});

test('a thousand applications in one repository: a commit to one is noticed for one, quickly', async () => {
  const files: Record<string, string> = {};
  for (let i = 0; i < 1_000; i++) {
    for (const part of ['a', 'b', 'c', 'd']) files[`apps/app-${i}/${part}.yaml`] = config(`${part}-${i}`);
  }
  const renderer = rendererOf(revisions({ one: files, two: { ...files, 'apps/app-7/a.yaml': config('a-7', '2') } }));
  const requests = Array.from({ length: 1_000 }, (_, i) => testRequest({ path: `apps/app-${i}` }));
  const cpu = (): number => process.cpuUsage().user / 1_000;
  const start = cpu();
  for (const request of requests) await renderer.render(request);
  const rendered = cpu();
  assert.equal(await renderer.isCurrent({ ...testRequest({ path: 'apps/app-0' }), revisions: ['two'] }), true);
  renderer.counts.read = 0;
  const verifying = cpu();
  let changed = 0;
  for (const request of requests) if (!(await renderer.isCurrent({ ...request, revisions: ['two'] }))) changed++;
  const verified = cpu();
  assert.equal(changed, 1);
  assert.equal(renderer.counts.read, 0);
  console.log(
    `1,000 plain applications: rendered in ${Math.round(rendered - start)} ms CPU, verified in ${Math.round(verified - verifying)} ms CPU`,
  );
  // Generous, for machines that do other things: the measured numbers are 300 and 13 ms.
  assert.ok(rendered - start < 3_000);
  assert.ok(verified - verifying < 500);
});
