import assert from 'node:assert/strict';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startServer } from '../testing/http-server.ts';
import { codeOf } from '../testing/room.ts';
import { HttpClient, type HttpRequest } from './client.ts';

const plain = { trust: { ca: '', insecure: false }, maxBytes: 1000, timeout: 2_000 };

function clientOf(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const client = new HttpClient(env);
  t.after(() => client.stop());
  return (more: Partial<HttpRequest> & { readonly url: string }) => client.send({ ...plain, ...more });
}

test('redirects are followed, logins are not carried to other servers', async (t) => {
  const send = clientOf(t);
  const other = await startServer(t, (_request, response) => void response.end('there'));
  const server = await startServer(t, (_request, response, path) => {
    const targets: Record<string, string> = {
      '/away': `${other.url}/x`,
      '/home': '/end',
      '/loop': '/loop',
      '/file': 'file:///etc/passwd',
    };
    const location = targets[path];
    if (location === undefined) response.end('here');
    else response.writeHead(302, { location }).end();
  });
  const authorization = 'Basic c2VjcmV0';
  assert.equal(String((await send({ url: `${server.url}/home`, authorization })).body), 'here');
  assert.equal(server.requests.at(-1)?.headers.authorization, authorization);
  assert.equal(String((await send({ url: `${server.url}/away`, authorization })).body), 'there');
  assert.equal(other.requests[0]?.headers.authorization, undefined);
  assert.equal(await codeOf(() => send({ url: `${server.url}/loop` })), 'repo-unreachable');
  assert.equal(await codeOf(() => send({ url: `${server.url}/file` })), 'repo-config');
});

test('answers are bounded in size and time', async (t) => {
  const send = clientOf(t);
  const server = await startServer(t, (_request, response, path) => {
    if (path === '/large') response.end('x'.repeat(1001));
    else if (path === '/broken') response.destroy();
    else response.write('x');
  });
  assert.equal(await codeOf(() => send({ url: `${server.url}/large` })), 'render-limit');
  assert.equal(await codeOf(() => send({ url: `${server.url}/hangs`, timeout: 200 })), 'repo-unreachable');
  assert.equal(await codeOf(() => send({ url: `${server.url}/broken` })), 'repo-unreachable');
  await server.close();
  assert.equal(await codeOf(() => send({ url: server.url })), 'repo-unreachable');
  assert.equal(await codeOf(() => send({ url: 'not an address' })), 'repo-config');
});

test('proxies: of the credential, of the environment, and those that are passed by', async (t) => {
  const server = await startServer(t, (_request, response) => void response.end('through'));
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(new URL(request.url ?? '').host);
    get(request.url ?? '', (upstream) => upstream.pipe(response));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise<void>((resolve) => proxy.close(() => resolve())));
  t.after(() => proxy.closeAllConnections());
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const own = { ca: '', insecure: false, proxy: address };
  assert.equal(String((await clientOf(t)({ url: server.url, trust: own })).body), 'through');
  assert.deepEqual(asked, [server.host]);
  await clientOf(t)({ url: server.url, trust: { ...own, noProxy: '127.0.0.0/8' } });
  assert.equal(asked.length, 1, 'excluded by the credential');
  await clientOf(t, { http_proxy: address })({ url: server.url });
  assert.equal(asked.length, 2, 'the proxy of the environment');
  await clientOf(t, { HTTP_PROXY: address, NO_PROXY: '127.0.0.1' })({ url: server.url });
  assert.equal(asked.length, 2, 'excluded by the environment');
});
