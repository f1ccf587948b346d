import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountFor } from './impersonate.ts';

const accounts = [
  { server: 'https://prod', namespace: 'web-*', serviceAccount: 'web-deployer' },
  { server: 'https://prod', namespace: '*', serviceAccount: 'ops:deployer' },
  { server: '*', namespace: 'empty', serviceAccount: '' },
];

const cases: readonly {
  readonly reason: string;
  readonly server: string;
  readonly namespace: string;
  readonly want?: string;
}[] = [
  {
    reason: 'in the namespace of the destination',
    server: 'https://prod',
    namespace: 'web-1',
    want: 'system:serviceaccount:web-1:web-deployer',
  },
  {
    reason: 'in a namespace of its own',
    server: 'https://prod',
    namespace: 'db',
    want: 'system:serviceaccount:ops:deployer',
  },
  { reason: 'nobody for another server', server: 'https://dev', namespace: 'db' },
  { reason: 'an entry without a name is nobody', server: 'https://dev', namespace: 'empty' },
];
for (const { reason, server, namespace, want } of cases) {
  test(`accountFor: ${reason}`, () =>
    assert.equal(accountFor({ destinationServiceAccounts: accounts }, server, namespace), want));
}
