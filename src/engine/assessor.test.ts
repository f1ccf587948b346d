import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError, type HealthScript, type KubeObject } from '../model/index.ts';
import type { Languages } from '../ports/index.ts';
import { createAssessor, scriptFor } from './assessor.ts';

const script = (group: string, kind: string, text = `${group}/${kind}`): HealthScript => ({
  group,
  kind,
  script: text,
  openLibs: false,
});
const widget = (name: string): KubeObject => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name } });

/** Languages that answer with the name of the object, and note how often they are asked. */
function named(failures = 0): { readonly languages: Languages; readonly asked: string[][] } {
  const asked: string[][] = [];
  let left = failures;
  const languages: Languages = {
    lua: async (_, calls) => {
      asked.push(calls.map(({ obj }) => JSON.parse(obj).metadata.name));
      if (left-- > 0) throw new EngineError('toolbox-failed', 'gone', { retry: 'backoff' });
      return calls.map(({ obj }) => ({
        ok: true,
        value: JSON.stringify({ status: 'Healthy', message: JSON.parse(obj).metadata.name }),
      }));
    },
    jq: async () => [],
  };
  return { languages, asked };
}

for (const [reason, scripts, key, wanted] of [
  ['nothing', [], 'apps/Deployment', undefined],
  ['exact', [script('*', '*'), script('apps', 'Deployment')], 'apps/Deployment', 'apps/Deployment'],
  ['a wildcard', [script('*.crossplane.io', '*')], 'aws.crossplane.io/Bucket', '*.crossplane.io/*'],
  ['the first wildcard', [script('a*', '*'), script('*', '*')], 'apps/Deployment', 'a*/*'],
  ['the core group', [script('', 'Pod')], '/Pod', '/Pod'],
  ['another group', [script('', 'Pod')], 'metrics.k8s.io/Pod', undefined],
] as const)
  test(`which script: ${reason}`, () => assert.equal(scriptFor(scripts, key)?.script, wanted));

test('kinds without a script are judged at once', () => {
  const { languages, asked } = named();
  const assess = createAssessor(languages, () => ({ healthScripts: [script('x', 'Y')] }));
  assert.equal(assess(widget('a')), undefined);
  assert.deepEqual(asked, []);
});

test('objects that come together are judged by one request', async () => {
  const { languages, asked } = named();
  const healthScripts = [script('example.com', 'Widget')];
  const assess = createAssessor(languages, () => ({ healthScripts }));
  const found = await Promise.all(['a', 'b', 'c'].map((name) => assess(widget(name))));
  assert.deepEqual(
    found.map((one) => one?.message),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(asked, [['a', 'b', 'c']]);
});

test('a process that fails is asked once more, then the health is Unknown', async () => {
  const healthScripts = [script('example.com', 'Widget')];
  for (const [failures, status] of [
    [1, 'Healthy'],
    [2, 'Unknown'],
  ] as const) {
    const assess = createAssessor(named(failures).languages, () => ({ healthScripts }));
    assert.equal((await assess(widget('a')))?.status, status);
  }
});
