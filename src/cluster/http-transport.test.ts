import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import type { Connection, Identity } from './connection.ts';
import { createHttpTransport } from './http-transport.ts';
import { type Answer, type Outgoing, type Transport, TransportError } from './transport.ts';

type Handle = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const open: { server: Server; transport: Transport }[] = [];
after(async () => {
  for (const { server, transport } of open) {
    await transport.close();
    server.closeAllConnections();
    server.close();
  }
});

async function serve(handle: Handle, more: Partial<Connection> = {}, path = ''): Promise<Transport> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => handle(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const identity: Identity = { kind: 'none' };
  const connection = { server: `http://127.0.0.1:${port}${path}`, insecure: false, identity, namespace: '', ...more };
  const transport = createHttpTransport(connection, Date.now, 4);
  open.push({ server, transport });
  return transport;
}

function outgoing(more: Partial<Outgoing> = {}): Outgoing {
  return { method: 'GET', path: '/x', headers: {}, timeout: 5000, ...more };
}

test('a request carries its body, its headers and the path of the server', async () => {
  const transport = await serve(
    (request, response, body) => {
      response.writeHead(201, { etag: '"e"', 'retry-after': '2' });
      response.end(JSON.stringify([request.method, request.url, request.headers['content-type'], body]));
    },
    {},
    '/clusters/one/',
  );
  const answer = await transport.send(
    outgoing({ method: 'PATCH', path: '/api?a=b', headers: { 'content-type': 'c' }, body: 'ä' }),
  );
  assert.deepEqual(answer, {
    status: 201,
    text: '["PATCH","/clusters/one/api?a=b","c","ä"]',
    retryAfter: 2000,
    etag: '"e"',
  });
});

test('a token and an impersonated user go along', async () => {
  const more: Partial<Connection> = {
    identity: { kind: 'token', token: 't' },
    impersonate: { user: 'u', groups: ['a', 'b'] },
  };
  const transport = await serve((request, response) => response.end(JSON.stringify(request.rawHeaders)), more);
  const headers = JSON.parse((await transport.send(outgoing())).text) as string[];
  const values = (name: string) => headers.filter((_, i) => headers[i - 1]?.toLowerCase() === name);
  assert.deepEqual(values('authorization'), ['Bearer t']);
  assert.deepEqual(values('impersonate-group'), ['a', 'b']);
  assert.deepEqual(values('impersonate-user'), ['u']);
});

test('refused credentials are renewed once', async () => {
  const script = 'console.log(JSON.stringify({status: {token: "t" + process.hrtime.bigint()}}))';
  const plugin = {
    command: process.execPath,
    args: ['-e', script],
    env: {},
    apiVersion: 'client.authentication.k8s.io/v1',
    installHint: '',
    provideClusterInfo: false,
  };
  const seen = new Set<string>();
  const transport = await serve(
    (request, response) => {
      seen.add(String(request.headers.authorization));
      response.writeHead(seen.size < 2 ? 401 : 200).end('{}');
    },
    { identity: { kind: 'exec', plugin } },
  );
  assert.equal((await transport.send(outgoing())).status, 200);
  assert.equal(seen.size, 2);
});

test('no answer is a TransportError that says whether the request was sent', async () => {
  const transport = await serve((request) => request.socket.destroy());
  await assert.rejects(transport.send(outgoing()), (error) => error instanceof TransportError && error.sent);
  const nobody = createHttpTransport(
    { server: 'http://127.0.0.1:1', insecure: false, identity: { kind: 'none' }, namespace: '' },
    Date.now,
    1,
  );
  await assert.rejects(
    nobody.send(outgoing()),
    (error) => error instanceof TransportError && error.message === 'connection refused',
  );
  await nobody.close();
});

function follow(transport: Transport, quiet = 5000) {
  const lines: string[] = [];
  let opened = false;
  let stop = (): void => undefined;
  const ended = new Promise<Error | Answer | undefined>((resolve) => {
    stop = transport.stream('/watch', { accept: 'a' }, quiet, {
      open: () => {
        opened = true;
      },
      line: (line) => lines.push(line),
      end: resolve,
    });
  });
  return { lines, ended, stop: () => stop(), opened: () => opened };
}

test('a stream is read line by line until it ends', async () => {
  const transport = await serve((_request, response) => {
    response.write('{"a":1}\n{"b"');
    setImmediate(() => response.end(':2}\n'));
  });
  const stream = follow(transport);
  assert.equal(await stream.ended, undefined);
  assert.deepEqual([stream.opened(), ...stream.lines], [true, '{"a":1}', '{"b":2}']);
});

test('a stream that is refused ends with the refusal, one that breaks with an error', async () => {
  const refusing = await serve((_request, response) => response.writeHead(410).end('gone'));
  assert.deepEqual(await follow(refusing).ended, { status: 410, text: 'gone', retryAfter: 0, etag: '' });
  const breaking = await serve((request, response) => {
    response.write('x\n');
    setImmediate(() => request.socket.destroy());
  });
  assert.ok((await follow(breaking).ended) instanceof TransportError);
});

test('a silent stream ends, and a stopped one says nothing more', async () => {
  const transport = await serve((_request, response) => void response.write('x\n'));
  const silent = follow(transport, 100);
  assert.ok((await silent.ended) instanceof TransportError);
  const stopped = follow(transport);
  let told = false;
  stopped.ended.then(() => {
    told = true;
  });
  while (stopped.lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
  stopped.stop();
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told, false);
});
