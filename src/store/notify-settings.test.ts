import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argocd } from '../dialects/index.ts';
import { readNotifySettings } from './notify-settings.ts';

const read = (config: Record<string, string>, secrets: Record<string, string> = {}) =>
  readNotifySettings(config, secrets, argocd.parseDuration);
const hook = (more: string) => ({ 'plumbline.alerts.webhooks': `- {name: ops, url: "https://x"${more}}` });

const cases: readonly { readonly reason: string; readonly config: Record<string, string>; readonly about: string }[] = [
  { reason: 'a word that is no truth value', config: { 'plumbline.writeback.notes': 'yes' }, about: 'writeback.notes' },
  { reason: 'a kind that no alert is of', config: hook(', kinds: [dif, stalled]'), about: 'webhooks[0]' },
  { reason: 'a secret that is not there', config: hook(', secret: $nokey'), about: 'webhooks[0]' },
  {
    reason: 'an address that is none',
    config: { 'plumbline.alerts.webhooks': '- {url: "ftp://x"}' },
    about: 'webhooks[0]',
  },
  { reason: 'an age that is none', config: { 'plumbline.records.maxAge': 'long' }, about: 'records.maxAge' },
];
for (const { reason, config, about } of cases) {
  test(`settings of telling: ${reason}`, () => {
    const { problems } = read(config);
    assert.equal(problems.length, 1);
    assert.ok(
      problems[0]?.startsWith(`argocd-cm: plumbline.${about.startsWith('webhooks') ? `alerts.${about}` : about}:`),
    );
  });
}

test('settings of telling: of several kinds those that exist are told; where none does, all are', () => {
  assert.deepEqual(read(hook(', kinds: [dif, stalled]')).webhooks[0]?.kinds, ['stalled']);
  assert.equal(read(hook(', kinds: [dif]')).webhooks[0]?.kinds, undefined);
  assert.deepEqual(read({ ...hook(', secret: $k'), 'plumbline.writeback.refs': 'false' }, { k: 's' }).problems, []);
});
