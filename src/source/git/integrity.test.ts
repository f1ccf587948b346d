// What git says of signatures of commits, of tags, and of everything before them, with real keys.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSignedBy } from '../../model/index.ts';
import { createSources } from '../sources.ts';
import { FakeClock } from '../testing/room.ts';
import { testDirectory, WorkRepository } from '../testing/work-repository.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

type Setting = Parameters<typeof createSources>[0];

function open(t: { after(run: () => void): void }, dir: string, signers: NonNullable<Setting['signers']>) {
  const sources = createSources({
    cacheDir: join(dir, 'cache'),
    clock: new FakeClock(),
    random: { next: () => 0.5 },
    log: quiet,
    metrics: { count() {}, observe() {} },
    settings: () => ({ pollInterval: 60_000, pollJitter: 0, helmValuesFileSchemes: [] }),
    credentials: () => [],
    trust: () => ({ tlsCerts: {}, knownHosts: '' }),
    signers,
  });
  t.after(() => void sources.stop());
  return (repoURL: string, targetRevision: string, revision: string, strict: boolean, keys: readonly string[]) =>
    sources.signatures?.({ repoURL, targetRevision }, revision, { strict, keys }, 'p');
}

test('GPG: commits, tags, history and seals', async (t) => {
  const dir = testDirectory(t);
  const home = join(dir, 'gnupg');
  mkdirSync(home, { mode: 0o700 });
  const env = { ...process.env, GNUPGHOME: home };
  const gpg = (...args: string[]) => execFileSync('gpg', ['--batch', '--quiet', ...args], { env, encoding: 'utf8' });
  t.after(() => void execFileSync('gpgconf', ['--kill', 'all'], { env }));
  for (const who of ['ada@x.example', 'eve@x.example']) {
    gpg('--passphrase', '', '--quick-generate-key', who, 'ed25519', 'sign', 'never');
  }
  const print = /^fpr:+([0-9A-F]+):/m.exec(gpg('--with-colons', '--list-keys', 'ada@x.example'))?.[1] ?? '';
  const ada = print.slice(-16);
  const repo = new WorkRepository(join(dir, 'repo'));
  const git = (...args: string[]) => execFileSync('git', ['-C', repo.dir, ...args], { env, stdio: 'ignore' });
  const commitBy = (who: string, ...more: string[]) => {
    git('commit', '-q', '--allow-empty', `-S${who}`, '-m', `by ${who}`, ...more);
    return repo.head();
  };
  repo.commit({ 'a.txt': 'one\n' }, 'old and not signed');
  const good = commitBy('ada@x.example');
  git('tag', 'light');
  const unsigned = repo.commit({ 'a.txt': 'two\n' }, 'not signed');
  git('tag', '-s', '-u', 'ada@x.example', '-m', 'release', 'v1');
  git('tag', '-a', '-m', 'release', 'v2');
  git('tag', '-s', '-u', 'eve@x.example', '-m', 'release', 'v3');
  const falseSeal = commitBy('eve@x.example', '--trailer', 'Argocd-gpg-seal: trust me');
  const seal = commitBy('ada@x.example', '--trailer', 'Argocd-gpg-seal: reviewed');
  const tip = commitBy('ada@x.example');
  const signatures = open(t, dir, () => ({ gpg: [gpg('--armor', '--export', 'ada@x.example')], ssh: '' }));
  const cases: readonly [
    reason: string,
    target: string,
    commit: string,
    strict: boolean,
    lacking: readonly string[],
  ][] = [
    ['a commit that is signed', 'main', good, false, []],
    ['a commit that is not', 'main', unsigned, false, ['none']],
    ['a key that nobody knows', 'main', falseSeal, false, ['unknown-key']],
    ['a light tag says nothing: the commit counts', 'light', good, false, []],
    ['a tag that is signed, of a commit that is not', 'v1', unsigned, false, []],
    ['a tag that is not signed', 'v2', unsigned, false, ['none']],
    ['a tag by a key that nobody knows', 'v3', unsigned, false, ['unknown-key']],
    ['the source names a tag, another commit is deployed', 'v1', falseSeal, false, ['unknown-key']],
    ['strictly: everything before counts', 'main', good, true, ['none']],
    ['strictly: the commit behind the tag too', 'v1', unsigned, true, ['none', 'none']],
    ['a seal by somebody who is not trusted seals nothing', 'main', falseSeal, true, ['unknown-key', 'none', 'none']],
    ['a seal vouches for what is before it', 'main', seal, true, []],
    ['and what comes after is looked at', 'main', tip, true, []],
  ];
  for (const [reason, target, commit, strict, lacking] of cases) {
    const facts = (await signatures(repo.dir, target, commit, strict, [ada])) ?? [];
    const found = facts.filter((one) => !isSignedBy(one, [ada])).map((one) => one.signature);
    assert.deepEqual(found, lacking, reason);
    assert.notEqual(facts.length, 0, reason);
  }
});

test('SSH: commits and tags by keys of the allowed signers', async (t) => {
  const dir = testDirectory(t);
  const [ann, eve] = ['ann', 'eve'].map((name) => {
    const path = join(dir, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
    return path;
  }) as [string, string];
  const repo = new WorkRepository(join(dir, 'repo'));
  const signAs = (key: string) => repo.git('config', 'user.signingKey', key);
  repo.git('config', 'gpg.format', 'ssh');
  signAs(ann);
  repo.git('config', 'commit.gpgSign', 'true');
  const good = repo.commit({ 'a.txt': 'one\n' }, 'signed');
  repo.git('tag', '-s', '-m', 'release', 'v1');
  signAs(eve);
  repo.git('tag', '-s', '-m', 'release', 'v2');
  const line = `ann@x.example ${readFileSync(`${ann}.pub`, 'utf8').trim()}\n`;
  const signatures = open(t, dir, () => ({ gpg: [], ssh: line }));
  for (const [target, wanted] of [
    ['main', 'good'],
    ['v1', 'good'],
    ['v2', 'unknown-key'],
  ] as const) {
    const [fact] = (await signatures(repo.dir, target, good, false, [])) ?? [];
    assert.equal(fact?.signature, wanted, target);
    assert.equal(fact !== undefined && isSignedBy(fact, ['ann@x.example']), wanted === 'good', target);
  }
});
