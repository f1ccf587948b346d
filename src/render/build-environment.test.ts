import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expandVariables, factsOf, factValues } from './build-environment.ts';
import { testRequest } from './test-repositories.ts';

describe('variables', () => {
  const table: readonly { readonly text: string; readonly out: string; readonly reason: string }[] = [
    { text: 'a$NAME-b', out: 'a<NAME>-b', reason: 'a name ends at what is no letter, digit or underscore' },
    { text: `a\${NAME}b`, out: 'a<NAME>b', reason: 'braces' },
    { text: '$$NAME', out: '$NAME', reason: 'two dollars are one' },
    { text: 'cost: 5$', out: 'cost: 5$', reason: 'a dollar at the end' },
    { text: '$.x $/', out: '$.x $/', reason: 'no name' },
    { text: `\${`, out: '', reason: 'an open brace is eaten, as Go does' },
    { text: `\${}x`, out: 'x', reason: 'empty braces are eaten' },
    { text: '$1x', out: '<1>x', reason: 'one digit is a name' },
    { text: 'none', out: 'none', reason: 'nothing to do' },
  ];
  for (const { text, out, reason } of table)
    test(`${reason}: ${text}`, () =>
      assert.equal(
        expandVariables(text, (name) => `<${name}>`),
        out,
      ));
});

describe('facts', () => {
  const request = testRequest(
    { path: 'dir', targetRevision: 'main' },
    {
      revisions: ['0123456789abcdef'],
      application: {
        name: 'app',
        namespace: 'team',
        project: 'p',
        trackingName: 'team_app',
        destinationNamespace: 'demo',
      },
    },
  );
  const all = [
    ['$ARGOCD_APP_NAME', 'team_app'],
    ['$ARGOCD_APP_NAMESPACE', 'demo'],
    ['$ARGOCD_APP_PROJECT_NAME', 'p'],
    ['$ARGOCD_APP_REVISION', '0123456789abcdef'],
    ['$ARGOCD_APP_REVISION_SHORT', '0123456'],
    [`\${ARGOCD_APP_REVISION_SHORT_8}`, '01234567'],
    ['$ARGOCD_APP_SOURCE_PATH', 'dir'],
    ['$ARGOCD_APP_SOURCE_REPO_URL', 'https://git.test/repo'],
    ['$ARGOCD_APP_SOURCE_TARGET_REVISION', 'main'],
    ['$HOME$PATH', ''],
    ['$kubeVersion', ''],
  ] as const;
  for (const [text, value] of all) test(text, () => assert.equal(factsOf(request, 0, new Set()).expand(text), value));

  test('that were used are remembered, and no others', () => {
    const used = new Set<string>();
    factsOf(request, 0, used).expand('$ARGOCD_APP_NAME $OTHER');
    assert.deepEqual([...used], ['0/ARGOCD_APP_NAME']);
    const other = { ...request, revisions: ['other'] };
    assert.equal(factValues(request, '0/ARGOCD_APP_NAME'), factValues(other, '0/ARGOCD_APP_NAME'));
    assert.notEqual(factValues(request, '0/ARGOCD_APP_REVISION'), factValues(other, '0/ARGOCD_APP_REVISION'));
  });
});
