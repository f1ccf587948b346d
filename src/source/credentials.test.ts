import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from './address.ts';
import { credentialFor, identityOf } from './credentials.ts';
import { credentialOf } from './testing/room.ts';

const login = (username: string) => ({ username, password: 'x' });

test('which credential is used', () => {
  const all = [
    credentialOf('https://forge.example/o/own', login('own')),
    credentialOf('https://forge.example/o/own', { project: 'blue', ...login('own-blue') }),
    credentialOf('https://forge.example', { kind: 'repo-creds', ...login('host') }),
    credentialOf('https://forge.example/o', { kind: 'repo-creds', ...login('org') }),
    credentialOf('https://forge.example/strict/', { kind: 'repo-creds', ...login('strict') }),
    credentialOf('git@forge.example:', { kind: 'repo-creds', sshPrivateKey: 'k', username: 'ssh' }),
    credentialOf('https://forge.example/o/named', { enableLfs: true }),
    credentialOf('reg.example/charts', { type: 'helm', enableOCI: true, ...login('registry') }),
  ];
  const table: readonly [address: string, project: string, user: string | undefined, reason: string][] = [
    ['https://forge.example/o/own.git', 'default', 'own', 'its own Secret'],
    ['https://forge.example/O/own', 'blue', 'own-blue', "the project's before the one for all"],
    ['https://forge.example/o/own', 'green', 'own', 'never that of another project'],
    ['https://forge.example/o/other', 'default', 'org', 'the longest prefix'],
    ['https://forge.example/p/other', 'default', 'host', 'a shorter prefix'],
    ['https://forge.example.evil/o/own', 'default', undefined, 'a server whose name only begins the same'],
    ['https://forge.example/strictly/x', 'default', 'host', 'a prefix with a slash stops at whole names'],
    ['git@forge.example:o/own.git', 'default', 'ssh', 'another transport has its own credentials'],
    ['https://forge.example/o/named', 'default', 'org', 'a Secret without secrets lets a prefix supply them'],
    ['oci://reg.example/charts', 'default', 'registry', 'a registry without a scheme'],
  ];
  for (const [address, project, user, reason] of table) {
    assert.equal(credentialFor(all, parseAddress(address), project)?.username, user, reason);
  }
  const named = credentialFor(all, parseAddress('https://forge.example/o/named'), 'default');
  assert.equal(named?.enableLfs, true, 'what the own Secret says stays');
});

test('an identity tells credentials apart and holds no secret', () => {
  const a = credentialOf('https://forge.example/o', { username: 'a', password: 'hunter2' });
  const b = credentialOf('https://forge.example/o', { username: 'b', password: 'hunter2' });
  assert.notEqual(identityOf(a), identityOf(b));
  assert.notEqual(identityOf(a), identityOf({ ...a, project: 'blue' }));
  assert.equal(identityOf(a), identityOf({ ...a, password: 'rotated' }), 'a new password keeps the mirror');
  assert.ok(!identityOf(a).includes('hunter2'));
  assert.equal(identityOf(undefined), '');
});
