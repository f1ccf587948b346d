import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proposeLink } from './propose-link.ts';

const cases: readonly (readonly [reason: string, host: string, path: string, base: string, link: string])[] = [
  ['GitHub', 'github.com', 'a/b', 'main', 'https://github.com/a/b/compare/main...images/x?expand=1'],
  ['the default branch', 'github.com', 'a/b', '', 'https://github.com/a/b/compare/images/x?expand=1'],
  [
    'Gitea under a name of its own',
    'git.acme.dev:3000',
    'a/b',
    'main',
    'https://git.acme.dev:3000/a/b/compare/main...images/x',
  ],
  [
    'GitLab with subgroups',
    'gitlab.com',
    'a/b/c',
    'main',
    'https://gitlab.com/a/b/c/-/merge_requests/new?merge_request%5Bsource_branch%5D=images%2Fx&merge_request%5Btarget_branch%5D=main',
  ],
  [
    'Bitbucket',
    'bitbucket.org',
    'a/b',
    'main',
    'https://bitbucket.org/a/b/pull-requests/new?source=images%2Fx&dest=main',
  ],
  [
    'Bitbucket Data Center',
    'code.acme.dev',
    'scm/KEY/b',
    'main',
    'https://code.acme.dev/projects/KEY/repos/b/pull-requests?create&sourceBranch=images%2Fx&targetBranch=main',
  ],
  [
    'Azure DevOps over ssh',
    'ssh.dev.azure.com',
    'v3/org/my project/b',
    'main',
    'https://dev.azure.com/org/my%20project/_git/b/pullrequestcreate?sourceRef=images%2Fx&targetRef=main',
  ],
  ['nobody knows it', 'git.example.com', 'a/b', 'main', ''],
];
const settings = [
  { host: 'git.acme.dev', kind: 'gitea' },
  { host: 'code.acme.dev', kind: 'bitbucket-server' },
] as const;

for (const [reason, host, path, base, link] of cases) {
  test(`a link to propose a branch: ${reason}`, () =>
    assert.equal(proposeLink({ scheme: 'https', host, path }, settings, { branch: 'images/x', base }), link));
}
