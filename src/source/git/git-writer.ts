import { createHash } from 'node:crypto';
import { EngineError } from '../../model/index.ts';
import type { BranchMove, Clock, GitWriter, NotesChange, Random } from '../../ports/index.ts';
import type { Mirror } from './mirror.ts';
import { type LocalGit, readAllNotes, readNotes, writeNotes } from './notes.ts';
import type { PushedRef } from './push-answer.ts';
import type { GitRemote } from './remote.ts';
import type { GitRepository } from './repository.ts';

/** One repository with the means to write to it. */
export type Writable = { readonly repository: GitRepository; readonly mirror: Mirror; readonly remote: GitRemote };

type Change = { readonly notes: readonly NotesChange[]; readonly branches: readonly BranchMove[] };
/** A ref of the server that is to go from one object ('' for none) to another. */
type Update = { readonly ref: string; readonly from: string; readonly to: string };

const mostAttempts = 8;
const mostUnmoved = 4;
/** Notes that are read at once. */
const mostNotes = 10_000;

/** The GitWriter port over the mirrors: what is written is made there, and pushed with a lease on what was seen. */
export function createGitWriter(
  open: (repoURL: string, project: string) => Promise<Writable>,
  clock: Clock,
  random: Random,
): GitWriter {
  const pause = (attempt: number) =>
    new Promise<void>((resolve) => void clock.after((0.3 + random.next()) * 60 * 2 ** Math.min(attempt, 5), resolve));
  // One at a time in each mirror: they make their objects under the same names.
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = <T>(dir: string, job: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(dir) ?? Promise.resolve()).then(job);
    turns.set(
      dir,
      turn.catch(() => undefined),
    );
    return turn;
  };
  return {
    async write({ repoURL, project }, change) {
      const place = await open(repoURL, project);
      const moved = new Set<string>();
      const seen = new Map<string, number>();
      for (let attempt = 1; attempt <= mostAttempts; attempt++) {
        const pushed = await inTurn(place.mirror.dir, () => pushOnce(place, change, clock.now()));
        for (const { ref, outcome } of pushed) if (outcome === 'done') moved.add(ref);
        // A server that calls a ref moved which it shows unmoved does not want it written.
        const stuck = pushed.find(({ ref, from, outcome }) => {
          const times = (seen.get(`${ref} ${from}`) ?? 0) + 1;
          seen.set(`${ref} ${from}`, times);
          return outcome === 'faster' && times >= mostUnmoved;
        });
        const refused = pushed.find(({ outcome }) => outcome === 'refused') ?? stuck;
        if (refused !== undefined) throw denied(repoURL, refused);
        if (!pushed.some(({ outcome }) => outcome === 'faster')) return { attempts: attempt, moved: [...moved] };
        await pause(attempt);
      }
      const message = `git push: others were faster ${mostAttempts} times`;
      throw new EngineError('repo-unreachable', message, { retry: 'backoff' });
    },
    async note({ repoURL, project }, ref, commit) {
      const { remote, mirror } = await open(repoURL, project);
      return inTurn(mirror.dir, async () => {
        const tip = (await remote.list([ref])).get(ref);
        if (tip === undefined) return undefined;
        await mirror.ready(tip);
        await remote.fetch(mirror.dir, [`+${ref}:${localRef(ref)}`], true);
        const text = (await readNotes(gitOf(mirror), tip, [commit])).get(commit) ?? '';
        return text === '' ? undefined : text;
      });
    },
    async notes({ repoURL, project }, ref) {
      const { remote, mirror } = await open(repoURL, project);
      return inTurn(mirror.dir, async () => {
        const tip = (await remote.list([ref])).get(ref);
        if (tip === undefined) return [];
        await mirror.ready(tip);
        await remote.fetch(mirror.dir, [`+${ref}:${localRef(ref)}`], true);
        return readAllNotes(gitOf(mirror), tip, mostNotes);
      });
    },
  };
}

async function pushOnce(
  place: Writable,
  change: Change,
  now: number,
): Promise<readonly (PushedRef & { readonly from: string })[]> {
  const names = [...change.notes, ...change.branches].map(({ ref }) => ref);
  const known = await place.remote.list(names);
  const updates: Update[] = [];
  for (const notes of change.notes) {
    const update = await prepareNotes(place, notes, known.get(notes.ref) ?? '', now);
    if (update !== undefined) updates.push(update);
  }
  for (const move of change.branches) {
    const from = known.get(move.ref) ?? '';
    if (await mayMove(place.repository, from, move)) updates.push({ ref: move.ref, from, to: move.to });
  }
  const pushed = updates.length === 0 ? [] : await place.remote.push(place.mirror.dir, updates);
  return pushed.map((one) => ({ ...one, from: updates.find(({ ref }) => ref === one.ref)?.from ?? '' }));
}

async function prepareNotes(
  { repository, mirror, remote }: Writable,
  { ref, texts }: NotesChange,
  tip: string,
  now: number,
): Promise<Update | undefined> {
  const commits: string[] = [];
  // A commit that the server has forgotten cannot carry a note.
  for (const commit of texts.keys()) if (await repository.has(commit)) commits.push(commit);
  const [first] = commits;
  if (first === undefined) return undefined;
  const local = localRef(ref);
  const git = gitOf(mirror);
  if (tip !== '' && (await git(['cat-file', '-e', `${tip}^{tree}`])).code !== 0) {
    await remote.fetch(mirror.dir, [`+${ref}:${local}`], true);
  }
  const before = tip === '' ? new Map<string, string>() : await readNotes(git, tip, commits);
  const changed = new Map<string, string>();
  for (const commit of commits) {
    const old = before.get(commit) ?? '';
    const text = texts.get(commit)?.(old) ?? old;
    if (text !== old) changed.set(commit, text);
  }
  if (changed.size === 0) return undefined;
  return { ref, from: tip, to: await writeNotes(git, local, tip, changed, now) };
}

// Forward always; back only on purpose; to another history when this one was given up.
async function mayMove(repository: GitRepository, from: string, { to, back }: BranchMove): Promise<boolean> {
  if (from === to || !(await repository.has(to))) return false;
  if (from === '' || back) return true;
  return (await repository.descends(to, from)) !== true;
}

function gitOf(mirror: Mirror): LocalGit {
  return (args, input) => mirror.run(args, input);
}

function localRef(ref: string): string {
  return `refs/plumbline-write/${createHash('sha256').update(ref).digest('hex').slice(0, 40)}`;
}

function denied(repoURL: string, { ref, why }: PushedRef): EngineError {
  return new EngineError('repo-denied', `git push: ${ref} was refused: ${why}`, { about: repoURL });
}
