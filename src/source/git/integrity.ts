// Signatures of what is deployed: of an annotated tag or a commit, and of what came before it.
import { EngineError, isSignedBy, type SignatureFacts } from '../../model/index.ts';
import type { SignerKeys } from '../../ports/index.ts';
import type { GitHome } from './access.ts';
import { signatureFields, signatureOf } from './history.ts';
import { type Keyring, keyringOf } from './keyring.ts';
import type { Mirror } from './mirror.ts';

/** What is asked: a commit, the annotated tag that stands for it, and whether history counts too. */
export type SignaturesAsked = {
  readonly commit: string;
  /** Name and object of the tag. */
  readonly tag?: { readonly name: string; readonly id: string };
  readonly strict: boolean;
  /** Whose seals end the look back; see `isSignedBy`. */
  readonly keys: readonly string[];
};

/** More commits without a seal are not verified one by one. */
const mostCommits = 5_000;
const mostKept = 200;
/** A signed commit with this trailer vouches for everything before it (Argo CD). */
const sealTrailer = 'Argocd-gpg-seal';
// Signatures of objects never change; under another keyring they mean something else.
const kept = new Map<string, readonly SignatureFacts[]>();

/** Signatures, newest first; the commit and the tag must be in the mirror. EngineError `render-limit` when they are too many. */
export async function signaturesOf(
  mirror: Mirror,
  home: GitHome,
  signers: SignerKeys,
  asked: SignaturesAsked,
): Promise<readonly SignatureFacts[]> {
  const keyring = await keyringOf(home, signers);
  const key = JSON.stringify([keyring.env, asked]);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const { tag, strict, commit } = asked;
  const facts = [
    ...(tag === undefined ? [] : [await tagSignature(mirror, keyring, tag)]),
    ...(strict ? await back(mirror, keyring, asked) : []),
    ...(tag === undefined && !strict ? await commits(mirror, keyring, ['--no-walk', commit]) : []),
  ];
  if (kept.size >= mostKept) kept.clear();
  kept.set(key, facts);
  return facts;
}

// A commit and all before it, up to those that a trusted seal vouches for.
async function back(mirror: Mirror, keyring: Keyring, { commit, keys }: SignaturesAsked): Promise<SignatureFacts[]> {
  const { stdout } = await git(mirror, keyring, ['rev-parse', '--is-shallow-repository']);
  if (stdout.toString('utf8').trim() !== 'false') {
    throw new EngineError('repo-config', 'history: a repository of limited depth cannot be verified strictly');
  }
  const claimed = await records(mirror, keyring, ['-E', `--grep=^${sealTrailer}:`, commit]);
  const isSeal = ([, trailer = '', ...signature]: readonly string[]) => {
    const { state, keys: by } = signatureOf(signature);
    return trailer.trim() !== '' && isSignedBy({ signature: state, keys: by }, keys);
  };
  const seals = claimed.filter(isSeal).map(([id]) => `${id}^@`);
  return commits(mirror, keyring, [commit, ...(seals.length === 0 ? [] : ['--not', ...seals])]);
}

async function commits(mirror: Mirror, keyring: Keyring, args: readonly string[]): Promise<SignatureFacts[]> {
  const found = await records(mirror, keyring, args);
  return found.map(([id = '', , ...signature]) => {
    const { state, keys } = signatureOf(signature);
    return { what: `commit ${id.slice(0, 7)}`, signature: state, keys };
  });
}

async function records(mirror: Mirror, keyring: Keyring, args: readonly string[]): Promise<readonly string[][]> {
  const fields = ['%H', `%(trailers:key=${sealTrailer},valueonly,separator=%x20)`, ...signatureFields];
  const format = `--format=${fields.join('%x1f')}%x1e`;
  const limit = `--max-count=${mostCommits + 1}`;
  const log = ['log', '--topo-order', '--no-show-signature', format, limit, ...args, '--'];
  const { stdout } = await git(mirror, keyring, log);
  const found = stdout
    .toString('utf8')
    .split('\x1e')
    .map((text) => text.trim());
  const whole = found.filter((text) => text !== '').map((text) => text.split('\x1f'));
  if (whole.length <= mostCommits) return whole;
  const message = `history: more than ${mostCommits} commits without a seal (${sealTrailer}) that is trusted`;
  throw new EngineError('render-limit', message);
}

async function git(mirror: Mirror, keyring: Keyring, args: readonly string[]) {
  const outcome = await mirror.run([...keyring.config, ...args], undefined, keyring.env);
  if (outcome.code === 0) return outcome;
  const message = `git ${args[0] ?? ''}: ${outcome.stderr.trim().slice(0, 300)}`;
  throw new EngineError('internal', message, { retry: 'backoff' });
}

async function tagSignature(
  mirror: Mirror,
  keyring: Keyring,
  tag: { readonly name: string; readonly id: string },
): Promise<SignatureFacts> {
  const { code, stdout, stderr } = await mirror.run(
    [...keyring.config, 'verify-tag', '--raw', tag.id],
    undefined,
    keyring.env,
  );
  return { what: `tag ${tag.name}`, ...readVerified(code === 0, `${stdout.toString('utf8')}\n${stderr}`) };
}

/** What `git verify-tag --raw` has printed: status lines of gpg, or a sentence of ssh-keygen. */
function readVerified(fine: boolean, text: string): Pick<SignatureFacts, 'signature' | 'keys'> {
  const status = (word: string) => new RegExp(`^\\[GNUPG:\\] ${word} (.*)$`, 'm').exec(text)?.[1]?.split(' ');
  if (status('BADSIG') !== undefined) return { signature: 'bad', keys: [] };
  const valid = status('VALIDSIG');
  const good = status('GOODSIG');
  if (valid !== undefined) {
    const keys = [good?.[0], valid[0], valid.at(-1)].filter((one): one is string => one !== undefined);
    return { signature: fine && good !== undefined ? 'good' : 'unknown-key', keys };
  }
  const missing = status('(?:ERRSIG|NO_PUBKEY)');
  if (missing !== undefined) return { signature: 'unknown-key', keys: missing.slice(0, 1) };
  const [, who, print] = /^Good "git" signature (?:for (\S+) )?with \S+ key (\S+)$/m.exec(text) ?? [];
  if (print !== undefined) {
    return { signature: fine && who !== undefined ? 'good' : 'unknown-key', keys: who ? [print, who] : [print] };
  }
  return { signature: /Could not verify signature|incorrect signature/i.test(text) ? 'bad' : 'none', keys: [] };
}
