import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IntegrityPolicy, SignatureFacts } from '../model/index.ts';
import { integrityHold, signaturePolicy } from './source-integrity.ts';

const policy = (more: Partial<IntegrityPolicy>): IntegrityPolicy => ({
  repos: ['*'],
  mode: 'head',
  keys: ['D56C4FCA57A46444'],
  ...more,
});
const special = policy({ repos: ['https://github.com/example/super-secure'], mode: 'strict' });
const open = policy({ repos: ['https://github.com/example/open*'], mode: 'none' });
const rest = policy({ repos: ['https://github.com/*'] });
const address = 'https://github.com/example';

const chosen: readonly [
  reason: string,
  integrity: readonly IntegrityPolicy[] | undefined,
  url: string,
  want: string,
][] = [
  ['nothing is asked for', undefined, address, ''],
  ['the first that fits counts', [special, rest], `${address}/super-secure.git`, 'strict'],
  ['the order decides', [rest, special], `${address}/super-secure`, 'head'],
  ['none ends the search', [open, rest], `${address}/open-one`, ''],
  ['an asterisk crosses slashes, as in Argo CD', [rest], `${address}/deep/er`, 'head'],
  [
    'an exclamation mark takes out',
    [policy({ repos: ['https://github.com/*', `!${address}/free.git`] })],
    `${address}/free`,
    '',
  ],
  [
    'and leaves the rest',
    [policy({ repos: ['https://github.com/*', `!${address}/free.git`] })],
    `${address}/other`,
    'head',
  ],
  ['what no policy names is free', [rest], 'https://gitlab.example/a', ''],
];
for (const [reason, integrity, url, want] of chosen) {
  test(`policy: ${reason}`, () => {
    assert.equal(signaturePolicy(integrity === undefined ? {} : { integrity }, url)?.mode ?? '', want);
  });
}

const fact = (signature: SignatureFacts['signature'], ...keys: string[]): SignatureFacts => ({
  what: 'commit 1234567',
  signature,
  keys,
});
const long = '07E34825A909B250D56C4FCA57A46444';
const judged: readonly [reason: string, facts: readonly SignatureFacts[], keys: readonly string[], held: boolean][] = [
  ['signed by the key', [fact('good', 'D56C4FCA57A46444')], ['D56C4FCA57A46444'], false],
  ['an id is the end of a fingerprint, in any case', [fact('good', long)], ['0xd56c4fca57a46444'], false],
  ['a short id says too little', [fact('good', long)], ['57A46444'], true],
  ['signed by another key', [fact('good', 'AAAAAAAAAAAAAAAA')], ['D56C4FCA57A46444'], true],
  ['no key is allowed', [fact('good', long)], [], true],
  ['not signed', [fact('none')], ['D56C4FCA57A46444'], true],
  ['a wrong signature by a key that is allowed', [fact('bad', long)], [long], true],
  ['a key that is revoked', [fact('unknown-key', long)], [long], true],
  ['an SSH key by its fingerprint', [fact('good', 'SHA256:abc', 'ann@x')], ['SHA256:abc'], false],
  ['an SSH key by its principal', [fact('good', 'SHA256:abc', 'ann@x')], ['ann@x'], false],
  ['one of many is not', [fact('good', long), fact('none')], [long], true],
];
for (const [reason, facts, keys, held] of judged) {
  test(`signature: ${reason}`, () => {
    const asked = { ...policy({ keys }), mode: 'strict' as const };
    const hold = integrityHold({ name: 'signed' }, asked, address, facts);
    assert.equal(hold?.reason, held ? 'source-integrity' : undefined);
  });
}
