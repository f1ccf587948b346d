/** Directory sources: which files, in which order, and what is told of those that are wrong. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type DirectoryOptions, defaultSettings, EngineError, type Settings } from '../../model/index.ts';
import type { Rendered, RenderRequest } from '../../ports/index.ts';
import { createRenderer } from '../renderer.ts';
import { type Files, noMetrics, quietLog, testRequest, testSources } from '../test-repositories.ts';
import { testToolbox } from '../toolbox/test-trees.ts';

const toolbox = testToolbox();
after(() => toolbox.close());

const config = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
const bytes = (text: string): number => Buffer.byteLength(text);

async function render(
  files: Files,
  directory?: Partial<DirectoryOptions>,
  more: Partial<RenderRequest> = {},
): Promise<Rendered> {
  const sources = testSources({ repositories: { 'https://git.test/repo': { one: files } } });
  const renderer = createRenderer({ sources, toolbox, log: quietLog, metrics: noMetrics });
  const options = directory === undefined ? {} : { directory: { recurse: false, ...directory } };
  return await renderer.render(testRequest({ path: 'app', ...options }, more));
}

async function names(...args: Parameters<typeof render>): Promise<string[]> {
  return (await render(...args)).manifests.map((manifest) => manifest.ref.name);
}

const withSettings = (settings: Partial<Settings>): Partial<RenderRequest> => ({
  settings: { ...defaultSettings, ...settings },
});

describe('files', () => {
  const files: Files = {
    'app/b.yaml': config('b'),
    'app/a.yml': config('a'),
    'app/c.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
    'app/readme.md': 'x',
    'app/B.yaml': config('upper'),
    'app/ab/z.yaml': config('z'),
    'app/.hidden/h.yaml': config('h'),
    'other/o.yaml': config('o'),
  };

  test('of the directory alone, in byte order', async () => {
    assert.deepEqual(await names(files), ['upper', 'a', 'b', 'c']);
  });
  test('of all directories below, where their names stand', async () => {
    assert.deepEqual(await names(files, { recurse: true }), ['h', 'upper', 'a', 'z', 'b', 'c']);
  });
  test('that are included', async () => {
    assert.deepEqual(await names(files, { recurse: true, include: '{a*,c.json}' }), ['a', 'z', 'c']);
  });
  test('that are not excluded; the path counts from the directory', async () => {
    assert.deepEqual(await names(files, { recurse: true, include: '*.yaml', exclude: '{.hidden/*,ab/*,B*}' }), ['b']);
  });
  test('that match a malformed pattern are none', async () => {
    assert.deepEqual(await names(files, { include: '{a' }), []);
    assert.deepEqual(await names(files, { exclude: '{a' }), ['upper', 'a', 'b', 'c']);
  });
  test('marked to be passed over are not rendered', async () => {
    const marked = `# +argocd:skip-file-rendering\n${config('b')}`;
    assert.deepEqual(await names({ ...files, 'app/b.yaml': marked }), ['upper', 'a', 'c']);
  });
  test('that are links are read from where they lead, links to directories are not followed', async () => {
    const linked = { 'app/l.yaml': '-> ../other/o.yaml', 'app/dir.yaml': '-> ../other', 'other/o.yaml': config('o') };
    assert.deepEqual(await names(linked, { recurse: true }), ['o']);
    assert.deepEqual(await names({ 'app/l.yaml': '-> nowhere.yaml' }), []);
  });
  test('know where each object was written', async () => {
    const { manifests } = await render({ 'app/a.yaml': `# x\n---\n${config('a')}---\n\n${config('b')}` });
    assert.deepEqual(
      manifests.map((manifest) => manifest.origin),
      ['app/a.yaml:3', 'app/a.yaml:9'],
    );
  });
  test('may be UTF-16', async () => {
    assert.deepEqual(await names({ 'app/a.yaml': Buffer.from(`\uFEFF${config('a')}`, 'utf16le') }), ['a']);
  });
  test('that are no manifests and do not look like some are passed over', async () => {
    const values = { 'app/values.yaml': 'replicas: 2\n', 'app/broken.yaml': 'a: [', 'app/list.yaml': '- a\n' };
    assert.deepEqual(await names({ ...values, 'app/a.yaml': config('a') }), ['a']);
  });
  test('make a directory of nothing', async () => {
    const rendered = await render({ 'app/readme.md': '' });
    assert.deepEqual([rendered.manifests, rendered.sourceTypes], [[], ['Directory']]);
  });
  test('with a key twice warn', async () => {
    const { warnings, manifests } = await render({ 'app/a.yaml': `${config('a')}data: {a: "1"}\ndata: {b: "2"}\n` });
    assert.deepEqual(
      warnings.map((warning) => warning.type),
      ['DuplicateKeyWarning'],
    );
    assert.ok(manifests[0]?.body.includes('{"b":"2"}'));
  });
  test('name their own tool when kustomize or helm are switched off', async () => {
    const chart = { 'app/Chart.yaml': 'name: x\nversion: 1.0.0\n', 'app/a.yaml': config('a') };
    assert.deepEqual(await names(chart, undefined, withSettings({ helmEnabled: false })), ['a']);
    const kustomization = { 'app/kustomization.yml': 'resources: [a.yaml]\n', 'app/a.yaml': config('a') };
    assert.deepEqual(await names(kustomization, undefined, withSettings({ kustomizeEnabled: false })), ['a']);
    assert.deepEqual((await render(kustomization)).sourceTypes, ['Kustomize']);
    assert.deepEqual((await render(kustomization, {})).sourceTypes, ['Directory']);
  });
});

describe('jsonnet', () => {
  const list = `local n = std.extVar('n'); [{apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: n + i}} for i in ['1', '2']]`;
  const jsonnet = (options: Partial<NonNullable<DirectoryOptions['jsonnet']>>): Partial<DirectoryOptions> => ({
    jsonnet: { extVars: [], tlas: [], libs: [], ...options },
  });

  test('takes variables and gives lists', async () => {
    const vars = jsonnet({ extVars: [{ name: 'n', value: '$ARGOCD_APP_NAME-', code: false }] });
    assert.deepEqual(await names({ 'app/a.jsonnet': list }, vars), ['app-1', 'app-2']);
  });
  test('takes code, arguments and libraries from the root', async () => {
    const files = {
      'app/a.jsonnet': `local lib = import 'lib.libsonnet'; function(k) lib.config('a', {x: '' + (k + 1)})`,
      'app/lib.libsonnet': 'error "the library is looked for in libs first"',
      'vendor/lib.libsonnet': `{config(n, d):: {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: n}, data: d}}`,
    };
    const { manifests } = await render(
      { ...files, 'app/lib.libsonnet': files['vendor/lib.libsonnet'] },
      jsonnet({ tlas: [{ name: 'k', value: '1+1', code: true }], libs: ['vendor'] }),
    );
    assert.ok(manifests[0]?.body.includes('{"x":"3"}'));
  });
  test('gives Lists', async () => {
    const text = `{apiVersion: 'v1', kind: 'List', items: [{apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'a'}}]}`;
    assert.deepEqual(await names({ 'app/a.jsonnet': text }), ['a']);
  });
  test('can be switched off', async () => {
    assert.deepEqual(await names({ 'app/a.jsonnet': list }, {}, withSettings({ jsonnetEnabled: false })), []);
  });
});

describe('errors', () => {
  const table: readonly {
    readonly reason: string;
    readonly files: Files;
    readonly code: string;
    readonly about: string;
    readonly directory?: Partial<DirectoryOptions>;
    readonly more?: Partial<RenderRequest>;
  }[] = [
    {
      reason: 'broken YAML',
      files: { 'app/a.yaml': `${config('a')}---\n${config('b')}  x: [1\ny: 2\n` },
      code: 'manifest-invalid',
      about: 'app/a.yaml:10',
    },
    {
      reason: 'no object after an object',
      files: { 'app/a.yaml': `${config('a')}---\n- x\n` },
      code: 'manifest-invalid',
      about: 'app/a.yaml:6',
    },
    {
      reason: 'no object that looks like one',
      files: { 'app/a.yaml': 'apiVersion: v1\nkind:\nmetadata: {}\n' },
      code: 'manifest-invalid',
      about: 'app/a.yaml:1',
    },
    { reason: 'broken JSON', files: { 'app/a.json': '{' }, code: 'manifest-invalid', about: 'app/a.json' },
    {
      reason: 'two objects in a JSON file',
      files: { 'app/a.json': '{}{}' },
      code: 'manifest-invalid',
      about: 'app/a.json',
    },
    {
      reason: 'JSON that is no object',
      files: { 'app/package.json': '{"name":"x"}' },
      code: 'manifest-invalid',
      about: 'app/package.json:1',
    },
    {
      reason: 'bytes that are no text',
      files: { 'app/a.yaml': Uint8Array.of(0xff, 0x61) },
      code: 'manifest-invalid',
      about: 'app/a.yaml',
    },
    { reason: 'no such path', files: { 'x/a.yaml': '' }, code: 'path-not-found', about: 'app' },
    { reason: 'a file as the path', files: { app: '' }, code: 'path-not-found', about: 'app' },
    {
      reason: 'a link out of the repository',
      files: { 'app/a.yaml': '-> ../../etc/passwd' },
      code: 'path-outside',
      about: 'app/a.yaml',
    },
    {
      reason: 'more bytes than allowed',
      files: { 'app/a.yaml': config('a'), 'app/b.yaml': config('b') },
      code: 'render-limit',
      about: 'app/b.yaml',
      more: withSettings({ maxDirectoryBytes: bytes(config('a')) + 1 }),
    },
    {
      reason: 'a failing jsonnet',
      files: { 'app/a.jsonnet': '{a: error "x"}' },
      code: 'render-failed',
      about: 'app/a.jsonnet',
    },
    {
      reason: 'a library outside',
      files: { 'app/a.jsonnet': '{}' },
      code: 'path-outside',
      about: '../../lib',
      directory: { jsonnet: { extVars: [], tlas: [], libs: ['../../lib'] } },
    },
  ];
  for (const { reason, files, code, about, directory, more } of table)
    test(reason, async () => {
      await assert.rejects(render(files, directory, more), (e) => {
        assert.ok(e instanceof EngineError);
        assert.equal(e.code, code, e.message);
        assert.ok(e.about.startsWith(about), `${e.about} is not ${about}`);
        return true;
      });
    });
});
