// GitLab, API v4. Approvals are not bound to a commit there: one that is older than the newest version is stale.
import {
  at,
  EngineError,
  type Json,
  numberAt,
  type Person,
  personOf,
  type Review,
  stringAt,
} from '../../model/index.ts';
import type { Calls } from './call.ts';
import type { Forge } from './forge.ts';
import { secondsOf } from './github.ts';

const states = { pending: 'pending', success: 'success', failure: 'failed', superseded: 'canceled' } as const;
/** GitLab refuses longer descriptions. */
const longest = 255;

/** The project `group/subgroup/name`. */
export function gitlabForge(calls: Calls, path: string): Forge {
  const project = `/projects/${encodeURIComponent(path)}`;
  const changesOf = async (sha: string) =>
    (await calls.list(`${project}/repository/commits/${sha}/merge_requests?per_page=100`)).flatMap(
      (one) => numberAt(one, 'iid') ?? [],
    );
  return {
    kind: 'gitlab',
    async setStatus(sha, status) {
      const body = {
        state: states[status.state],
        name: status.context,
        description: status.description.slice(0, longest),
        ...(status.link === '' ? {} : { target_url: status.link }),
      };
      try {
        await calls.json('POST', `${project}/statuses/${sha}`, body);
      } catch (thrown) {
        // GitLab refuses to set a state that stands already.
        if (!(thrown instanceof EngineError && /Cannot transition status/.test(thrown.message))) throw thrown;
      }
    },
    changesOf,
    reviewsOf: async (sha) => Promise.all((await changesOf(sha)).map((number) => review(calls, project, number))),
    async change(number) {
      const one = await calls.json('GET', `${project}/merge_requests/${number}`);
      return {
        number,
        head: stringAt(one, 'sha') ?? '',
        base: stringAt(one, 'diff_refs', 'base_sha') ?? '',
        branch: stringAt(one, 'target_branch') ?? '',
        merged: stringAt(one, 'state') === 'merged',
      };
    },
    async comment(number, marker, markdown) {
      const notes = `${project}/merge_requests/${number}/notes`;
      const ours = (await calls.list(`${notes}?per_page=100`)).find((one) => stringAt(one, 'body')?.startsWith(marker));
      const body = { body: `${marker}\n${markdown}` };
      if (ours === undefined) await calls.json('POST', notes, body);
      else if (stringAt(ours, 'body') !== body.body) await calls.json('PUT', `${notes}/${numberAt(ours, 'id')}`, body);
    },
  };
}

async function review(calls: Calls, project: string, number: number): Promise<Review> {
  const place = `${project}/merge_requests/${number}`;
  const [change, approvals, versions, commits, notes] = await Promise.all([
    calls.json('GET', place),
    calls.json('GET', `${place}/approvals`),
    calls.list(`${place}/versions?per_page=100`),
    calls.list(`${place}/commits?per_page=100`),
    calls.list(`${place}/notes?per_page=100&sort=desc`),
  ]);
  const head = stringAt(change, 'sha') ?? '';
  const moved = Math.max(
    0,
    ...versions
      .filter((one) => stringAt(one, 'head_commit_sha') === head)
      .map((one) => Date.parse(stringAt(one, 'created_at') ?? '')),
  );
  const merged = stringAt(change, 'state') === 'merged';
  const became = stringAt(change, 'merge_commit_sha') ?? stringAt(change, 'squash_commit_sha') ?? head;
  const given = at(approvals, 'approved_by');
  return {
    change: `!${number}`,
    author: userOf(at(change, 'author')),
    head,
    merged: merged ? became : '',
    commits: [...commits].reverse().map((one) => ({
      id: stringAt(one, 'id') ?? '',
      author: personOf(stringAt(one, 'author_email'), stringAt(one, 'author_name')),
      at: secondsOf(stringAt(one, 'authored_date')),
    })),
    approvals: (Array.isArray(given) ? (given as readonly Json[]) : []).map((one) => {
      const by = at(one, 'user');
      const when = Date.parse(stringAt(one, 'approved_at') ?? noted(notes, by) ?? '');
      return { by: userOf(by), current: when >= moved };
    }),
  };
}

// GitLab before 18.5 does not say when; the system note does.
function noted(notes: readonly Json[], user: Json | undefined): string | undefined {
  const login = stringAt(user, 'username');
  const note = notes.find(
    (one) =>
      at(one, 'system') === true &&
      stringAt(one, 'body') === 'approved this merge request' &&
      stringAt(one, 'author', 'username') === login,
  );
  return stringAt(note, 'created_at');
}

function userOf(user: Json | undefined): Person {
  return personOf(stringAt(user, 'username'), stringAt(user, 'name'), stringAt(user, 'public_email'));
}
