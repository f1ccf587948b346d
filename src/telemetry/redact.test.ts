import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redact, redactText } from './redact.ts';

const cases: readonly { readonly reason: string; readonly given: string; readonly want: string }[] = [
  { reason: 'credentials in a URL', given: 'https://bob:s3cret@h/x', want: 'https://[redacted]@h/x' },
  { reason: 'a token as the user of a URL', given: 'https://ghp_abc@h/x', want: 'https://[redacted]@h/x' },
  { reason: 'a bearer token', given: 'Authorization: Bearer abcdefgh12345', want: 'Authorization: Bearer [redacted]' },
  { reason: 'an ssh address names a user, not a secret', given: 'git@h:o/r.git', want: 'git@h:o/r.git' },
];
for (const { reason, given, want } of cases) test(`redactText: ${reason}`, () => assert.equal(redactText(given), want));

test('redact: fields named like secrets are taken out at any depth', () => {
  assert.deepEqual(redact({ a: { password: 'x', list: [{ apiToken: 'y' }] }, b: 1 }), {
    a: { password: '[redacted]', list: [{ apiToken: '[redacted]' }] },
    b: 1,
  });
});
