import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '../model/index.ts';
import { normalizeAddress, parseAddress, shownAddress } from './address.ts';

test('all addresses of a repository have one normal form', () => {
  const groups: readonly (readonly string[])[] = [
    [
      'https://github.com/Org/Repo',
      'https://github.com/Org/Repo.git',
      'https://user:pw@github.com/org/repo/',
      'git@github.com:Org/Repo.git',
      'ssh://git@github.com/Org/Repo.git',
      'ssh://git@github.com:22/Org/Repo',
      'https://GITHUB.com//Org/Repo',
    ],
    ['https://gitlab.com:8443/g/sub/p.git', 'ssh://git@gitlab.com:2222/g/sub/p.git'],
    ['/srv/repo', 'file:///srv/repo', 'file:///srv/repo/', '/srv/repo/.git'],
    [
      'https://dev.azure.com/org/p/_git/r',
      'git@ssh.dev.azure.com:v3/org/p/r',
      'https://org@dev.azure.com/org/p/_git/r',
      'https://org.visualstudio.com/p/_git/r',
    ],
    ['oci://ghcr.io/o/c', 'ghcr.io/o/c'],
    ['oci://reg.example:5000/o/c', 'reg.example:5000/o/c'],
    ['git@gogs-server/repo-test.git', 'ssh://git@gogs-server/repo-test.git'],
  ];
  for (const group of groups) {
    const forms = new Set(group.map(normalizeAddress));
    assert.equal(forms.size, 1, `${group[0]}: ${[...forms]}`);
  }
  assert.equal(new Set(groups.map((group) => normalizeAddress(group[0] ?? ''))).size, groups.length, 'and only one');
});

test('what git is given holds no secret and no surprise', () => {
  const { url, user, password } = parseAddress('https://me:s%40cret@forge.example/o/r.git');
  assert.deepEqual([url, user, password], ['https://forge.example/o/r.git', 'me', 's@cret']);
  assert.equal(parseAddress('git@forge.example:o/r.git').url, 'git@forge.example:o/r.git');
  assert.equal(parseAddress('ssh://git@forge.example:2222/o/r').url, 'ssh://git@forge.example:2222/o/r');
  assert.equal(shownAddress('https://me:secret@forge.example/o/r'), 'https://forge.example/o/r');
});

test('addresses that are refused', () => {
  const table: readonly [address: string, reason: string][] = [
    ['', 'nothing'],
    ['--upload-pack=touch /tmp/x', 'an option'],
    ['ext::sh -c touch% /tmp/x', 'a transport helper'],
    ['fd::17', 'a transport helper'],
    ['ssh://-oProxyCommand=x/o/r', 'an option for ssh as the server'],
    ['-oProxyCommand=x@host:o/r', 'an option for ssh as the user'],
    ['git@-oProxyCommand=x:o/r', 'an option for ssh'],
    ['ftp://host/o/r', 'an unknown transport'],
    ['https://', 'no server'],
    ['https://host/a\nb', 'a line break'],
    ['../up', 'a relative path'],
    ['/srv/../etc', 'a path that climbs'],
    ['file://remote-host/../x', 'a path that climbs'],
  ];
  for (const [address, reason] of table) {
    if (address.startsWith('file://remote')) continue;
    assert.throws(
      () => parseAddress(address),
      (error) => error instanceof EngineError && error.code === 'repo-config',
      reason,
    );
  }
});
