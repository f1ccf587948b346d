import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngineError } from '../model/index.ts';
import type { ImageRegistry } from '../ports/index.ts';
import { messageOf } from './message.ts';
import { parseRules, planUpdates } from './plan-updates.ts';

const digestOf = (tag: string): string => `sha256:${Buffer.from(tag).toString('hex').padEnd(64, '0')}`;
/** A registry with the same tags for every image. */
const registry: ImageRegistry = {
  tags: async (image) => {
    if (image.includes('gone')) throw new EngineError('repo-not-found', `no such image: ${image}`);
    return ['1.0.0', '1.1.0', '1.2', '2.0.0', '1.30'];
  },
  describe: async (_, tag) => ({ digest: digestOf(tag) }),
};
const web = 'ghcr.io/acme/web';

describe('only the tag changes', () => {
  const sum = digestOf('1.0.0');
  const next = digestOf('1.1.0');
  const table: readonly { reason: string; file?: string; from: string; to: string; rule?: string }[] = [
    {
      reason: 'in a pod',
      from: `spec:  # kept\n    image:   ${web}:1.0.0   # why\n`,
      to: `spec:  # kept\n    image:   ${web}:1.1.0   # why\n`,
    },
    { reason: 'in quotes', from: `image: "${web}:1.0.0"\n`, to: `image: "${web}:1.1.0"\n` },
    { reason: 'in single quotes', from: `{image: '${web}:1.0.0'}\n`, to: `{image: '${web}:1.1.0'}\n` },
    { reason: 'with its digest', from: `image: ${web}:1.0.0@${sum}\n`, to: `image: ${web}:1.1.0@${next}\n` },
    { reason: 'in Windows lines', from: `image: ${web}:1.0.0\r\nx: y\r\n`, to: `image: ${web}:1.1.0\r\nx: y\r\n` },
    {
      reason: 'everywhere',
      from: `a: {image: ${web}:1.0.0}\n---\nb: [{image: ${web}:1.0.0}]\n`,
      to: `a: {image: ${web}:1.1.0}\n---\nb: [{image: ${web}:1.1.0}]\n`,
    },
    {
      reason: 'in a kustomization',
      file: 'overlay/kustomization.yaml',
      from: `images:\n- name: web\n  newName: ${web}\n  newTag: 1.0.0\n- name: other\n  newTag: 1.0.0\n`,
      to: `images:\n- name: web\n  newName: ${web}\n  newTag: 1.1.0\n- name: other\n  newTag: 1.0.0\n`,
    },
    {
      reason: 'in chart values',
      file: 'values.yaml',
      from: `image:\n  repository: ${web}\n  tag: "1.0.0"\n`,
      to: `image:\n  repository: ${web}\n  tag: "1.1.0"\n`,
    },
    {
      reason: 'in chart values with a registry',
      file: 'values.yaml',
      from: 'web: {registry: ghcr.io, repository: acme/web, tag: 1.0.0}\n',
      to: 'web: {registry: ghcr.io, repository: acme/web, tag: 1.1.0}\n',
    },
    {
      reason: 'where a number would be read',
      file: 'values.yaml',
      rule: `${web}=numeric match ^1\\.\\d+$`,
      from: `image: {repository: ${web}, tag: 1.2}\n`,
      to: `image: {repository: ${web}, tag: "1.30"}\n`,
    },
    {
      reason: 'where a marker says so',
      rule: '',
      from: `version: 1.0.0 # plumbline:image policy=semver:^1 image=${web}\n`,
      to: `version: 1.1.0 # plumbline:image policy=semver:^1 image=${web}\n`,
    },
    {
      reason: 'the marker before the rule',
      from: `image: ${web}:1.0.0 # plumbline:image policy=semver:>=2\n`,
      to: `image: ${web}:2.0.0 # plumbline:image policy=semver:>=2\n`,
    },
    {
      reason: 'nothing of another image',
      from: 'image: ghcr.io/acme/other:1.0.0\n',
      to: 'image: ghcr.io/acme/other:1.0.0\n',
    },
    {
      reason: 'nothing of a template',
      from: `image: ${web}:{{ .Values.tag }}\n`,
      to: `image: ${web}:{{ .Values.tag }}\n`,
    },
    { reason: 'nothing that is broken', from: `image: "${web}:1.0.0\n`, to: `image: "${web}:1.0.0\n` },
    { reason: 'nothing in a comment', from: `# image: ${web}:1.0.0\nx: y\n`, to: `# image: ${web}:1.0.0\nx: y\n` },
    { reason: 'nothing in a text block', from: `x: |\n  image: ${web}:1.0.0\n`, to: `x: |\n  image: ${web}:1.0.0\n` },
  ];
  for (const { reason, file = 'a.yaml', from, to, rule = `${web}=semver:^1` } of table)
    test(reason, async () => {
      const { files } = await planUpdates(new Map([[file, from]]), parseRules(rule), registry, 'default');
      assert.equal(files.get(file) ?? from, to);
    });
});

test("an image that stands in the environment's file is changed there alone", async () => {
  const text = `image: ${web}:1.0.0\n`;
  const texts = new Map([
    ['workload.yaml', text],
    ['workload.staging.yaml', text],
  ]);
  const { files } = await planUpdates(
    texts,
    parseRules(`${web}=semver:^1`),
    registry,
    'p',
    new Set(['workload.staging.yaml']),
  );
  assert.deepEqual([...files.keys()], ['workload.staging.yaml']);
});

test('problems of one image do not keep the others', async () => {
  const texts = new Map([
    [
      'a.yaml',
      `a: {image: ghcr.io/gone:1.0.0}\nb: {image: ${web}:1.0.0}\nc: 1 # plumbline:image policy=never image=x\n`,
    ],
  ]);
  const rules = parseRules(`ghcr.io/gone=semver:^1; ${web}=semver:^1\nghcr.io/nowhere=newest`);
  const { updates, problems } = await planUpdates(texts, rules, registry, 'default');
  assert.equal(updates.length, 1);
  assert.deepEqual(problems.map(({ about, error }) => `${about} ${error.code}`).sort(), [
    'a.yaml:3 usage',
    'ghcr.io/gone repo-not-found',
    'ghcr.io/nowhere not-found',
  ]);
});

test('the message says what, from where to where, and why', async () => {
  const texts = new Map([['a.yaml', `image: ${web}:1.0.0\n`]]);
  const { updates } = await planUpdates(texts, parseRules(`${web}=semver:^1`), registry, 'default');
  assert.equal(
    messageOf(updates, 'argocd/web'),
    `Images: web 1.0.0 → 1.1.0\n\n${web} by semver:^1\n  1.0.0 (${digestOf('1.0.0')})\n  → 1.1.0 (${digestOf('1.1.0')})\n  a.yaml:1\n\nPlumbline-Application: argocd/web\n`,
  );
});
