// GitHub and GitHub Enterprise Server, REST API 2022-11-28.
import { at, type Json, numberAt, type Person, personOf, type Review, stringAt } from '../../model/index.ts';
import type { Calls } from './call.ts';
import type { CommitStatus, Forge } from './forge.ts';

const states = { pending: 'pending', success: 'success', failure: 'failure', superseded: 'error' } as const;
const members: ReadonlySet<string> = new Set(['OWNER', 'MEMBER', 'COLLABORATOR']);
/** GitHub refuses longer descriptions. */
const longest = 140;

/** The repository `owner/name`. */
export function githubForge(calls: Calls, path: string): Forge {
  const repo = `/repos/${path.split('/').slice(-2).map(encodeURIComponent).join('/')}`;
  const changesOf = async (sha: string) =>
    (await calls.list(`${repo}/commits/${sha}/pulls?per_page=100`)).flatMap((one) => numberAt(one, 'number') ?? []);
  return {
    kind: 'github',
    setStatus: async (sha, status) => void (await calls.json('POST', `${repo}/statuses/${sha}`, statusBody(status))),
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
      const comments = await calls.list(`${repo}/issues/${number}/comments?per_page=100`);
      const ours = comments.find((one) => stringAt(one, 'body')?.startsWith(marker));
      const body = { body: `${marker}\n${markdown}` };
      if (ours === undefined) await calls.json('POST', `${repo}/issues/${number}/comments`, body);
      else if (stringAt(ours, 'body') !== body.body)
        await calls.json('PATCH', `${repo}/issues/comments/${numberAt(ours, 'id')}`, body);
    },
  };
}

/** A status as GitHub and Gitea take it. */
export function statusBody(status: CommitStatus) {
  return {
    state: states[status.state],
    context: status.context,
    description: status.description.slice(0, longest),
    ...(status.link === '' ? {} : { target_url: status.link }),
  };
}

async function review(calls: Calls, repo: string, number: number): Promise<Review> {
  const [change, reviews, commits] = await Promise.all([
    calls.json('GET', `${repo}/pulls/${number}`),
    calls.list(`${repo}/pulls/${number}/reviews?per_page=100`),
    calls.list(`${repo}/pulls/${number}/commits?per_page=100`),
  ]);
  const head = stringAt(change, 'head', 'sha') ?? '';
  return {
    change: `#${number}`,
    author: userOf(at(change, 'user')),
    head,
    merged: at(change, 'merged') === true ? (stringAt(change, 'merge_commit_sha') ?? '') : '',
    commits: commits.map((one) => ({
      id: stringAt(one, 'sha') ?? '',
      author: authorOf(one),
      at: secondsOf(stringAt(one, 'commit', 'author', 'date')),
    })),
    approvals: lastOpinions(reviews)
      // Anybody may approve in a public repository; only members count.
      .filter((one) => stringAt(one, 'state') === 'APPROVED' && members.has(stringAt(one, 'author_association') ?? ''))
      .map((one) => ({ by: userOf(at(one, 'user')), current: stringAt(one, 'commit_id') === head })),
  };
}

// What somebody said last counts; a comment is no opinion.
function lastOpinions(reviews: readonly Json[]): readonly Json[] {
  const last = new Map<string, Json>();
  for (const one of reviews) {
    const state = stringAt(one, 'state') ?? '';
    if (['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED'].includes(state))
      last.set(stringAt(one, 'user', 'login') ?? '', one);
  }
  return [...last.values()];
}

/** Somebody as GitHub and Gitea show them. */
export function userOf(user: Json | undefined): Person {
  const email = stringAt(user, 'email');
  return personOf(stringAt(user, 'login'), stringAt(user, 'full_name'), email);
}

/** The author of a commit as GitHub and Gitea show it: the account where there is one, and what the commit says. */
export function authorOf(commit: Json): Person {
  return personOf(
    stringAt(commit, 'author', 'login'),
    stringAt(commit, 'commit', 'author', 'email'),
    stringAt(commit, 'commit', 'author', 'name'),
  );
}

/** Seconds since the epoch of a time as forges write it, 0 for none. */
export function secondsOf(text: string | undefined): number {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1_000);
}
