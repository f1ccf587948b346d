import { createHash } from 'node:crypto';
import { EngineError } from '../../model/index.ts';
import type { Clock, FilesChange, FilesCommitted, GitFiles, Random } from '../../ports/index.ts';
import type { Writable } from './git-writer.ts';

const mostAttempts = 8;

/** The GitFiles port over the mirrors: the commit is made there, and pushed with a lease on what was seen. */
export function createGitFiles(
  open: (repoURL: string, project: string) => Promise<Writable>,
  clock: Clock,
  random: Random,
): GitFiles {
  const pause = (attempt: number) =>
    new Promise<void>((resolve) => void clock.after((0.3 + random.next()) * 60 * 2 ** Math.min(attempt, 5), resolve));
  return {
    async commit({ repoURL, project }, change) {
      const place = await open(repoURL, project);
      for (let attempt = 1; attempt <= mostAttempts; attempt++) {
        const made = await commitOnce(place, change, clock.now(), repoURL);
        if (made !== 'faster') return made;
        await pause(attempt);
      }
      const message = `git push: others were faster ${mostAttempts} times`;
      throw new EngineError('repo-unreachable', message, { about: repoURL, retry: 'backoff' });
    },
  };
}

async function commitOnce(
  place: Writable,
  { base, review, edit }: FilesChange,
  now: number,
  about: string,
): Promise<FilesCommitted | undefined | 'faster'> {
  const { repository, remote, mirror } = place;
  const { revision, found } = await repository.resolve(base, '', true);
  const baseRef = `refs/heads/${found}`;
  const branch = review ?? found;
  const ref = `refs/heads/${found === '' ? '' : checkedBranch(branch, about)}`;
  const tips = found === '' ? new Map<string, string>() : await remote.list([...new Set([baseRef, ref])]);
  if (tips.get(baseRef) === undefined) {
    const message = `git: not a branch that can be committed to: ${base === '' ? 'HEAD' : base} in ${about}`;
    throw new EngineError('revision-not-found', message, { about });
  }
  if (tips.get(baseRef) !== revision) return 'faster';
  const { message, files } = await edit(await repository.tree(revision));
  if (files.size === 0) return undefined;
  const commit = await makeCommit(place, revision, message, files, now);
  const from = tips.get(ref) ?? '';
  if (review !== undefined && from !== '' && (await isSame(place, ref, from, commit, revision)))
    return { commit: from, branch, pushed: false };
  const [pushed] = await remote.push(mirror.dir, [{ ref, from, to: commit }]);
  if (pushed?.outcome === 'refused')
    throw new EngineError('repo-denied', `git push: ${ref} was refused: ${pushed.why}`, { about });
  if (pushed?.outcome !== 'done') return 'faster';
  // Whoever follows the branch learns of it now, not at the next poll.
  await repository.resolve(base, '', true).catch(() => undefined);
  return { commit, branch, pushed: true };
}

// What was proposed before, on top of the same commit, is not proposed again.
async function isSame({ mirror, remote }: Writable, ref: string, tip: string, commit: string, base: string) {
  await remote.fetch(mirror.dir, [`+${ref}:${localRef(`seen ${ref}`)}`], true);
  const show = async (id: string) => {
    const { code, stdout } = await mirror.run(['show', '-s', '--format=%T %P', id]);
    return code === 0 ? stdout.toString('utf8').trim() : '';
  };
  const [theirs, ours] = await Promise.all([show(tip), show(commit)]);
  return theirs === ours && theirs.endsWith(base);
}

async function makeCommit(
  { mirror }: Writable,
  parent: string,
  message: string,
  files: ReadonlyMap<string, string>,
  now: number,
): Promise<string> {
  const ref = localRef(`${parent}\0${message}`);
  const parts: (string | Buffer)[] = [`commit ${ref}\n`];
  parts.push(`committer Plumbline <plumbline@localhost> ${Math.floor(now / 1_000)} +0000\n`);
  parts.push(...dataOf(message), `from ${parent}\n`);
  for (const [path, text] of files) {
    const mode = await modeOf(mirror, parent, path);
    parts.push(`M ${mode} inline ${quoted(path)}\n`, ...dataOf(text));
  }
  parts.push('done\n');
  const input = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const options = ['--quiet', '--force', '--done', '--date-format=raw'];
  const { code, stderr } = await mirror.run(['fast-import', ...options], input);
  if (code !== 0) throw new EngineError('internal', `git fast-import: ${stderr.trim().split('\n')[0] ?? ''}`);
  const { stdout } = await mirror.run(['rev-parse', '--verify', ref]);
  return stdout.toString('utf8').trim();
}

/** The mode of a file that is there. Links are not written through. */
async function modeOf(mirror: Writable['mirror'], commit: string, path: string): Promise<string> {
  const { stdout } = await mirror.run(['ls-tree', '-z', commit, '--', `:(literal)${path}`]);
  const mode = /^(100644|100755) blob /.exec(stdout.toString('utf8'))?.[1];
  if (mode !== undefined) return mode;
  throw new EngineError('path-not-found', `git: no file that can be written: ${path}`, { about: path });
}

function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function dataOf(text: string): readonly (string | Buffer)[] {
  const bytes = Buffer.from(text);
  return [`data ${bytes.length}\n`, bytes, '\n'];
}

function localRef(what: string): string {
  return `refs/plumbline-write/${createHash('sha256').update(what).digest('hex').slice(0, 40)}`;
}

/** A name that git takes for a branch. */
function checkedBranch(name: string, about: string): string {
  const fine = /^[A-Za-z0-9_][\w./@+-]{0,199}$/.test(name) && !/\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)|[./]$/.test(name);
  if (fine) return name;
  throw new EngineError('repo-config', `git: not the name of a branch: ${name.slice(0, 100)} in ${about}`, { about });
}
