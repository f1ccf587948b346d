// Gitea and Forgejo, API v1.
import { at, type Json, numberAt, type Review, stringAt } from '../../model/index.ts';
import type { Calls } from './call.ts';
import type { Forge } from './forge.ts';
import { authorOf, secondsOf, statusBody, userOf } from './github.ts';

/** The repository `owner/name`. */
export function giteaForge(calls: Calls, path: string): Forge {
  const repo = `/repos/${path.split('/').slice(-2).map(encodeURIComponent).join('/')}`;
  // Only the commit that a change became leads back to it.
  const changesOf = async (sha: string): Promise<readonly number[]> => {
    const number = numberAt(await calls.find(`${repo}/commits/${sha}/pull`), 'number');
    return number === undefined ? [] : [number];
  };
  return {
    kind: 'gitea',
    async setStatus(sha, status) {
      const body = statusBody(status);
      const state = status.state === 'superseded' ? 'warning' : body.state;
      await calls.json('POST', `${repo}/statuses/${sha}`, { ...body, state });
    },
    changesOf,
    reviewsOf: async (sha) => Promise.all((await changesOf(sha)).map((number) => review(calls, repo, number))),
    async change(number) {
      const one = await calls.json('GET', `${repo}/pulls/${number}`);
      return {
        number,
        head: stringAt(one, 'head', 'sha') ?? '',
        base: stringAt(one, 'base', 'sha') ?? '',
        branch: stringAt(one, 'base', 'ref') ?? '',
        merged: at(one, 'merged') === true,
      };
    },
    async comment(number, marker, markdown) {
      const comments = await calls.list(`${repo}/issues/${number}/comments`);
      const ours = comments.find((one) => stringAt(one, 'body')?.startsWith(marker));
      const body = { body: `${marker}\n${markdown}` };
      if (ours === undefined) await calls.json('POST', `${repo}/issues/${number}/comments`, body);
      else if (stringAt(ours, 'body') !== body.body)
        await calls.json('PATCH', `${repo}/issues/comments/${numberAt(ours, 'id')}`, body);
    },
  };
}

async function review(calls: Calls, repo: string, number: number): Promise<Review> {
  const [change, reviews, commits] = await Promise.all([
    calls.json('GET', `${repo}/pulls/${number}`),
    calls.list(`${repo}/pulls/${number}/reviews?limit=50`),
    calls.list(`${repo}/pulls/${number}/commits?limit=50`),
  ]);
  const head = stringAt(change, 'head', 'sha') ?? '';
  const oldestFirst = [...commits].reverse();
  return {
    change: `#${number}`,
    author: userOf(at(change, 'user')),
    head,
    merged: at(change, 'merged') === true ? (stringAt(change, 'merge_commit_sha') ?? '') : '',
    commits: oldestFirst.map((one) => ({
      id: stringAt(one, 'sha') ?? '',
      author: authorOf(one),
      at: secondsOf(stringAt(one, 'commit', 'author', 'date')),
    })),
    approvals: lastOpinions(reviews)
      // Official are those of people who may write there, or whom the branch's protection names.
      .filter((one) => stringAt(one, 'state') === 'APPROVED' && at(one, 'dismissed') !== true)
      .filter((one) => at(one, 'official') === true)
      .map((one) => ({
        by: userOf(at(one, 'user')),
        current: at(one, 'stale') !== true && stringAt(one, 'commit_id') === head,
      })),
  };
}

function lastOpinions(reviews: readonly Json[]): readonly Json[] {
  const last = new Map<string, Json>();
  for (const one of reviews) {
    const state = stringAt(one, 'state') ?? '';
    if (state === 'APPROVED' || state === 'REQUEST_CHANGES') last.set(stringAt(one, 'user', 'login') ?? '', one);
  }
  return [...last.values()];
}
