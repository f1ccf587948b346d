import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngineError } from '../model/index.ts';
import { normalImage, parseImage } from './name.ts';
import { chooseTag, parsePolicy } from './policy.ts';

const times: Readonly<Record<string, string>> = {
  a: '2026-01-01T00:00:00Z',
  b: '2026-03-01T00:00:00Z',
  c: '2026-02-01T00:00:00Z',
};
const createdAt = async (tag: string) => times[tag] ?? '';

describe('a policy chooses', () => {
  const table: readonly { reason: string; policy: string; current: string; tags: string; is: string }[] = [
    {
      reason: 'the highest in the range',
      policy: 'semver:^1.2',
      current: '1.2.0',
      tags: '1.2.0 1.10.0 1.9.0 2.0.0',
      is: '1.10.0',
    },
    { reason: 'with a v', policy: 'semver:1.x', current: 'v1.2.0', tags: 'v1.2.0 v1.3.0 latest', is: 'v1.3.0' },
    { reason: 'no prerelease', policy: 'semver:^1', current: '1.0.0', tags: '1.0.0 1.1.0-rc.1', is: '1.0.0' },
    {
      reason: 'a prerelease that was asked for',
      policy: 'semver:>=1.0.0-0',
      current: '1.0.0',
      tags: '1.0.0 1.1.0-rc.1',
      is: '1.1.0-rc.1',
    },
    { reason: 'no tag that moves', policy: 'semver:^1', current: '1.2.3', tags: '1 1.9 1.2.4', is: '1.2.4' },
    { reason: 'nothing older', policy: 'semver:~1.2', current: '1.3.0', tags: '1.2.9', is: '1.3.0' },
    {
      reason: 'instead of what is no version',
      policy: 'semver:*',
      current: 'latest',
      tags: 'latest 1.0.0',
      is: '1.0.0',
    },
    {
      reason: 'of a variant',
      policy: 'semver:^1 match ^(.*)-alpine$',
      current: '1.0.0-alpine',
      tags: '1.1.0-alpine 1.2.0',
      is: '1.1.0-alpine',
    },
    { reason: 'nothing when nothing fits', policy: 'semver:^9', current: '1.0.0', tags: '1.0.1', is: '1.0.0' },
    { reason: 'the newest', policy: 'newest', current: 'a', tags: 'a b c', is: 'b' },
    { reason: 'the newest that matches', policy: 'newest match ^[ac]$', current: 'a', tags: 'a b c', is: 'c' },
    { reason: 'none without a time', policy: 'newest', current: 'x', tags: 'x y', is: 'x' },
    {
      reason: 'by calendar',
      policy: 'calver',
      current: '2026.9.30',
      tags: '2026.9.30 2026.11.3 2026.10.20',
      is: '2026.11.3',
    },
    {
      reason: 'by build number',
      policy: 'numeric match ^main-(\\d+)-',
      current: 'main-9-abc',
      tags: 'main-10-def main-9-abc pr-99-x',
      is: 'main-10-def',
    },
    { reason: 'no smaller number', policy: 'numeric', current: '12', tags: '9 10', is: '12' },
    { reason: 'by the alphabet', policy: 'alphabetical match ^r-', current: 'r-a', tags: 'r-b r-c z', is: 'r-c' },
    {
      reason: 'by a named group',
      policy: 'numeric match ^(x)-(?<version>\\d+)$',
      current: 'x-1',
      tags: 'x-1 x-2',
      is: 'x-2',
    },
  ];
  for (const { reason, policy, current, tags, is } of table)
    test(reason, async () =>
      assert.equal(await chooseTag(parsePolicy(policy), current, tags.split(' '), createdAt), is),
    );
});

describe('a policy is refused', () => {
  const table = [
    '',
    'latest',
    'semver',
    'semver:nonsense',
    'newest:^1',
    'numeric match (',
    `newest match ${'a'.repeat(600)}`,
  ];
  for (const text of table)
    test(text.slice(0, 30) || 'nothing', () =>
      assert.throws(
        () => parsePolicy(text),
        (error) => error instanceof EngineError && error.code === 'usage',
      ),
    );

  test('an expression that never ends', async () => {
    const policy = parsePolicy('numeric match ^(\\d+)+$');
    const tags = [`${'1'.repeat(60)}x`];
    await assert.rejects(
      chooseTag(policy, '1', tags, createdAt),
      (error) => error instanceof EngineError && error.code === 'usage',
    );
  });

  test('the newest among too many', async () => {
    const tags = Array.from({ length: 300 }, (_, i) => `t${i}`);
    await assert.rejects(chooseTag(parsePolicy('newest'), 't1', tags, createdAt), EngineError);
  });
});

describe('names', () => {
  const sum = `sha256:${'0'.repeat(64)}`;
  const table: readonly [text: string, image: string | undefined, tag?: string, digest?: string][] = [
    ['nginx', 'nginx', '', ''],
    ['nginx:1', 'nginx', '1', ''],
    ['localhost:5000/a/b:2', 'localhost:5000/a/b', '2', ''],
    ['localhost:5000/a', 'localhost:5000/a', '', ''],
    [`ghcr.io/a/b:2@${sum}`, 'ghcr.io/a/b', '2', sum],
    ['{{ .Values.image }}', undefined],
    ['a b', undefined],
  ];
  for (const [text, image, tag, digest] of table)
    test(text, () => assert.deepEqual(parseImage(text), image === undefined ? undefined : { image, tag, digest }));
  test('have one form', () => {
    assert.equal(normalImage('nginx'), 'docker.io/library/nginx');
    assert.equal(normalImage('acme/web'), 'docker.io/acme/web');
    assert.equal(normalImage('index.docker.io/acme/web'), 'docker.io/acme/web');
    assert.equal(normalImage('ghcr.io/acme/web'), 'ghcr.io/acme/web');
  });
});
