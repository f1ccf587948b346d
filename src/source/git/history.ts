import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommitFacts, EngineError, type Person, personOf } from '../../model/index.ts';
import type { SignerKeys } from '../../ports/index.ts';
import type { GitHome } from './access.ts';
import { keyringOf } from './keyring.ts';
import type { Mirror } from './mirror.ts';

/** More commits at once are not proven one by one. */
const mostCommits = 500;
/** What git log prints of a signature, for `signatureOf`. */
export const signatureFields = ['%G?', '%GS', '%GK', '%GP', '%GF'];
const fields = ['%H', '%P', '%T', '%an', '%ae', '%cn', '%ce', '%at', '%s', ...signatureFields];

/**
 * The commits that `to` has and `from` does not, newest first; both must be in the mirror. Without `from`: the newest
 * and what it merged. EngineError `render-limit` when they are too many.
 */
export async function commitsBetween(
  mirror: Mirror,
  home: GitHome,
  keys: SignerKeys,
  range: { readonly from?: string; readonly to: string },
): Promise<readonly CommitFacts[]> {
  const keyring = await keyringOf(home, keys);
  const { to } = range;
  const from = range.from ?? (await firstParent(mirror, to));
  const format = `--format=${fields.join('%x1f')}%x1e`;
  const limits = [...(from === undefined ? [] : [`^${from}`]), `--max-count=${mostCommits + 1}`];
  const args = [...keyring.config, 'log', '--topo-order', '--no-show-signature', format, to, ...limits, '--'];
  const { code, stdout, stderr } = await mirror.run(args, undefined, keyring.env);
  if (code !== 0) throw new EngineError('internal', `git log: ${stderr.trim().slice(0, 300)}`, { retry: 'backoff' });
  const records = stdout
    .toString('utf8')
    .split('\x1e')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  if (records.length > mostCommits) {
    throw new EngineError('render-limit', `history: more than ${mostCommits} commits at once: ${to}`, { about: to });
  }
  const facts: CommitFacts[] = [];
  for (const record of records) facts.push(await factsOf(mirror, record.split('\x1f')));
  return facts;
}

async function firstParent(mirror: Mirror, commit: string): Promise<string | undefined> {
  const { code, stdout } = await mirror.run(['rev-parse', '--verify', '--quiet', `${commit}^1`]);
  return code === 0 ? stdout.toString('utf8').trim() : undefined;
}

async function factsOf(mirror: Mirror, record: readonly string[]): Promise<CommitFacts> {
  const [id = '', parentList = '', tree = '', an, ae, cn, ce, at, subject = '', ...signature] = record;
  const parents = parentList.split(' ').filter((one) => one !== '');
  const { state, signer } = signatureOf(signature);
  return {
    id,
    parents,
    author: personOf(an, ae),
    committer: personOf(cn, ce),
    at: Number(at),
    subject: subject.slice(0, 200),
    cleanMerge: parents.length === 2 && (await isCleanMerge(mirror, parents, tree)),
    signature: state,
    ...(signer === undefined ? {} : { signer }),
  };
}

/** What git says: `%G?`, the signer, the key, its primary fingerprint, the fingerprint of what signed. */
export function signatureOf(said: readonly string[]): {
  readonly state: CommitFacts['signature'];
  readonly signer?: Person;
  /** Id and fingerprints of the key, and the principal of an SSH key that is allowed. */
  readonly keys: readonly string[];
} {
  const [status = 'N', signer = '', key = '', primary = '', fingerprint = ''] = said;
  if (status === 'N' || status === '') return { state: 'none', keys: [] };
  if (status === 'B') return { state: 'bad', keys: [] };
  // Only allowed keys are in the keyring, whatever trust they carry; for SSH git itself says who is allowed.
  const isSsh = key.startsWith('SHA256:') || fingerprint.startsWith('SHA256:');
  const keys = [...new Set([key, primary, fingerprint].filter((one) => one !== ''))];
  if (status !== 'G' && !(status === 'U' && !isSsh)) return { state: 'unknown-key', keys };
  const [, name = '', email = ''] = /^(.*?)\s*<([^>]*)>\s*$/.exec(signer) ?? [];
  const person = email === '' ? personOf(signer, primary || key) : personOf(email, name, primary);
  return { state: 'good', signer: person, keys: isSsh ? [...keys, signer] : keys };
}

// git merges the parents by itself, in a place of its own, and the result is compared.
async function isCleanMerge(mirror: Mirror, parents: readonly string[], tree: string): Promise<boolean> {
  const scratch = await mkdtemp(join(mirror.dir, 'merge-'));
  try {
    const env = { GIT_OBJECT_DIRECTORY: scratch, GIT_ALTERNATE_OBJECT_DIRECTORIES: join(mirror.dir, 'objects') };
    const { code, stdout } = await mirror.run(['merge-tree', '--write-tree', ...parents], undefined, env);
    return code === 0 && stdout.toString('utf8').split('\n')[0]?.trim() === tree;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
