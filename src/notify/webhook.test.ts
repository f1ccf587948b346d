import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import type { Alert, Application } from '../model/index.ts';
import { createNotifier } from './notifier.ts';
import { signatureOf, webhookService } from './webhook.ts';

const alert: Alert = {
  id: 'prod/argocd/a/r1/converged/2026',
  kind: 'converged',
  at: '2026-01-01T00:00:00.000Z',
  record: {
    environment: 'prod',
    application: 'argocd/a',
    repository: 'https://git.example/repo',
    path: 'a',
    revisions: ['r1'],
    digest: 'd',
    stages: {},
    outcome: 'converged',
    changes: [],
    before: [],
    rollback: false,
  },
  differences: [],
  message: 'converged',
};
const application = {} as Application;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const metrics = { count() {}, observe() {} };

type Heard = { readonly headers: Record<string, string | string[] | undefined>; readonly body: string };

async function receiver(
  answers: readonly number[],
): Promise<{ readonly url: string; readonly heard: Heard[]; close(): void }> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      response.writeHead(answers[heard.length] ?? 200).end();
      heard.push({ headers: request.headers, body });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return { url: `http://127.0.0.1:${port}/hook?token=hidden`, heard, close: () => server.close() };
}

test('webhook: a CloudEvent that the secret signs', async () => {
  const { url, heard, close } = await receiver([200]);
  await webhookService({ name: 'ops', url, secret: 'key' }, 'plumbline', () => 7_000).tell(alert, application);
  close();
  const [first] = heard;
  assert.ok(first !== undefined);
  const event = JSON.parse(first.body) as Record<string, unknown>;
  assert.equal(event.specversion, '1.0');
  assert.equal(event.id, alert.id);
  assert.equal(event.type, 'dev.plumbline.verdict.converged.v1');
  assert.equal(first.headers['x-plumbline-signature'], `t=7,v1=${signatureOf('key', 7, first.body)}`);
});

const answers: readonly { readonly reason: string; readonly status: number; readonly retry: 'never' | 'backoff' }[] = [
  { reason: 'a server that is overloaded is tried again', status: 503, retry: 'backoff' },
  { reason: 'one that asks to slow down too', status: 429, retry: 'backoff' },
  { reason: 'one that wants another secret is tried again: a person gives it', status: 401, retry: 'backoff' },
  { reason: 'one that has moved too', status: 302, retry: 'backoff' },
  { reason: 'one that refuses this event is not', status: 400, retry: 'never' },
  { reason: 'one that is gone for good is not', status: 410, retry: 'never' },
];
for (const { reason, status, retry } of answers) {
  test(`webhook: ${reason}`, async () => {
    const { url, close } = await receiver([status]);
    const told = webhookService({ name: 'ops', url }, 'plumbline', () => 0).tell(alert, application);
    await assert.rejects(told, (error: { code: string; retry: string; message: string }) => {
      assert.equal(error.code, 'webhook-refused');
      assert.equal(error.retry, retry);
      assert.ok(!error.message.includes('hidden'));
      return true;
    });
    close();
  });
}

test('notifier: each service is told by itself', async () => {
  const failing = await receiver([500, 200]);
  const well = await receiver([200]);
  const services = [
    webhookService({ name: 'failing', url: failing.url }, 'plumbline', () => 0),
    webhookService({ name: 'well', url: well.url }, 'plumbline', () => 0),
  ];
  const notifier = createNotifier({ services: () => services, log: quiet, metrics });
  assert.deepEqual(notifier.listeners(), ['webhook/failing', 'webhook/well']);
  await assert.rejects(notifier.deliver(alert, application, 'webhook/failing'), { code: 'webhook-refused' });
  await notifier.deliver(alert, application, 'webhook/well');
  await notifier.deliver(alert, application, 'webhook/failing');
  await notifier.deliver(alert, application, 'webhook/nobody');
  failing.close();
  well.close();
  assert.equal(failing.heard.length, 2);
  assert.equal(well.heard.length, 1);
});

test('notifier: what is refused for good holds back nothing', async () => {
  const refusing = await receiver([422]);
  const service = webhookService({ name: 'refusing', url: refusing.url }, 'plumbline', () => 0);
  await createNotifier({ services: () => [service], log: quiet, metrics }).deliver(alert, application, service.name);
  refusing.close();
  assert.equal(refusing.heard.length, 1);
});

test('webhook: why nobody answers is told, and not where', async () => {
  const { url, close } = await receiver([]);
  close();
  const told = webhookService({ name: 'ops', url }, 'plumbline', () => 0).tell(alert, application);
  await assert.rejects(told, { message: 'webhook ops: no answer: ECONNREFUSED' });
});
