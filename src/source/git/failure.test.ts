import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gitFailure } from './failure.ts';

test('what git and the forges say, and what it means', () => {
  const table: readonly [stderr: string, code: string, reason: string][] = [
    ["fatal: unable to access 'https://h/o/r/': Could not resolve host: h", 'repo-unreachable', 'no such name'],
    [
      "fatal: unable to access 'https://h/o/r/': Failed to connect to h port 443 after 3 ms: Couldn't connect",
      'repo-unreachable',
      'nobody listens',
    ],
    [
      "fatal: unable to access 'https://h/o/r/': The requested URL returned error: 503",
      'repo-unreachable',
      'an outage',
    ],
    ['fatal: early EOF\nfatal: the remote end hung up unexpectedly', 'repo-unreachable', 'it broke off'],
    [
      'ssh: connect to host h port 22: Connection refused\nfatal: Could not read from remote repository.',
      'repo-unreachable',
      'no ssh there',
    ],
    [
      "fatal: unable to access 'https://h/o/r/': The requested URL returned error: 429",
      'throttled',
      'too many requests',
    ],
    ["fatal: Authentication failed for 'https://h/o/r/'", 'repo-denied', 'a wrong password'],
    ["fatal: could not read Username for 'https://h': terminal prompts disabled", 'repo-denied', 'no password at all'],
    [
      'git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.',
      'repo-denied',
      'a wrong key',
    ],
    ["fatal: unable to access 'https://h/o/r/': The requested URL returned error: 403", 'repo-denied', 'forbidden'],
    ["remote: Repository not found.\nfatal: repository 'https://h/o/r/' not found", 'repo-not-found', 'GitHub'],
    ["fatal: '/srv/x' does not appear to be a git repository", 'repo-not-found', 'a path'],
    [
      "remote: The project you were looking for could not be found or you don't have permission to view it.",
      'repo-not-found',
      'GitLab',
    ],
    [
      'Host key verification failed.\nfatal: Could not read from remote repository.',
      'repo-config',
      'an unknown host key',
    ],
    [
      "fatal: unable to access 'https://h/': SSL certificate problem: unable to get local issuer certificate",
      'repo-config',
      'an unknown authority',
    ],
    ['Load key "/x": error in libcrypto\ngit@h: Permission denied (publickey).', 'repo-config', 'a damaged key'],
    ["fatal: transport 'ext' not allowed", 'repo-config', 'a forbidden transport'],
    ["fatal: couldn't find remote ref refs/heads/x", 'revision-not-found', 'no such branch'],
    ['fatal: remote error: upload-pack: not our ref 1234', 'revision-not-found', 'no such commit'],
    ['error: Server does not allow request for unadvertised object 1234', 'revision-not-found', 'not allowed to ask'],
    ['', 'repo-unreachable', 'nothing at all'],
  ];
  for (const [stderr, code, reason] of table) {
    assert.equal(gitFailure('git fetch', stderr, 'https://h/o/r', []).code, code, reason);
  }
});

test('messages are one line, the same each time, and without secrets', () => {
  const say = (text: string) => gitFailure('git fetch', text, 'https://h/o/r', ['hunter2', 'aHVudGVyMg==']).message;
  const first = say("fatal: unable to access 'https://me:hunter2@h/': Failed to connect to h port 443 after 17 ms: no");
  assert.equal(
    first,
    say("fatal: unable to access 'https://me:hunter2@h/': Failed to connect to h port 443 after 1234 ms: no"),
  );
  assert.ok(!/hunter2|me:|\n| ms/.test(first), first);
  assert.ok(!say('remote: header Authorization: Basic aHVudGVyMg==').includes('aHVudGVyMg'));
  assert.ok(!say('warning: token=abcdef0123 rejected').includes('abcdef'));
});
