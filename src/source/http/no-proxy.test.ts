import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passesProxy } from './no-proxy.ts';

test('which servers are reached without the proxy', () => {
  const table: readonly [host: string, port: string, noProxy: string, passes: boolean, reason: string][] = [
    ['git.corp', '443', 'git.corp', true, 'itself'],
    ['git.corp', '443', '.corp', true, 'a suffix'],
    ['git.corp', '443', 'corp', true, 'a suffix without a dot'],
    ['git.notcorp', '443', 'corp', false, 'only whole labels'],
    ['git.corp', '443', '*.corp', true, 'a star'],
    ['git.corp', '443', '*', true, 'everything'],
    ['git.corp', '8443', 'git.corp:443', false, 'another port'],
    ['10.1.2.3', '443', 'x, 10.0.0.0/8', true, 'a network'],
    ['11.1.2.3', '443', '10.0.0.0/8', false, 'outside of it'],
    ['[fd00::1]', '443', 'fd00::/8', true, 'a network of IPv6'],
    ['git.corp', '443', '10.0.0.0/99, nonsense/x', false, 'nonsense'],
    ['git.corp', '443', '', false, 'nothing'],
  ];
  for (const [host, port, noProxy, passes, reason] of table)
    assert.equal(passesProxy(host, port, noProxy), passes, reason);
});
