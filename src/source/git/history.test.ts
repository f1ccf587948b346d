// What git itself says of commits: their signatures by real keys, and whether a merge says anything of its own.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SignerKeys } from '../../ports/index.ts';
import { createSources } from '../sources.ts';
import { FakeClock } from '../testing/room.ts';
import { testDirectory, WorkRepository } from '../testing/work-repository.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function open(t: { after(run: () => void): void }, dir: string, keys: () => SignerKeys) {
  const sources = createSources({
    cacheDir: join(dir, 'cache'),
    clock: new FakeClock(),
    random: { next: () => 0.5 },
    log: quiet,
    metrics: { count() {}, observe() {} },
    settings: () => ({ pollInterval: 60_000, pollJitter: 0, helmValuesFileSchemes: [] }),
    credentials: () => [],
    trust: () => ({ tlsCerts: {}, knownHosts: '' }),
    signers: keys,
  });
  t.after(() => void sources.stop());
  return sources;
}

/** A new SSH key; the path of its private half. */
function sshKey(dir: string, name: string): string {
  const path = join(dir, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
  return path;
}

function signWith(repo: WorkRepository, key: string): void {
  repo.git('config', 'gpg.format', 'ssh');
  repo.git('config', 'user.signingKey', key);
}

test('SSH: good, unknown and missing signatures; clean merges and others', async (t) => {
  const dir = testDirectory(t);
  const [ada, bob, eve] = ['ada', 'bob', 'eve'].map((name) => sshKey(dir, name)) as [string, string, string];
  const line = (who: string, key: string) => `${who}@x.example ${readFileSync(`${key}.pub`, 'utf8').trim()}`;
  const keys = { gpg: [], ssh: [line('ada', ada), line('bob', bob)].join('\n') };
  const repo = new WorkRepository(join(dir, 'repo'));
  const base = repo.commit({ 'a.txt': 'one\n', 'b.txt': 'one\n' }, 'base');
  repo.git('checkout', '-q', '-b', 'feature');
  signWith(repo, ada);
  repo.git('config', 'commit.gpgSign', 'true');
  const signed = repo.commit({ 'a.txt': 'two\n' }, 'signed by ada');
  repo.git('checkout', '-q', 'main');
  signWith(repo, eve);
  const unknown = repo.commit({ 'b.txt': 'two\n' }, 'signed by a stranger');
  signWith(repo, bob);
  repo.git('merge', '-q', '--no-ff', '-S', '-m', 'merge', 'feature');
  const merge = repo.head();
  repo.git('config', 'commit.gpgSign', 'false');
  repo.git('checkout', '-q', '-b', 'other', base);
  const plain = repo.commit({ 'c.txt': 'one\n' }, 'not signed');
  repo.git('checkout', '-q', 'main');
  repo.git('merge', '-q', '--no-ff', '--no-commit', 'other');
  const evil = repo.commit({ 'a.txt': 'evil\n' }, 'a merge that changes more');
  const sources = open(t, dir, () => keys);
  const source = { repoURL: repo.dir, targetRevision: 'main' };
  const facts = (await sources.commitsBetween?.(source, { from: base, to: evil }, 'p')) ?? [];
  const byId = new Map(facts.map((one) => [one.id, one]));
  assert.equal(facts.length, 5);
  assert.equal(facts[0]?.id, evil, 'newest first');
  assert.equal(byId.get(signed)?.signature, 'good');
  assert.equal(byId.get(signed)?.signer?.name, 'ada@x.example');
  assert.equal(byId.get(unknown)?.signature, 'unknown-key');
  assert.equal(byId.get(plain)?.signature, 'none');
  assert.deepEqual(
    [byId.get(merge)?.cleanMerge, byId.get(merge)?.signer?.name, byId.get(evil)?.cleanMerge],
    [true, 'bob@x.example', false],
  );
  assert.deepEqual(await sources.commitsBetween?.(source, { from: evil, to: base }, 'p'), [], 'back is nothing new');
  const alone = (await sources.commitsBetween?.(source, { to: merge }, 'p')) ?? [];
  assert.deepEqual(
    alone.map((one) => one.id),
    [merge, signed],
    'without a beginning: the newest, and what it merged',
  );
});

test('GPG: keys of the ring count, whatever trust they carry; others and forged ones do not', async (t) => {
  const dir = testDirectory(t);
  const home = join(dir, 'gpg');
  mkdirSync(home, { mode: 0o700 });
  const env = { ...process.env, GNUPGHOME: home };
  const gpg = (...args: string[]) =>
    execFileSync('gpg', ['--batch', '--quiet', ...args], { env, encoding: 'utf8', stdio: 'pipe' });
  t.after(() => void execFileSync('gpgconf', ['--kill', 'all'], { env }));
  for (const who of ['Ada <ada@x.example>', 'Eve <eve@x.example>']) {
    gpg('--passphrase', '', '--quick-generate-key', who, 'ed25519', 'sign', 'never');
  }
  const keys = { gpg: ['not a key', gpg('--armor', '--export', 'ada@x.example')], ssh: '' };
  const repo = new WorkRepository(join(dir, 'repo'));
  const base = repo.commit({ 'a.txt': 'one\n' }, 'base');
  const commitAs = (who: string) => {
    execFileSync('git', ['-C', repo.dir, 'commit', '-q', '--allow-empty', `-S${who}`, '-m', `by ${who}`], { env });
    return repo.head();
  };
  const good = commitAs('ada@x.example');
  const unknown = commitAs('eve@x.example');
  // The signature of another commit, on a commit that says something else.
  const forged = repo.git('cat-file', 'commit', good).replace('by ada@x.example', 'by somebody else');
  const bad = repo.gitWithInput(Buffer.from(`${forged}\n`), 'hash-object', '-t', 'commit', '-w', '--stdin');
  repo.git('update-ref', 'refs/heads/forged', bad);
  const sources = open(t, dir, () => keys);
  const source = { repoURL: repo.dir, targetRevision: 'main' };
  const facts = (await sources.commitsBetween?.(source, { from: base, to: unknown }, 'p')) ?? [];
  assert.deepEqual(
    facts.map((one) => [one.id, one.signature, one.signer?.name]),
    [
      [unknown, 'unknown-key', undefined],
      [good, 'good', 'ada@x.example'],
    ],
  );
  const [one] = (await sources.commitsBetween?.(source, { from: base, to: bad }, 'p')) ?? [];
  assert.equal(one?.signature, 'bad');
});
