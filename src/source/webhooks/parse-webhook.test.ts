import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EngineError } from '../../model/index.ts';
import { normalizeAddress } from '../address.ts';
import { parseWebhook } from './parse-webhook.ts';
import type { Webhook } from './webhook.ts';

const shared = process.env.PLUMBLINE_SHARED ?? '../shared';
const cases = join(shared, 'cases', 'webhooks');
const secret = 'test-secret';
const secrets = { github: secret, gitlab: secret, gogs: secret, bitbucketServer: secret, bitbucketUuid: secret };

type Expected = {
  readonly urls?: readonly string[];
  readonly ref?: string;
  readonly before?: string;
  readonly after?: string;
  readonly defaultBranch?: string;
  readonly changedFiles?: readonly string[];
  readonly tag?: string;
  readonly package?: string;
  readonly repo?: string;
  readonly pullRequest?: Readonly<Record<string, string | number>>;
  readonly refUpdates?: readonly {
    readonly name: string;
    readonly oldObjectId: string;
    readonly newObjectId: string;
  }[];
  readonly changes?: readonly Readonly<Record<string, string>>[];
};
type Case = {
  readonly file: string;
  readonly provider: string;
  readonly headers: readonly string[];
  readonly expect: Expected;
};

test('real payloads say what their index says', { skip: existsSync(cases) ? false : `no cases at ${cases}` }, () => {
  const index = JSON.parse(readFileSync(join(cases, 'index.json'), 'utf8')) as { readonly payloads: readonly Case[] };
  assert.ok(index.payloads.length >= 19);
  for (const one of index.payloads) {
    const body = readFileSync(join(cases, one.file));
    const headers = Object.fromEntries(one.headers.map((line) => line.split(': ') as [string, string]));
    if (one.provider === 'invalid') {
      assert.equal(
        codeOf(() => parseWebhook(headers, body, secrets)),
        'webhook-invalid',
        one.file,
      );
      continue;
    }
    check(one, parseWebhook(headers, body, secrets));
    if (one.headers.some((line) => /signature|token|uuid/i.test(line))) {
      const other = Object.fromEntries(Object.keys(secrets).map((key) => [key, 'another']));
      assert.equal(
        codeOf(() => parseWebhook(headers, body, other)),
        'webhook-invalid',
        `${one.file}: wrong secret`,
      );
      const changed = Buffer.from(body.toString('utf8').replace('{', '{ '));
      const hmac = one.headers.some((line) => /signature/i.test(line));
      if (hmac)
        assert.equal(
          codeOf(() => parseWebhook(headers, changed, secrets)),
          'webhook-invalid',
          `${one.file}: changed`,
        );
    }
  }
});

function check({ file, expect }: Case, webhook: Webhook): void {
  const event = webhook.kind === 'push' ? webhook.events[0] : undefined;
  const urls =
    webhook.kind === 'push' ? event?.urls : webhook.kind === 'pull-request' ? webhook.event.urls : webhook.urls;
  for (const url of expect.urls ?? [])
    assert.ok(urls?.map(normalizeAddress).includes(normalizeAddress(url)), `${file}: ${url}`);
  if (expect.defaultBranch !== undefined && webhook.kind === 'ignored')
    assert.equal(webhook.defaultBranch, expect.defaultBranch);
  if (expect.ref !== undefined) {
    const { ref, before, after, defaultBranch, changedFiles } = event ?? {};
    assert.deepEqual(
      { ref, before, after, defaultBranch, changedFiles: [...(changedFiles ?? [])].sort() },
      {
        ref: expect.ref,
        before: expect.before,
        after: expect.after,
        defaultBranch: expect.defaultBranch,
        changedFiles: [...(expect.changedFiles ?? [])].sort(),
      },
      file,
    );
  }
  if (expect.tag !== undefined) assert.equal(event?.ref, expect.tag, file);
  if (expect.package !== undefined) assert.ok(event?.urls[0]?.endsWith(`/${expect.package}`), file);
  if (expect.repo !== undefined) assert.ok(event?.urls.includes(`oci://docker.io/${expect.repo}`), file);
  checkChanges(file, expect, webhook);
  checkPullRequest(file, expect, webhook);
}

