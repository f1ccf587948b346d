// Bitbucket Cloud, API 2.0. Approvals are not bound to a commit: one before the newest update of the branch is stale.
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

const states = { pending: 'INPROGRESS', success: 'SUCCESSFUL', failure: 'FAILED', superseded: 'STOPPED' } as const;
/** Bitbucket refuses longer keys. */
const longestKey = 40;

/** The repository `workspace/name`; `web` is the address of its pages. */
export function bitbucketForge(calls: Calls, path: string, web: string): Forge {
  const repo = `/repositories/${path.split('/').slice(-2).map(encodeURIComponent).join('/')}`;
  const changesOf = async (sha: string) =>
    (await calls.list(`${repo}/commit/${sha}/pullrequests?pagelen=50`, 'values')).flatMap(
      (one) => numberAt(one, 'id') ?? [],
    );
  return {
    kind: 'bitbucket',
    async setStatus(sha, status) {
      await calls.json('POST', `${repo}/commit/${sha}/statuses/build`, {
        key: keyOf(status.context),
        name: status.context,
        state: states[status.state],
        description: status.description,
        // An address is required.
        url: status.link === '' ? `${web}/commits/${sha}` : status.link,
      });
    },
    changesOf,
    reviewsOf: async (sha) => Promise.all((await changesOf(sha)).map((number) => review(calls, repo, number))),
    async change(number) {
      const one = await calls.json('GET', `${repo}/pullrequests/${number}`);
      return {
        number,
        head: stringAt(one, 'source', 'commit', 'hash') ?? '',
        base: stringAt(one, 'destination', 'commit', 'hash') ?? '',
        branch: stringAt(one, 'destination', 'branch', 'name') ?? '',
        merged: stringAt(one, 'state') === 'MERGED',
      };
    },
    async comment(number, marker, markdown) {
      const place = `${repo}/pullrequests/${number}/comments`;
      const comments = await calls.list(`${place}?pagelen=100`, 'values');
      const ours = comments.find(
        (one) => at(one, 'deleted') !== true && stringAt(one, 'content', 'raw')?.startsWith(marker),
      );
      const raw = `${marker}\n${markdown}`;
      if (ours === undefined) await calls.json('POST', place, { content: { raw } });
      else if (stringAt(ours, 'content', 'raw') !== raw)
        await calls.json('PUT', `${place}/${numberAt(ours, 'id')}`, { content: { raw } });
    },
  };
}

// Long names keep their end, which tells environments apart, and a number made of the whole.
function keyOf(context: string): string {
  if (context.length <= longestKey) return context;
  let sum = 0;
  for (const char of context) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 1_000_000_007;
  return `${sum.toString(36)}-${context.slice(-(longestKey - 8))}`;
}

async function review(calls: Calls, repo: string, number: number): Promise<Review> {
  const place = `${repo}/pullrequests/${number}`;
  const [change, activity, commits] = await Promise.all([
    calls.json('GET', place),
    calls.list(`${place}/activity?pagelen=50`, 'values'),
    calls.list(`${place}/commits?pagelen=100`, 'values'),
  ]);
  const newestFirst = commits.map((one) => ({
    id: stringAt(one, 'hash') ?? '',
    author: authorOf(objectAt(one, 'author')),
    at: secondsOf(stringAt(one, 'date')),
  }));
  const short = stringAt(change, 'source', 'commit', 'hash') ?? '';
  const moved = lastMove(activity, short);
  const approvals = listAt(change, 'participants').filter((one) => at(one, 'approved') === true);
  return {
    change: `#${number}`,
    author: userOf(at(change, 'author')),
    // The change names its commits short.
    head: newestFirst.find(({ id }) => id.startsWith(short))?.id ?? short,
    merged: stringAt(change, 'merge_commit', 'hash') ?? '',
    commits: newestFirst.reverse(),
    approvals: approvals.map((one) => ({
      by: userOf(at(one, 'user')),
      current: Date.parse(stringAt(one, 'participated_on') ?? '') >= moved,
    })),
  };
}

// When the branch came to be what it is: the oldest update in an unbroken row that names its present head.
function lastMove(activity: readonly Json[], head: string): number {
  let moved = 0;
  for (const one of activity) {
    const hash = stringAt(one, 'update', 'source', 'commit', 'hash');
    if (hash === undefined) continue;
    if (hash !== head) break;
    moved = Date.parse(stringAt(one, 'update', 'date') ?? '');
  }
  return moved;
}

function userOf(user: Json | undefined): Person {
  return personOf(stringAt(user, 'nickname'), stringAt(user, 'display_name'), stringAt(user, 'uuid'));
}

function authorOf(author: Json): Person {
  const [, name, email] = /^(.*?)\s*<([^>]*)>$/.exec(stringAt(author, 'raw') ?? '') ?? [];
  const user = at(author, 'user');
  return personOf(stringAt(user, 'nickname'), stringAt(user, 'display_name'), stringAt(user, 'uuid'), email, name);
}
