// Azure DevOps Services and Server, REST API 7.1. Votes are not bound to a commit: one before the newest push is stale.
import {
  at,
  type Json,
  listAt,
  numberAt,
  objectAt,
  type Person,
  personOf,
  type Review,
  stringAt,
} from '../../model/index.ts';
import type { Calls } from './call.ts';
import type { Forge } from './forge.ts';
import { secondsOf } from './github.ts';

const states = { pending: 'pending', success: 'succeeded', failure: 'failed', superseded: 'notApplicable' } as const;
const version = 'api-version=7.1';

/** `org`, `project` and `repo` of every form of address that Azure DevOps has. */
export function azurePlace(
  host: string,
  path: string,
): { readonly org: string; readonly project: string; readonly repo: string } {
  const parts = path.split('/').filter((part) => part.toLowerCase() !== 'defaultcollection');
  const legacy = /^([a-z0-9-]+)\.visualstudio\.com$/.exec(host)?.[1];
  if (parts[0] === 'v3') return { org: parts[1] ?? '', project: parts[2] ?? '', repo: parts[3] ?? '' };
  const [before, repo = ''] = [parts.slice(0, parts.indexOf('_git')), parts[parts.indexOf('_git') + 1]];
  const places = legacy === undefined ? before : [legacy, ...before];
  const org = places[0] ?? '';
  // A repository that is named as its project leaves the project out.
  return { org, project: places[1] ?? repo, repo };
}

/** The repository; paths of calls begin below the organisation. */
export function azureForge(calls: Calls, place: { readonly project: string; readonly repo: string }): Forge {
  const repo = `/${encodeURIComponent(place.project)}/_apis/git/repositories/${encodeURIComponent(place.repo)}`;
  const changesOf = (sha: string) => queryChanges(calls, repo, sha);
  return {
    kind: 'azure',
    async setStatus(sha, status) {
      const [genre, ...name] = status.context.split('/');
      await calls.json('POST', `${repo}/commits/${sha}/statuses?${version}`, {
        state: states[status.state],
        description: status.description,
        context: { genre: genre ?? 'plumbline', name: name.join('/') },
        ...(status.link === '' ? {} : { targetUrl: status.link }),
      });
    },
    changesOf,
    reviewsOf: async (sha) => Promise.all((await changesOf(sha)).map((number) => review(calls, repo, number))),
    async change(number) {
      const one = await calls.json('GET', `${repo}/pullrequests/${number}?${version}`);
      return {
        number,
        head: stringAt(one, 'lastMergeSourceCommit', 'commitId') ?? '',
        base: stringAt(one, 'lastMergeTargetCommit', 'commitId') ?? '',
        branch: (stringAt(one, 'targetRefName') ?? '').replace(/^refs\/heads\//, ''),
        merged: stringAt(one, 'status') === 'completed',
      };
    },
    async comment(number, marker, markdown) {
      const threads = `${repo}/pullRequests/${number}/threads`;
      const content = `${marker}\n${markdown}`;
      for (const thread of await calls.list(`${threads}?${version}`, 'value')) {
        const ours = listAt(thread, 'comments').find((one) => stringAt(one, 'content')?.startsWith(marker));
        if (ours === undefined || at(thread, 'isDeleted') === true) continue;
        if (stringAt(ours, 'content') === content) return;
        const path = `${threads}/${numberAt(thread, 'id')}/comments/${numberAt(ours, 'id')}?${version}`;
        await calls.json('PATCH', path, { content });
        return;
      }
      const comments = [{ parentCommentId: 0, content, commentType: 'text' }];
      await calls.json('POST', `${threads}?${version}`, { comments, status: 'closed' });
    },
  };
}

async function queryChanges(calls: Calls, repo: string, sha: string): Promise<readonly number[]> {
  const queries = ['lastMergeCommit', 'commit'].map((type) => ({ type, items: [sha] }));
  const answer = await calls.json('POST', `${repo}/pullrequestquery?${version}`, { queries });
  const found = listAt(answer, 'results').flatMap((result) => listAt(objectAt(result), sha));
  return [...new Set(found.flatMap((one) => numberAt(one, 'pullRequestId') ?? []))];
}

async function review(calls: Calls, repo: string, number: number): Promise<Review> {
  const place = `${repo}/pullRequests/${number}`;
  const [change, iterations, threads, commits] = await Promise.all([
    calls.json('GET', `${repo}/pullrequests/${number}?${version}`),
    calls.list(`${place}/iterations?${version}`, 'value'),
    calls.list(`${place}/threads?${version}`, 'value'),
    calls.list(`${place}/commits?${version}`, 'value'),
  ]);
  const moved = Math.max(0, ...iterations.map((one) => Date.parse(stringAt(one, 'createdDate') ?? '')));
  // 10 is approved, 5 approved with suggestions; a group that votes is no person.
  const votes = listAt(change, 'reviewers').filter(
    (one) => (numberAt(one, 'vote') ?? 0) >= 5 && at(one, 'isContainer') !== true,
  );
  return {
    change: `!${number}`,
    author: userOf(at(change, 'createdBy')),
    head: stringAt(change, 'lastMergeSourceCommit', 'commitId') ?? '',
    merged: stringAt(change, 'status') === 'completed' ? (stringAt(change, 'lastMergeCommit', 'commitId') ?? '') : '',
    commits: [...commits].reverse().map((one) => ({
      id: stringAt(one, 'commitId') ?? '',
      author: personOf(stringAt(one, 'author', 'email'), stringAt(one, 'author', 'name')),
      at: secondsOf(stringAt(one, 'author', 'date')),
    })),
    approvals: votes.map((one) => ({ by: userOf(one), current: votedAt(threads, one) >= moved })),
  };
}

// When somebody last voted; threads that tell of votes name the voter as the author of their first comment.
function votedAt(threads: readonly Json[], reviewer: Json): number {
  const times = threads
    .filter((one) => stringAt(one, 'properties', 'CodeReviewThreadType', '$value') === 'VoteUpdate')
    .filter((one) =>
      listAt(one, 'comments').some((said) => stringAt(said, 'author', 'id') === stringAt(reviewer, 'id')),
    )
    .map((one) => Date.parse(stringAt(one, 'publishedDate') ?? ''));
  return Math.max(Number.NEGATIVE_INFINITY, ...times);
}

function userOf(user: Json | undefined): Person {
  return personOf(stringAt(user, 'uniqueName'), stringAt(user, 'displayName'));
}
