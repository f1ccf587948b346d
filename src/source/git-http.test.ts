import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { RepositoryCredential } from '../ports/index.ts';
import { canMakeCertificates, makeAuthority } from './testing/certificates.ts';
import { startGitServer } from './testing/git-server.ts';
import { codeOf, credentialOf, makeRoom, sourceOf } from './testing/room.ts';
import { testDirectory, WorkRepository } from './testing/work-repository.ts';

const project = 'default';

function setUp(t: TestContext) {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'repos', 'o', 'work.git'));
  const commit = work.commit({ 'a.yaml': 'over http' });
  return Object.assign(makeRoom(t, dir), { dir, root: join(dir, 'repos'), work, commit, path: 'o/work.git' });
}

test('public repositories over http, and what is not there', async (t) => {
  const { root, sources, commit, path } = setUp(t);
  const server = await startGitServer(t, { root });
  const source = sourceOf(`${server.url}/${path}`);
  const { revision } = await sources.resolve(source, project);
  assert.equal(revision, commit);
  assert.equal(String(await (await sources.open(source, revision, project)).read('a.yaml')), 'over http');
  assert.equal(await codeOf(() => sources.resolve(sourceOf(`${server.url}/o/none.git`), project)), 'repo-not-found');
  await server.close();
  assert.equal(await codeOf(() => sources.resolve(sourceOf(`${server.url}/o/other.git`), project)), 'repo-unreachable');
  assert.ok((await sources.resolve(source, project, { fresh: true })).stale, 'the known one is stale');
});

test('names and passwords, tokens, and what errors say of them', async (t) => {
  const room = setUp(t);
  const { dir } = room;
  const server = await startGitServer(t, { root: room.root, login: 'me:s3cr:et/x' });
  const url = `${server.url}/${room.path}`;
  const attempt = async (more: Partial<RepositoryCredential> | undefined, at = url) => {
    const fresh = makeRoom(t, join(dir, Math.random().toString(36)));
    fresh.credentials = more === undefined ? [] : [credentialOf(url, more)];
    try {
      const { revision } = await fresh.sources.resolve(sourceOf(at), project);
      return String(await (await fresh.sources.open(sourceOf(at), revision, project)).read('a.yaml'));
    } catch (error) {
      const { code, message } = error as { readonly code: string; readonly message: string };
      assert.ok(!/s3cr|wrongpw|tok-1/.test(message), `no secret in: ${message}`);
      return code;
    }
  };
  assert.equal(await attempt(undefined), 'repo-denied');
  assert.equal(await attempt({ username: 'me', password: 'wrongpw' }), 'repo-denied');
  assert.equal(await attempt({ username: 'me', password: 's3cr:et/x' }), 'over http');
  assert.equal(await attempt({ username: 'me', password: 's3cr:et/x', forceHttpBasicAuth: true }), 'over http');
  assert.equal(
    await attempt(undefined, url.replace('://', '://me:s3cr%3Aet%2Fx@')),
    'over http',
    'written in the address',
  );
  assert.equal(await attempt({ username: 'me', password: 'a\nb' }), 'repo-config', 'a password of two lines');
  assert.ok(server.requests.every((line) => !line.includes('401')));
  server.options = { root: room.root, login: 'Bearer tok-1' };
  assert.equal(await attempt({ bearerToken: 'tok-1' }), 'over http');
  assert.equal(await attempt({ bearerToken: 'tok-12' }), 'repo-denied');
});

test('a login goes with the first request, and never to another server', async (t) => {
  const room = setUp(t);
  const thief = await startGitServer(t, { root: room.root });
  const server = await startGitServer(t, { root: room.root, login: 'me:pw' });
  const url = `${server.url}/${room.path}`;
  room.credentials = [credentialOf(url, { username: 'me', password: 'pw' })];
  await room.sources.resolve(sourceOf(url), project);
  assert.ok(
    server.requests.every((line) => line.endsWith('+auth')),
    'no round trip to be asked',
  );
  const redirect = (to: string) => (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.startsWith('/moved')) return false;
    response.writeHead(301, { location: request.url.replace('/moved', to) }).end();
    return true;
  };
  server.options = { root: room.root, login: 'me:pw', before: redirect(`${server.url}/o`) };
  const moved = `${server.url}/moved/work.git`;
  room.credentials = [credentialOf(server.url, { kind: 'repo-creds', username: 'me', password: 'pw' })];
  assert.equal(
    (await room.sources.resolve(sourceOf(moved), project)).revision,
    room.commit,
    'a redirect on the server itself',
  );
  server.options = { root: room.root, login: 'me:pw', before: redirect(`http://127.0.0.1:${thief.port}/o`) };
  const other = makeRoom(t, join(room.dir, 'other'));
  other.credentials = room.credentials;
  await codeOf(() => other.sources.resolve(sourceOf(moved), project));
  assert.ok(
    thief.requests.every((line) => !line.includes('+auth')),
    `the login stayed at home: ${thief.requests}`,
  );
});

const certificates = { skip: canMakeCertificates ? false : 'no openssl here' };

