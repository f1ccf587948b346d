// Every forge against exchanges as its documentation has them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Json, stringAt } from '../../model/index.ts';
import type { ForgeKind } from '../../ports/index.ts';
import type { CommitStatus } from './forge.ts';
import { type Exchange, TestForge } from './test-forge.ts';

const sha = 'a'.repeat(40);
const head = 'b'.repeat(40);
const old = 'c'.repeat(40);
const status: CommitStatus = {
  context: 'plumbline/prod',
  state: 'success',
  description: 'converged',
  link: 'https://plumb.example/a',
};

const forges: TestForge[] = [];
after(() => {
  for (const forge of forges) forge.stop();
});
async function forgeWith(exchanges: Readonly<Record<string, Exchange>>): Promise<TestForge> {
  const forge = await TestForge.start(exchanges);
  forges.push(forge);
  return forge;
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

const statuses: readonly {
  readonly kind: ForgeKind;
  readonly path: string;
  readonly login?: { readonly username?: string; readonly token: string };
  readonly call: string;
  readonly authorization: string;
  readonly body: unknown;
  readonly superseded: string;
}[] = [
  {
    kind: 'github',
    path: 'o/r',
    call: `POST /api/repos/o/r/statuses/${sha}`,
    authorization: 'Bearer t0ken',
    body: { state: 'success', context: 'plumbline/prod', description: 'converged', target_url: status.link },
    superseded: 'error',
  },
  {
    kind: 'gitlab',
    path: 'group/sub/r',
    call: `POST /api/projects/group%2Fsub%2Fr/statuses/${sha}`,
    authorization: 'Bearer t0ken',
    body: { state: 'success', name: 'plumbline/prod', description: 'converged', target_url: status.link },
    superseded: 'canceled',
  },
  {
    kind: 'gitea',
    path: 'o/r',
    call: `POST /api/repos/o/r/statuses/${sha}`,
    authorization: 'token t0ken',
    body: { state: 'success', context: 'plumbline/prod', description: 'converged', target_url: status.link },
    superseded: 'warning',
  },
  {
    kind: 'bitbucket',
    path: 'ws/r',
    login: { username: 'ann', token: 'app' },
    call: `POST /api/repositories/ws/r/commit/${sha}/statuses/build`,
    authorization: basic('ann:app'),
    body: {
      key: 'plumbline/prod',
      name: 'plumbline/prod',
      state: 'SUCCESSFUL',
      description: 'converged',
      url: status.link,
    },
    superseded: 'STOPPED',
  },
  {
    kind: 'bitbucket-server',
    path: 'scm/PRJ/r',
    call: `POST /api/projects/PRJ/repos/r/commits/${sha}/builds`,
    authorization: 'Bearer t0ken',
    body: {
      key: 'plumbline/prod',
      name: 'plumbline/prod',
      state: 'SUCCESSFUL',
      description: 'converged',
      url: status.link,
    },
    superseded: 'CANCELLED',
  },
  {
    kind: 'azure',
    path: 'org/proj/_git/r',
    call: `POST /api/org/proj/_apis/git/repositories/r/commits/${sha}/statuses?api-version=7.1`,
    authorization: basic(':t0ken'),
    body: {
      state: 'succeeded',
      description: 'converged',
      context: { genre: 'plumbline', name: 'prod' },
      targetUrl: status.link,
    },
    superseded: 'notApplicable',
  },
];

for (const { kind, path, login, call, authorization, body, superseded } of statuses) {
  test(`${kind}: a status is set as its documentation says`, async () => {
    const server = await forgeWith({ [call]: { status: 201, body: {} } });
    const forge = server.open(kind, path, login);
    await forge.setStatus(sha, status);
    await forge.setStatus(sha, { ...status, state: 'superseded' });
    const [first, second] = server.asked;
    assert.equal(`${first?.method} ${first?.path}`, call);
    assert.equal(first?.headers.authorization, authorization);
    assert.deepEqual(first?.body, body);
    assert.equal(stringAt(second?.body as Json, 'state'), superseded);
  });
}

test('GitHub gets its version header, and never a description that it refuses', async () => {
  const server = await forgeWith({ [`POST /api/repos/o/r/statuses/${sha}`]: { status: 201, body: {} } });
  await server.open('github', 'o/r').setStatus(sha, { ...status, description: 'x'.repeat(300) });
  const [asked] = server.asked;
  assert.equal(asked?.headers['x-github-api-version'], '2022-11-28');
  assert.equal(stringAt(asked?.body as Json, 'description')?.length, 140);
});

test('GitLab may refuse a state that stands already: that is no failure', async () => {
  const message = "Cannot transition status via :run from :running (Reason(s): Status cannot transition via 'run')";
  const call = `POST /api/projects/o%2Fr/statuses/${sha}`;
  const server = await forgeWith({ [call]: { status: 400, body: { message } } });
  await server.open('gitlab', 'o/r').setStatus(sha, status);
});

const failures: readonly {
  readonly reason: string;
  readonly answer: Exchange;
  readonly code: string;
  readonly retry: unknown;
  readonly calls: number;
}[] = [
  {
    reason: 'no right',
    answer: { status: 403, body: { message: 'no' } },
    code: 'forge-denied',
    retry: 'never',
    calls: 2,
  },
  {
    reason: 'no such commit',
    answer: { status: 422, body: { message: 'No commit found' } },
    code: 'forge-denied',
    retry: 'never',
    calls: 2,
  },
  { reason: 'out of order', answer: { status: 502 }, code: 'forge-unreachable', retry: 'backoff', calls: 2 },
  {
    reason: 'asks to wait',
    answer: { status: 429, headers: { 'retry-after': '7' } },
    code: 'throttled',
    retry: { after: 7_000 },
    calls: 1,
  },
  {
    reason: 'secondary limit',
    answer: { status: 403, headers: { 'retry-after': '9' } },
    code: 'throttled',
    retry: { after: 9_000 },
    calls: 1,
  },
];
for (const { reason, answer, code, retry, calls } of failures) {
  test(`a forge that refuses: ${reason}`, async () => {
    const server = await forgeWith({ [`POST /api/repos/o/r/statuses/${sha}`]: answer });
    const forge = server.open('github', 'o/r');
    const refused = (error: { readonly code?: string; readonly retry?: unknown; readonly message: string }) => {
      assert.equal(error.code, code);
      if (typeof retry === 'string') assert.equal(error.retry, retry);
      else assert.ok((error.retry as { readonly after: number }).after <= (retry as { readonly after: number }).after);
      assert.doesNotMatch(error.message, /t0ken/);
      return true;
    };
    await assert.rejects(forge.setStatus(sha, status), refused);
    await assert.rejects(forge.setStatus(sha, status), refused);
    assert.equal(server.asked.length, calls, 'a forge that asked to wait is not asked again before');
  });
}

test('an allowance that is used up is waited for', async () => {
  const reset = String(Math.floor(Date.now() / 1_000) + 60);
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
  const server = await forgeWith({ [`POST /api/repos/o/r/statuses/${sha}`]: { status: 201, headers, body: {} } });
  const forge = server.open('github', 'o/r');
  await forge.setStatus(sha, status);
  await assert.rejects(forge.setStatus(sha, status), (error: { readonly code?: string }) => error.code === 'throttled');
  assert.equal(server.asked.length, 1);
});

test('a next page that leads to another server does not get our token', async () => {
  const elsewhere = await forgeWith({});
  const link = `<http://${elsewhere.host}/steal>; rel="next"`;
  const call = `GET /api/repos/o/r/commits/${sha}/pulls?per_page=100`;
  const server = await forgeWith({ [call]: { headers: { link }, body: [] } });
  await assert.rejects(
    server.open('github', 'o/r').changesOf(sha),
    (error: { readonly code?: string }) => error.code === 'forge-denied',
  );
  assert.equal(elsewhere.asked.length, 0);
});

test('GitHub: approvals of the head count, stale and withdrawn ones do not', async () => {
  const user = (login: string) => ({ user: { login, type: 'User' } });
  const server = await forgeWith({
    [`GET /api/repos/o/r/commits/${sha}/pulls?per_page=100`]: { body: [{ number: 7 }] },
    'GET /api/repos/o/r/pulls/7': {
      body: { number: 7, ...user('ann'), head: { sha: head }, merged: true, merge_commit_sha: sha },
    },
    'GET /api/repos/o/r/pulls/7/reviews?per_page=100': {
      body: [
        { ...user('bob'), state: 'APPROVED', commit_id: head, author_association: 'MEMBER' },
        { ...user('bob'), state: 'COMMENTED', commit_id: head },
        { ...user('cid'), state: 'APPROVED', commit_id: old, author_association: 'OWNER' },
        { ...user('eve'), state: 'APPROVED', commit_id: head, author_association: 'NONE' },
        { ...user('dan'), state: 'APPROVED', commit_id: head },
        { ...user('dan'), state: 'CHANGES_REQUESTED', commit_id: head },
      ],
    },
    'GET /api/repos/o/r/pulls/7/commits?per_page=100': {
      body: [
        {
          sha: head,
          author: { login: 'ann' },
          commit: { author: { name: 'Ann', email: 'ann@x.example', date: '2026-01-02T03:04:05Z' } },
        },
      ],
    },
  });
  const [review] = await server.open('github', 'o/r').reviewsOf(sha);
  assert.equal(review?.merged, sha);
  assert.deepEqual(
    review?.approvals.map(({ by, current }) => [by.name, current]),
    [
      ['bob', true],
      ['cid', false],
    ],
  );
  assert.deepEqual(review?.commits[0]?.author.aliases, ['ann', 'ann@x.example']);
  assert.equal(review?.commits[0]?.at, 1_767_323_045);
});

test('GitLab: an approval from before the newest version is stale', async () => {
  const place = '/api/projects/o%2Fr/merge_requests/3';
  const server = await forgeWith({
    [`GET /api/projects/o%2Fr/repository/commits/${sha}/merge_requests?per_page=100`]: { body: [{ iid: 3 }] },
    [`GET ${place}`]: {
      body: { iid: 3, author: { username: 'ann', name: 'Ann' }, sha: head, state: 'merged', merge_commit_sha: sha },
    },
    [`GET ${place}/approvals`]: {
      body: {
        approved_by: [
          { user: { username: 'bob', name: 'Bob' }, approved_at: '2026-01-02T00:00:00Z' },
          { user: { username: 'cid', name: 'Cid' } },
          { user: { username: 'dan', name: 'Dan' } },
        ],
      },
    },
    [`GET ${place}/versions?per_page=100`]: {
      body: [
        { head_commit_sha: head, created_at: '2026-01-01T12:00:00Z' },
        { head_commit_sha: old, created_at: '2026-01-01T00:00:00Z' },
      ],
    },
    [`GET ${place}/commits?per_page=100`]: { body: [] },
    [`GET ${place}/notes?per_page=100&sort=desc`]: {
      body: [
        {
          system: true,
          body: 'approved this merge request',
          author: { username: 'cid' },
          created_at: '2026-01-01T06:00:00Z',
        },
        {
          system: false,
          body: 'approved this merge request',
          author: { username: 'dan' },
          created_at: '2026-01-03T06:00:00Z',
        },
      ],
    },
  });
  const [review] = await server.open('gitlab', 'o/r').reviewsOf(sha);
  assert.deepEqual(
    review?.approvals.map(({ by, current }) => [by.name, current]),
    [
      ['bob', true],
      ['cid', false],
      ['dan', false],
    ],
    'somebody who writes the words of the system has not approved',
  );
});

test('Gitea: stale and dismissed approvals do not count', async () => {
  const server = await forgeWith({
    [`GET /api/repos/o/r/commits/${sha}/pull`]: { body: { number: 5 } },
    'GET /api/repos/o/r/pulls/5': {
      body: { number: 5, user: { login: 'ann' }, head: { sha: head }, merged: true, merge_commit_sha: sha },
    },
    'GET /api/repos/o/r/pulls/5/reviews?limit=50': {
      body: [
        { user: { login: 'bob' }, state: 'APPROVED', commit_id: head, stale: false, dismissed: false, official: true },
        { user: { login: 'cid' }, state: 'APPROVED', commit_id: old, stale: true, dismissed: false, official: true },
        { user: { login: 'dan' }, state: 'APPROVED', commit_id: head, stale: false, dismissed: true, official: true },
        { user: { login: 'eve' }, state: 'APPROVED', commit_id: head, official: false },
      ],
    },
    'GET /api/repos/o/r/pulls/5/commits?limit=50': { body: [] },
  });
  const forge = server.open('gitea', 'o/r');
  const [review] = await forge.reviewsOf(sha);
  assert.deepEqual(
    review?.approvals.map(({ by, current }) => [by.name, current]),
    [
      ['bob', true],
      ['cid', false],
    ],
  );
  assert.deepEqual(await forge.reviewsOf(old), [], 'a commit that came without a change');
});

test('Bitbucket Cloud: an approval from before the last push is stale', async () => {
  const place = '/api/repositories/ws/r/pullrequests/4';
  const server = await forgeWith({
    [`GET /api/repositories/ws/r/commit/${sha}/pullrequests?pagelen=50`]: { body: { values: [{ id: 4 }] } },
    [`GET ${place}`]: {
      body: {
        id: 4,
        author: { nickname: 'ann' },
        source: { commit: { hash: head.slice(0, 12) } },
        merge_commit: { hash: sha },
        participants: [
          { user: { nickname: 'bob' }, approved: true, participated_on: '2026-01-02T00:00:00Z' },
          { user: { nickname: 'cid' }, approved: true, participated_on: '2026-01-01T00:00:00Z' },
          { user: { nickname: 'dan' }, approved: false },
        ],
      },
    },
    [`GET ${place}/activity?pagelen=50`]: {
      body: {
        values: [
          { update: { date: '2026-01-02T12:00:00Z', source: { commit: { hash: head.slice(0, 12) } } } },
          { approval: { date: '2026-01-02T00:00:00Z' } },
          { update: { date: '2026-01-01T12:00:00Z', source: { commit: { hash: head.slice(0, 12) } } } },
          { update: { date: '2026-01-01T00:00:00Z', source: { commit: { hash: old.slice(0, 12) } } } },
        ],
      },
    },
    [`GET ${place}/commits?pagelen=100`]: {
      body: { values: [{ hash: head, author: { raw: 'Ann <ann@x.example>' }, date: '2026-01-01T00:00:00Z' }] },
    },
  });
  const [review] = await server.open('bitbucket', 'ws/r').reviewsOf(sha);
  assert.equal(review?.head, head);
  assert.deepEqual(
    review?.approvals.map(({ by, current }) => [by.name, current]),
    [
      ['bob', true],
      ['cid', false],
    ],
  );
});

test('Bitbucket Server: what a reviewer last looked at counts', async () => {
  const place = '/api/projects/PRJ/repos/r/pull-requests/4';
  const server = await forgeWith({
    [`GET /api/projects/PRJ/repos/r/commits/${sha}/pull-requests?limit=100`]: { body: { values: [{ id: 4 }] } },
    [`GET ${place}`]: {
      body: {
        id: 4,
        state: 'MERGED',
        author: { user: { name: 'ann' } },
        fromRef: { latestCommit: head },
        properties: { mergeCommit: { id: sha } },
        reviewers: [
          { user: { name: 'bob' }, status: 'APPROVED', lastReviewedCommit: head },
          { user: { name: 'cid' }, status: 'APPROVED', lastReviewedCommit: old },
        ],
      },
    },
    [`GET ${place}/commits?limit=500`]: { body: { values: [] } },
  });
  const [review] = await server.open('bitbucket-server', 'scm/PRJ/r').reviewsOf(sha);
  assert.equal(review?.merged, sha);
  assert.deepEqual(
    review?.approvals.map(({ by, current }) => [by.name, current]),
    [
      ['bob', true],
      ['cid', false],
    ],
  );
});

test('Azure DevOps: votes count from the last push on, those of groups never', async () => {
  const repo = '/api/org/proj/_apis/git/repositories/r';
  const vote = (id: string, publishedDate: string) => ({
    properties: { CodeReviewThreadType: { $value: 'VoteUpdate' } },
    publishedDate,
    comments: [{ author: { id } }],
  });
  const server = await forgeWith({
    [`POST ${repo}/pullrequestquery?api-version=7.1`]: { body: { results: [{ [sha]: [{ pullRequestId: 9 }] }, {}] } },
    [`GET ${repo}/pullrequests/9?api-version=7.1`]: {
      body: {
        status: 'completed',
        createdBy: { uniqueName: 'ann@x.example' },
        lastMergeSourceCommit: { commitId: head },
        lastMergeCommit: { commitId: sha },
        reviewers: [
          { id: '1', uniqueName: 'bob@x.example', vote: 10 },
          { id: '2', uniqueName: 'cid@x.example', vote: 10 },
          { id: '3', uniqueName: 'team', vote: 10, isContainer: true },
          { id: '4', uniqueName: 'dan@x.example', vote: -5 },
        ],
      },
    },
    [`GET ${repo}/pullRequests/9/iterations?api-version=7.1`]: {
      body: { value: [{ createdDate: '2026-01-01T12:00:00Z' }] },
    },
    [`GET ${repo}/pullRequests/9/threads?api-version=7.1`]: {
      body: { value: [vote('1', '2026-01-02T00:00:00Z'), vote('2', '2026-01-01T00:00:00Z')] },
    },
    [`GET ${repo}/pullRequests/9/commits?api-version=7.1`]: { body: { value: [] } },
  });
  const [review] = await server.open('azure', 'org/proj/_git/r').reviewsOf(sha);
  assert.deepEqual(
    review?.approvals.map(({ by, current }) => [by.name, current]),
    [
      ['bob@x.example', true],
      ['cid@x.example', false],
    ],
  );
});

const comments: readonly {
  readonly kind: ForgeKind;
  readonly path: string;
  readonly list: string;
  readonly listed: (text: string) => unknown;
  readonly create: string;
  readonly update: string;
  readonly textOf: (body: unknown) => unknown;
}[] = [
  {
    kind: 'github',
    path: 'o/r',
    list: 'GET /api/repos/o/r/issues/2/comments?per_page=100',
    listed: (text) => [
      { id: 1, body: 'hello' },
      { id: 8, body: text },
    ],
    create: 'POST /api/repos/o/r/issues/2/comments',
    update: 'PATCH /api/repos/o/r/issues/comments/8',
    textOf: (body) => (body as { readonly body: string }).body,
  },
  {
    kind: 'gitlab',
    path: 'o/r',
    list: 'GET /api/projects/o%2Fr/merge_requests/2/notes?per_page=100',
    listed: (text) => [{ id: 8, body: text }],
    create: 'POST /api/projects/o%2Fr/merge_requests/2/notes',
    update: 'PUT /api/projects/o%2Fr/merge_requests/2/notes/8',
    textOf: (body) => (body as { readonly body: string }).body,
  },
  {
    kind: 'gitea',
    path: 'o/r',
    list: 'GET /api/repos/o/r/issues/2/comments',
    listed: (text) => [{ id: 8, body: text }],
    create: 'POST /api/repos/o/r/issues/2/comments',
    update: 'PATCH /api/repos/o/r/issues/comments/8',
    textOf: (body) => (body as { readonly body: string }).body,
  },
  {
    kind: 'bitbucket',
    path: 'ws/r',
    list: 'GET /api/repositories/ws/r/pullrequests/2/comments?pagelen=100',
    listed: (text) => ({ values: [{ id: 8, content: { raw: text } }] }),
    create: 'POST /api/repositories/ws/r/pullrequests/2/comments',
    update: 'PUT /api/repositories/ws/r/pullrequests/2/comments/8',
    textOf: (body) => (body as { readonly content: { readonly raw: string } }).content.raw,
  },
  {
    kind: 'bitbucket-server',
    path: 'scm/PRJ/r',
    list: 'GET /api/projects/PRJ/repos/r/pull-requests/2/activities?limit=500',
    listed: (text) => ({ values: [{ action: 'COMMENTED', comment: { id: 8, version: 1, text } }] }),
    create: 'POST /api/projects/PRJ/repos/r/pull-requests/2/comments',
    update: 'PUT /api/projects/PRJ/repos/r/pull-requests/2/comments/8',
    textOf: (body) => (body as { readonly text: string }).text,
  },
  {
    kind: 'azure',
    path: 'org/proj/_git/r',
    list: 'GET /api/org/proj/_apis/git/repositories/r/pullRequests/2/threads?api-version=7.1',
    listed: (text) => ({ value: [{ id: 3, comments: [{ id: 8, content: text }] }] }),
    create: 'POST /api/org/proj/_apis/git/repositories/r/pullRequests/2/threads?api-version=7.1',
    update: 'PATCH /api/org/proj/_apis/git/repositories/r/pullRequests/2/threads/3/comments/8?api-version=7.1',
    textOf: (body) => {
      const { content, comments: list } = body as { content?: string; comments?: readonly { content: string }[] };
      return content ?? list?.[0]?.content;
    },
  },
];

for (const { kind, path, list, listed, create, update, textOf } of comments) {
  test(`${kind}: one comment, made once, changed in place, and left alone when it says the same`, async () => {
    const marker = '<!-- plumbline:prod -->';
    const server = await forgeWith({
      [list]: { body: kind === 'github' || kind === 'gitlab' || kind === 'gitea' ? [] : {} },
      [create]: { body: {} },
      [update]: { body: {} },
    });
    const forge = server.open(kind, path);
    await forge.comment(2, marker, 'first');
    server.answer(list, { body: listed(`${marker}\nfirst`) });
    await forge.comment(2, marker, 'first');
    await forge.comment(2, marker, 'second');
    assert.deepEqual(
      server.written.map((one) => [`${one.method} ${one.path}`, textOf(one.body)]),
      [
        [create, `${marker}\nfirst`],
        [update, `${marker}\nsecond`],
      ],
    );
  });
}
