import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { codeOf, credentialOf, makeRoom, sourceOf } from './testing/room.ts';
import { testDirectory, WorkRepository } from './testing/work-repository.ts';

const project = 'default';
const key = '-----BEGIN OPENSSH PRIVATE KEY-----\r\nc2VjcmV0\r\n-----END OPENSSH PRIVATE KEY-----';

/** An `ssh` that writes down how it was called and which files it was given, and runs the command here. */
function setUp(t: TestContext) {
  const dir = testDirectory(t);
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  const record = join(dir, 'record');
  const script = `#!/bin/sh
printf '%s\\n' "$@" > ${record}.args
env > ${record}.env
while [ $# -gt 1 ]; do
  case "$1" in
    -i) cp "$2" ${record}.key; ls -l "$2" > ${record}.mode; shift ;;
    -o) case "$2" in UserKnownHostsFile=*) file="\${2#*=}"; file="\${file#\\"}"; cp "\${file%\\"}" ${record}.known ;; esac; shift ;;
  esac
  shift
done
eval "$1"
`;
  writeFileSync(join(bin, 'ssh'), script);
  chmodSync(join(bin, 'ssh'), 0o755);
  const work = new WorkRepository(join(dir, 'work'));
  const commit = work.commit({ a: 'over ssh' });
  const room = makeRoom(t, dir, { env: { PATH: `${bin}:${process.env.PATH}` } });
  return Object.assign(room, { dir, work, commit, record });
}

test('ssh with the key and the known hosts of its settings, which are gone afterwards', async (t) => {
  const room = setUp(t);
  const url = `ssh://git@forge.example:2222${room.work.dir}`;
  room.credentials = [credentialOf(url, { sshPrivateKey: key })];
  room.trust = { tlsCerts: {}, knownHosts: 'forge.example ssh-ed25519 AAAA' };
  const source = sourceOf(url);
  const { revision } = await room.sources.resolve(source, project);
  assert.equal(revision, room.commit);
  assert.equal(String(await (await room.sources.open(source, revision, project)).read('a')), 'over ssh');
  const args = readFileSync(`${room.record}.args`, 'utf8').split('\n');
  for (const option of [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'PermitLocalCommand=no',
  ]) {
    assert.ok(args.includes(option), option);
  }
  assert.ok(args.includes('git@forge.example') && args.includes('2222'));
  assert.equal(args[args.indexOf('-F') + 1], '/dev/null', 'no configuration of the user');
  assert.equal(readFileSync(`${room.record}.key`, 'utf8'), `${key.replaceAll('\r', '')}\n`);
  assert.match(readFileSync(`${room.record}.mode`, 'utf8'), /^-rw-------/);
  assert.equal(readFileSync(`${room.record}.known`, 'utf8'), 'forge.example ssh-ed25519 AAAA\n');
  const env = readFileSync(`${room.record}.env`, 'utf8');
  assert.ok(!env.includes('c2VjcmV0'), 'the key is not in the environment');
  assert.ok(!/SSH_AUTH_SOCK|KUBERNETES|NODE_/.test(env), 'nor is anything of ours');
  const left = readdirSync(join(room.dir, 'cache', 'git-home', 'tmp'));
  assert.deepEqual(left, [], 'no secret stays on disk');
});

test('secrets that a killed process left are removed', async (t) => {
  const room = setUp(t);
  const left = join(room.dir, 'cache', 'git-home', 'tmp', '4194304-abc');
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, 'identity'), key);
  await room.sources.resolve(sourceOf(room.work.dir), project);
  assert.equal(existsSync(left), false);
});

test('ssh without a key asks nobody, and insecure says so', async (t) => {
  const room = setUp(t);
  const url = `git@forge.example:${room.work.dir}`;
  await room.sources.resolve(sourceOf(url), project);
  const args = readFileSync(`${room.record}.args`, 'utf8').split('\n');
  assert.equal(args[args.indexOf('-i') + 1], '/dev/null');
  room.credentials = [credentialOf(url, { sshPrivateKey: key, insecure: true })];
  await room.sources.resolve(sourceOf(url), project);
  const insecure = readFileSync(`${room.record}.args`, 'utf8').split('\n');
  assert.ok(insecure.includes('StrictHostKeyChecking=no') && insecure.includes('UserKnownHostsFile="/dev/null"'));
});

test('a real ssh that finds no server', { skip: existsSync('/usr/bin/ssh') ? false : 'no ssh here' }, async (t) => {
  const dir = testDirectory(t);
  const { sources } = makeRoom(t, dir);
  const ask = () => sources.resolve(sourceOf('ssh://git@127.0.0.1:1/o/r.git'), project);
  assert.equal(await codeOf(ask), 'repo-unreachable');
});
