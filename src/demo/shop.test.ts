import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { EngineError, type Json, stringAt } from '../model/index.ts';
import { installHook } from './hook.ts';
import { ownApplication } from './own.ts';
import { columns, duration, lookOf } from './paint.ts';
import { makeShop } from './shop.ts';

const examples = join(import.meta.dirname, '../../examples/shop');

test('a push is told to the engine once, signed, with the address that the Applications name', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const heard: { readonly body: string; readonly signature: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    heard.push({ body: Buffer.concat(chunks).toString(), signature: String(request.headers['x-hub-signature-256']) });
    response.end('ok');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close());
  const shop = await makeShop(folder, examples);
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await installHook(shop.origin, { address, secret: "it's secret", url: shop.url });
  assert.match(readFileSync(join(shop.clone, 'root.yaml'), 'utf8'), new RegExp(`repoURL: ${shop.url}\n`));
  const sha = await shop.commit('Four', 'storefront/deployment.yaml', [['replicas: 3', 'replicas: 4']]);
  await shop.push();
  assert.equal(heard.length, 1);
  const [{ body, signature } = { body: '', signature: '' }] = heard;
  assert.equal(signature, `sha256=${createHmac('sha256', "it's secret").update(body).digest('hex')}`);
  const event = JSON.parse(body) as Json;
  assert.equal(stringAt(event, 'after'), sha);
  assert.equal(stringAt(event, 'ref'), 'refs/heads/main');
  assert.equal(stringAt(event, 'repository', 'clone_url'), shop.url);
  await assert.rejects(
    shop.commit('Nothing', 'storefront/deployment.yaml', [['replicas: 3', 'replicas: 4']]),
    (error) => error instanceof EngineError && error.code === 'internal',
  );
  // A push goes well even when nobody listens.
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await shop.commit('Five', 'storefront/deployment.yaml', [['replicas: 4', 'replicas: 5']]);
  await shop.push();
});

const connection = { kubeconfig: undefined, context: undefined, namespace: 'argocd', verbose: false };

for (const { repo, path, name, url } of [
  { repo: 'https://git.example.com/team/Guest_Book.git', path: '', name: 'guest-book', url: undefined },
  { repo: 'git@git.example.com:team/deploy.git', path: 'apps/web/', name: 'web', url: undefined },
  { repo: '.', path: 'demo', name: 'demo', url: `file://${import.meta.dirname}` },
  { repo: 'https://git.example.com/...', path: '///', name: 'application', url: undefined },
]) {
  test(`an application for ${repo} ${path}`, () => {
    const own = ownApplication({ repo, path, revision: '', connection }, import.meta.dirname);
    assert.equal(own.name, name);
    assert.equal(stringAt(own.resource, 'spec', 'source', 'repoURL'), url ?? repo);
    assert.equal(stringAt(own.resource, 'spec', 'destination', 'namespace'), name);
  });
}

test('lines fit the terminal, and durations read well', () => {
  const look = lookOf(true, { TERM: 'xterm', NO_COLOR: '1' });
  const lines = columns(
    look,
    [
      [
        ['name', 'plain'],
        ['a long story', 'plain'],
      ],
    ],
    14,
  );
  assert.deepEqual(lines, ['name  a long…']);
  assert.deepEqual([3, 999.6, 1234, 12_345, 125_000].map(duration), ['3 ms', '1.00 s', '1.23 s', '12.3 s', '2:05 min']);
});
