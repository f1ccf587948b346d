import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ForgeKind } from '../../ports/index.ts';
import { azurePlace } from './azure.ts';
import { authorizationFor, kindOf } from './open-forge.ts';

const hosts: readonly (readonly [string, ForgeKind | undefined])[] = [
  ['github.com', 'github'],
  ['gitlab.com', 'gitlab'],
  ['gitlab.example.com', 'gitlab'],
  ['bitbucket.org', 'bitbucket'],
  ['ssh.dev.azure.com', 'azure'],
  ['acme.visualstudio.com', 'azure'],
  ['codeberg.org', 'gitea'],
  ['forgejo.example.com:3000', 'gitea'],
  ['git.example.com', undefined],
  ['code.example.com:8443', 'bitbucket-server'],
  ['notgithub.com', undefined],
];
for (const [host, kind] of hosts) {
  test(`the forge at ${host} is ${kind ?? 'unknown'}`, () => {
    assert.equal(kindOf(host, [{ host: 'code.example.com', kind: 'bitbucket-server' }]), kind);
  });
}

test('the addresses of Azure DevOps name organisation, project and repository', () => {
  const place = { org: 'acme', project: 'web', repo: 'shop' };
  assert.deepEqual(azurePlace('dev.azure.com', 'acme/web/_git/shop'), place);
  assert.deepEqual(azurePlace('ssh.dev.azure.com', 'v3/acme/web/shop'), place);
  assert.deepEqual(azurePlace('acme.visualstudio.com', 'web/_git/shop'), place);
  assert.deepEqual(azurePlace('acme.visualstudio.com', 'DefaultCollection/web/_git/shop'), place);
  assert.deepEqual(azurePlace('dev.azure.com', 'acme/_git/shop'), { ...place, project: 'shop' });
});

test('nobody is nobody everywhere', () => {
  const kinds: readonly ForgeKind[] = ['github', 'gitlab', 'gitea', 'bitbucket', 'bitbucket-server', 'azure'];
  for (const kind of kinds) assert.equal(authorizationFor(kind, { username: 'ann' }), '');
});