test('certificates: unknown authority, own authority, client certificate, insecure', certificates, async (t) => {
  const room = setUp(t);
  const authority = makeAuthority(room.dir);
  const tls = { ...authority.sign('server'), ca: authority.ca };
  const server = await startGitServer(t, { root: room.root, tls });
  const url = `${server.url}/${room.path}`;
  const client = authority.sign('client');
  const withClient = { tlsClientCertData: client.cert, tlsClientCertKey: client.key };
  const attempt = async (trusted: boolean, more: Partial<RepositoryCredential>) => {
    const fresh = makeRoom(t, join(room.dir, Math.random().toString(36)));
    fresh.credentials = [credentialOf(url, more)];
    fresh.trust = { tlsCerts: trusted ? { localhost: authority.ca } : {}, knownHosts: '' };
    return codeOf(() => fresh.sources.resolve(sourceOf(url), project));
  };
  assert.equal(await attempt(false, withClient), 'repo-config', 'an authority that nobody knows');
  assert.equal(await attempt(true, withClient), 'no error');
  assert.equal(await attempt(false, { ...withClient, insecure: true }), 'no error', 'insecure asks no questions');
  assert.notEqual(await attempt(true, {}), 'no error', 'the server wants a certificate of ours');
});

test('a GitHub App: its statement is signed, its token is kept and found again', async (t) => {
  const room = setUp(t);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const asked: string[] = [];
  const api = (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.startsWith('/api/v3/')) return false;
    asked.push(`${request.method} ${request.url}`);
    const [head = '', body = '', signature = ''] = (request.headers.authorization ?? '')
      .replace('Bearer ', '')
      .split('.');
    const genuine = verify(
      'RSA-SHA256',
      Buffer.from(`${head}.${body}`),
      publicKey,
      Buffer.from(signature, 'base64url'),
    );
    const answer = request.url.endsWith('/installation')
      ? { id: 42 }
      : { token: 'ghs_token', expires_at: '2026-01-01T01:00:00Z' };
    response.writeHead(genuine ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    return true;
  };
  const server = await startGitServer(t, { root: room.root, login: 'x-access-token:ghs_token', before: api });
  const url = `${server.url}/${room.path}`;
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const githubApp = { id: '7', privateKey: pem, enterpriseBaseUrl: `${server.url}/api/v3/` };
  room.credentials = [credentialOf(url, { githubApp })];
  await room.sources.resolve(sourceOf(url), project);
  for (let i = 0; i < 3; i++) await room.sources.resolve(sourceOf(url), project, { fresh: true });
  assert.deepEqual(asked, ['GET /api/v3/repos/o/work/installation', 'POST /api/v3/app/installations/42/access_tokens']);
  room.clock.advance(56 * 60_000);
  await room.sources.resolve(sourceOf(url), project, { fresh: true });
  assert.equal(asked.length, 4, 'a new token shortly before the old one ends');
  room.credentials = [credentialOf(url, { githubApp: { ...githubApp, id: '8', privateKey: 'no key' } })];
  assert.equal(await codeOf(() => room.sources.resolve(sourceOf(url, 'x'), 'other')), 'repo-config');
});

test('LFS: fetched once, checked, only when enabled', async (t) => {
  const room = setUp(t);
  const content = Buffer.from('the real content');
  const oid = createHash('sha256').update(content).digest('hex');
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;
  const commit = room.work.commit({
    big: pointer,
    wrong: pointer.replace(oid, 'b'.repeat(64)),
    damaged: pointer.replace('oid', 'old'),
  });
  const downloads: string[] = [];
  const lfs = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.endsWith('/info/lfs/objects/batch')) {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const { objects } = JSON.parse(body) as { readonly objects: readonly { readonly oid: string }[] };
        const href = `http://localhost:${server.port}/lfs-store/${objects[0]?.oid}`;
        response.end(JSON.stringify({ objects: [{ oid: objects[0]?.oid, actions: { download: { href } } }] }));
      });
      return true;
    }
    if (!request.url?.startsWith('/lfs-store/')) return false;
    downloads.push(
      `${request.url.slice(11, 15)} ${request.headers.authorization === undefined ? 'anonymous' : 'login'}`,
    );
    response.end(content);
    return true;
  };
  const server = await startGitServer(t, { root: room.root, login: 'me:pw', before: lfs });
  const url = `${server.url}/${room.path}`;
  const login = { username: 'me', password: 'pw' };
  room.credentials = [credentialOf(url, login)];
  const open = () => room.sources.open(sourceOf(url), commit, project);
  assert.equal(await codeOf(async () => (await open()).read('big')), 'lfs-pointer', 'not enabled');
  room.credentials = [credentialOf(url, { ...login, enableLfs: true })];
  assert.equal(String(await (await open()).read('big')), String(content));
  assert.equal(String(await (await open()).read('big')), String(content));
  assert.deepEqual(downloads, [`${oid.slice(0, 4)} login`], 'once, from disk after that');
  assert.equal(
    await codeOf(async () => (await open()).read('wrong')),
    'repo-unreachable',
    'other content than the pointer names',
  );
  assert.equal(await codeOf(async () => (await open()).read('damaged')), 'lfs-pointer');
});

test('new credentials are tried at once', async (t) => {
  const room = setUp(t);
  const server = await startGitServer(t, { root: room.root, login: 'me:new' });
  const url = `${server.url}/${room.path}`;
  room.credentials = [credentialOf(url, { username: 'me', password: 'old' })];
  assert.equal(await codeOf(() => room.sources.resolve(sourceOf(url), project)), 'repo-denied');
  const asked = server.requests.length;
  assert.equal(await codeOf(() => room.sources.resolve(sourceOf(url), project)), 'repo-denied');
  assert.equal(server.requests.length, asked, 'a known failure is not repeated at once');
  room.credentials = [credentialOf(url, { username: 'me', password: 'new' })];
  assert.equal((await room.sources.resolve(sourceOf(url), project)).revision, room.commit);
});
