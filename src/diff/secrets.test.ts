import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unsaid } from './index.ts';

const secret = { group: '', version: 'v1', kind: 'Secret', namespace: 'n', name: 's' };

for (const [reason, body, message, wanted] of [
  [
    'a number where a text belongs',
    { data: { pin: 123456 } },
    'expected string, got &value.valueUnstructured{Value:123456}',
    'expected string, got &value.valueUnstructured{Value:++++++++}',
  ],
  ['what is nested by mistake', { stringData: { a: { b: 'hunter2' } } }, 'bad: map[b:hunter2]', 'bad: map[b:++++++++]'],
  ['with quotes in it', { stringData: { a: 'say "x"' } }, 'bad: "say \\"x\\""', 'bad: "++++++++"'],
  ['words of the message stay', { data: { a: 'is' } }, 'this is bad', 'this is bad'],
  ['the longest first', { data: { a: 'pass', b: 'password' } }, 'password', '++++++++'],
] as const)
  test(`a refusal of a Secret: ${reason}`, () =>
    assert.equal(unsaid(message, { ref: secret, body: JSON.stringify(body) }), wanted));

test('messages about anything else stay as they are', () => {
  const ref = { ...secret, kind: 'ConfigMap' };
  assert.equal(unsaid('value: hello', { ref, body: '{"data":{"a":"hello"}}' }), 'value: hello');
});
