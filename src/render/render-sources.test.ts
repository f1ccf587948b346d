/** Applications of several sources, and what may go wrong before any generator runs. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngineError, type Source } from '../model/index.ts';
import type { Rendered } from '../ports/index.ts';
import { createRenderer } from './renderer.ts';
import { type Files, noMetrics, quietLog, testRequest, testSources } from './test-repositories.ts';
import type { Toolbox } from './toolbox/protocol.ts';

const config = (name: string, data = '1'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata: {x: "${data}"}\n`;

const repositories: Record<string, Record<string, Files>> = {
  'https://git.test/a': { a1: { 'dir/x.yaml': config('x', 'of a'), 'dir/w.yaml': config('w') } },
  'https://git.test/b': { b1: { 'dir/x.yaml': config('x', 'of b'), 'dir/v.yaml': config('v') } },
};

async function render(sources: readonly Partial<Source>[], revisions: readonly string[]): Promise<Rendered> {
  const all = sources.map((source): Source => ({ repoURL: '', path: 'dir', targetRevision: '', ...source }));
  const options = { sources: testSources({ repositories }), toolbox: {} as Toolbox, log: quietLog, metrics: noMetrics };
  return await createRenderer(options).render({ ...testRequest({}), sources: all, revisions });
}

describe('several sources', () => {
  const [a, b] = [{ repoURL: 'https://git.test/a' }, { repoURL: 'https://git.test/b' }];

  test('are rendered in order; the last object of a name wins, with a warning', async () => {
    const { manifests, warnings, sourceTypes } = await render([a, b], ['a1', 'b1']);
    assert.deepEqual(
      manifests.map(({ ref, source }) => `${ref.name} ${source}`),
      ['w 0', 'v 1', 'x 1'],
    );
    assert.ok(manifests.at(-1)?.body.includes('of b'));
    assert.deepEqual(
      warnings.map((warning) => warning.type),
      ['RepeatedResourceWarning'],
    );
    assert.deepEqual(sourceTypes, ['Directory', 'Directory']);
  });

  test('that only lend their files give none', async () => {
    const { manifests, sourceTypes } = await render([a, { ...b, path: '', ref: 'lent' }], ['a1', 'b1']);
    assert.deepEqual(
      manifests.map((manifest) => manifest.source),
      [0, 0],
    );
    assert.deepEqual(sourceTypes, ['Directory', '']);
  });

  test('that lend and have a path give theirs', async () => {
    const { manifests } = await render([{ ...b, ref: 'lent' }], ['b1']);
    assert.equal(manifests.length, 2);
  });

  test('none at all give nothing', async () => {
    assert.deepEqual((await render([], [])).manifests, []);
  });

  const wrong: readonly { readonly reason: string; readonly source: Partial<Source>; readonly code: string }[] = [
    { reason: 'a path that is not there', source: { ...a, path: 'none' }, code: 'path-not-found' },
    { reason: 'a path that leads out', source: { ...a, path: 'dir/../../x' }, code: 'path-outside' },
    { reason: 'a plugin', source: { ...a, plugin: { name: 'x' } }, code: 'render-failed' },
    { reason: 'two tools', source: { ...a, plugin: {}, directory: { recurse: false } }, code: 'app-invalid' },
  ];
  for (const { reason, source, code } of wrong)
    test(`with ${reason} are refused`, async () => {
      await assert.rejects(render([b, source], ['b1', 'a1']), (e) => e instanceof EngineError && e.code === code);
    });
});
