import { EngineError } from '../../model/index.ts';
import type { GitOutcome } from './command.ts';

/** Runs git on the bare repository that holds the notes. */
export type LocalGit = (args: readonly string[], input?: Uint8Array) => Promise<GitOutcome>;

/** The notes of `commits` in the notes commit `tip`; '' where there is none. */
export async function readNotes(git: LocalGit, tip: string, commits: readonly string[]): Promise<Map<string, string>> {
  const wanted = new Set(commits);
  const blobs = new Map<string, string>();
  for (const line of (await checked(git, ['ls-tree', '-r', '-z', tip])).toString('utf8').split('\0')) {
    const [, blob = '', path = ''] = /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    // Git spreads many notes over folders: `ab/cd/ef…` is the note on `abcdef…`.
    const commit = path.replaceAll('/', '');
    if (wanted.has(commit)) blobs.set(commit, blob);
  }
  const texts = new Map<string, string>();
  for (const commit of commits) {
    const blob = blobs.get(commit);
    texts.set(commit, blob === undefined ? '' : (await checked(git, ['cat-file', 'blob', blob])).toString('utf8'));
  }
  return texts;
}

/** Every note in the notes commit `tip`, at most `most`, in the order of the tree. */
export async function readAllNotes(git: LocalGit, tip: string, most: number): Promise<readonly string[]> {
  const lines = (await checked(git, ['ls-tree', '-r', '-z', tip])).toString('utf8').split('\0');
  const blobs = lines.flatMap((line) => /^\d+ blob ([0-9a-f]+)\t/.exec(line)?.[1] ?? []).slice(0, most);
  if (blobs.length === 0) return [];
  const answer = await checked(git, ['cat-file', '--batch'], Buffer.from(`${blobs.join('\n')}\n`));
  const texts: string[] = [];
  // Each answer is `<id> blob <bytes>`, a line end, the bytes, a line end.
  for (let at = 0; at < answer.length; ) {
    const end = answer.indexOf(0x0a, at);
    const bytes = Number(answer.subarray(at, end).toString('utf8').split(' ')[2]);
    if (end < 0 || !Number.isSafeInteger(bytes)) break;
    texts.push(answer.subarray(end + 1, end + 1 + bytes).toString('utf8'));
    at = end + 1 + bytes + 1;
  }
  return texts;
}

/** Makes a commit after `tip` ('' for none) that holds these notes, under the local ref; answers its id. */
export async function writeNotes(
  git: LocalGit,
  ref: string,
  tip: string,
  texts: ReadonlyMap<string, string>,
  now: number,
): Promise<string> {
  const parts: (string | Buffer)[] = [`commit ${ref}\n`];
  parts.push(`committer Plumbline <plumbline@localhost> ${Math.floor(now / 1_000)} +0000\n`);
  parts.push(...dataOf(`Records of ${texts.size === 1 ? 'a commit' : `${texts.size} commits`}\n`));
  if (tip !== '') parts.push(`from ${tip}\n`);
  for (const [commit, text] of texts) parts.push(`N inline ${commit}\n`, ...dataOf(text));
  parts.push('done\n');
  const input = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  await checked(git, ['fast-import', '--quiet', '--force', '--done', '--date-format=raw'], input);
  return (await checked(git, ['rev-parse', '--verify', ref])).toString('utf8').trim();
}

function dataOf(text: string): readonly (string | Buffer)[] {
  const bytes = Buffer.from(text);
  return [`data ${bytes.length}\n`, bytes, '\n'];
}

async function checked(git: LocalGit, args: readonly string[], input?: Uint8Array): Promise<Buffer> {
  const { code, stdout, stderr } = await git(args, input);
  if (code === 0) return stdout;
  throw new EngineError('internal', `git ${args[0]}: ${stderr.trim().split('\n')[0] ?? ''}`, { retry: 'backoff' });
}