function checkChanges(file: string, expect: Expected, webhook: Webhook): void {
  const events = webhook.kind === 'push' ? webhook.events : [];
  for (const [i, update] of (expect.refUpdates ?? []).entries()) {
    assert.deepEqual(
      [events[i]?.ref, events[i]?.before, events[i]?.after],
      [update.name, update.oldObjectId, update.newObjectId],
      file,
    );
  }
  for (const [i, change] of (expect.changes ?? []).entries()) {
    const ref = change.refId ?? `refs/${change.type === 'tag' ? 'tags' : 'heads'}/${change.new}`;
    assert.deepEqual([events[i]?.ref, events[i]?.after], [ref, change.to ?? change.hash], file);
  }
}

function checkPullRequest(file: string, expect: Expected, webhook: Webhook): void {
  if (expect.pullRequest === undefined) return;
  assert.equal(webhook.kind, 'pull-request', file);
  if (webhook.kind !== 'pull-request') return;
  const { number, head, base, action } = webhook.event;
  const { id, source, target, status, ...named } = expect.pullRequest;
  const branch = (ref: string | number | undefined) => String(ref ?? '').replace('refs/heads/', '');
  const wanted =
    id === undefined ? named : { number: id, head: branch(source), base: branch(target), action: String(status ?? '') };
  assert.deepEqual({ number, head, base, action }, wanted, file);
}

test('deliveries that must not be believed', () => {
  const push = JSON.stringify({ ref: 'refs/heads/main', repository: { clone_url: 'https://forge.example/o/r.git' } });
  const signed = (text: string) => `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`;
  const table: readonly { reason: string; headers: Record<string, string>; body: string; secrets?: object }[] = [
    { reason: 'no signature where a secret is set', headers: { 'X-GitHub-Event': 'push' }, body: push },
    {
      reason: 'a signature of nothing',
      headers: { 'X-GitHub-Event': 'push', 'X-Hub-Signature-256': 'sha256=' },
      body: push,
    },
    {
      reason: 'a signature of another body',
      headers: { 'X-GitHub-Event': 'push', 'X-Hub-Signature-256': signed('{}') },
      body: push,
    },
    {
      reason: 'a token that is a prefix of the secret',
      headers: { 'X-Gitlab-Event': 'Push Hook', 'X-Gitlab-Token': 'test-secre' },
      body: push,
    },
    {
      reason: 'harbor without a secret here',
      headers: {},
      body: JSON.stringify({ type: 'PUSH_ARTIFACT', event_data: { resources: [] } }),
      secrets: {},
    },
    { reason: 'no JSON', headers: { 'X-GitHub-Event': 'push' }, body: 'hello', secrets: {} },
    { reason: 'JSON that is no object', headers: { 'X-GitHub-Event': 'push' }, body: '[1]', secrets: {} },
    {
      reason: 'a push that names no repository',
      headers: { 'X-GitHub-Event': 'push' },
      body: '{"repository":null}',
      secrets: {},
    },
    {
      reason: 'wrong basic authentication',
      headers: { Authorization: `Basic ${Buffer.from('a:c').toString('base64')}` },
      body: JSON.stringify({ eventType: 'git.push', publisherId: 'tfs' }),
      secrets: { azure: { username: 'a', password: 'b' } },
    },
  ];
  for (const { reason, headers, body, secrets: own } of table) {
    assert.equal(
      codeOf(() => parseWebhook(headers, Buffer.from(body), own ?? secrets)),
      'webhook-invalid',
      reason,
    );
  }
});

test('forms of delivery', () => {
  const push = JSON.stringify({
    ref: 'refs/heads/main',
    after: 'a'.repeat(40),
    repository: { clone_url: 'https://forge.example/o/r.git' },
  });
  const body = Buffer.from(new URLSearchParams({ payload: push }).toString());
  const headers = {
    'Content-Type': 'application/x-www-form-urlencoded',
    'X-GitHub-Event': 'push',
    'X-Hub-Signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
  const webhook = parseWebhook(headers, body, secrets);
  assert.ok(
    webhook.kind === 'push' && webhook.events[0]?.ref === 'refs/heads/main',
    'a form field is read like a body',
  );
  const harborBody = JSON.stringify({
    type: 'PUSH_ARTIFACT',
    event_data: {
      resources: [{ tag: '1.0', digest: 'sha256:1', resource_url: 'reg.example:8443/p/c:1.0' }],
      repository: { repo_full_name: 'p/c' },
    },
  });
  const fromHarbor = parseWebhook({ Authorization: 'h' }, Buffer.from(harborBody), { harbor: 'h' });
  assert.ok(fromHarbor.kind === 'push' && fromHarbor.events[0]?.urls[0] === 'oci://reg.example:8443/p/c');
});

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof EngineError ? error.code : String(error);
  }
  return 'no error';
}
