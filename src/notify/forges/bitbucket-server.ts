// Bitbucket Server and Data Center, REST API.
import { at, type Json, listAt, numberAt, type Person, personOf, type Review, stringAt } from '../../model/index.ts';
import type { Calls } from './call.ts';
import type { Forge } from './forge.ts';

const states = { pending: 'INPROGRESS', success: 'SUCCESSFUL', failure: 'FAILED', superseded: 'CANCELLED' } as const;
const longest = 255;

/** The repository `PROJECT/name` or `scm/PROJECT/name`; `web` is the address of the server. */
export function bitbucketServerForge(calls: Calls, path: string, web: string): Forge {
  const [project = '', name = ''] = path.split('/').slice(-2);
  const repo = `/projects/${encodeURIComponent(project)}/repos/${encodeURIComponent(name)}`;
  const changesOf = async (sha: string) =>
    (await calls.list(`${repo}/commits/${sha}/pull-requests?limit=100`, 'values')).flatMap(
      (one) => numberAt(one, 'id') ?? [],
    );
  return {
    kind: 'bitbucket-server',
    async setStatus(sha, status) {
      await calls.json('POST', `${repo}/commits/${sha}/builds`, {
        key: status.context.slice(0, longest),
        name: status.context.slice(0, longest),
        state: states[status.state],
        description: status.description.slice(0, longest),
        // An address is required.
        url: status.link === '' ? `${web}${repo}/commits/${sha}` : status.link,
      });
    },
    changesOf,
    reviewsOf: async (sha) => Promise.all((await changesOf(sha)).map((number) => review(calls, repo, number))),
    async change(number) {
      const one = await calls.json('GET', `${repo}/pull-requests/${number}`);
      return {
        number,
        head: stringAt(one, 'fromRef', 'latestCommit') ?? '',
        base: stringAt(one, 'toRef', 'latestCommit') ?? '',
        branch: stringAt(one, 'toRef', 'displayId') ?? '',
        merged: stringAt(one, 'state') === 'MERGED',
      };
    },
    async comment(number, marker, markdown) {
      const place = `${repo}/pull-requests/${number}`;
      const activities = await calls.list(`${place}/activities?limit=500`, 'values');
      const ours = activities
        .map((one) => at(one, 'comment'))
        .find((one) => stringAt(one, 'text')?.startsWith(marker) === true);
      const text = `${marker}\n${markdown}`;
      if (ours === undefined) await calls.json('POST', `${place}/comments`, { text });
      else if (stringAt(ours, 'text') !== text) {
        const version = numberAt(ours, 'version') ?? 0;
        await calls.json('PUT', `${place}/comments/${numberAt(ours, 'id')}`, { text, version });
      }
    },
  };
}

async function review(calls: Calls, repo: string, number: number): Promise<Review> {
  const place = `${repo}/pull-requests/${number}`;
  const [change, commits] = await Promise.all([
    calls.json('GET', place),
    calls.list(`${place}/commits?limit=500`, 'values'),
  ]);
  const head = stringAt(change, 'fromRef', 'latestCommit') ?? '';
  const merged = stringAt(change, 'state') === 'MERGED';
  const people = [...listAt(change, 'reviewers'), ...listAt(change, 'participants')];
  return {
    change: `#${number}`,
    author: userOf(at(change, 'author', 'user')),
    head,
    merged: merged ? (stringAt(change, 'properties', 'mergeCommit', 'id') ?? head) : '',
    commits: [...commits].reverse().map((one) => ({
      id: stringAt(one, 'id') ?? '',
      author: userOf(at(one, 'author')),
      at: Math.floor((numberAt(one, 'authorTimestamp') ?? 0) / 1_000),
    })),
    approvals: people
      .filter((one) => stringAt(one, 'status') === 'APPROVED')
      .map((one) => ({ by: userOf(at(one, 'user')), current: stringAt(one, 'lastReviewedCommit') === head })),
  };
}

function userOf(user: Json | undefined): Person {
  return personOf(
    stringAt(user, 'slug') ?? stringAt(user, 'name'),
    stringAt(user, 'name'),
    stringAt(user, 'displayName'),
    stringAt(user, 'emailAddress'),
  );
}
