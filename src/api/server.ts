// The HTTP edge: webhooks, metrics and health on one port.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { asEngineError, EngineError } from '../model/index.ts';
import type { Log, Metrics, RepositoryEvent, Sources } from '../ports/index.ts';

/** What a webhook turned out to be. */
export type ParsedWebhook =
  | { readonly kind: 'push'; readonly events: readonly RepositoryEvent[] }
  | { readonly kind: 'pull-request'; readonly event: { readonly provider: string } }
  | { readonly kind: 'ignored'; readonly why: string };

/** What the server serves. */
export type ServerParts = {
  /** Checks the signature and reads the event. Throws EngineError `webhook-invalid`. */
  readonly parseWebhook: (
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
    query: Readonly<Record<string, string>>,
  ) => ParsedWebhook | Promise<ParsedWebhook>;
  readonly sources: Pick<Sources, 'wake'>;
  readonly metrics: Metrics & { expose(): Promise<string>; readonly contentType: string };
  readonly log: Log;
  /** True once the first look at everything has begun. */
  readonly ready: () => boolean;
  /** Largest webhook body, bytes (Argo CD: 50 MB). */
  readonly maxBody?: number;
};

/** A server that listens. */
export type RunningServer = { readonly address: string; readonly port: number; close(): Promise<void> };

type Route = (parts: ServerParts, request: IncomingMessage, response: ServerResponse) => Promise<void>;

const routes: Readonly<Record<string, Route>> = {
  'GET /healthz': async (_parts, _request, response) => send(response, 200, 'ok'),
  'GET /readyz': async (parts, _request, response) =>
    send(response, parts.ready() ? 200 : 503, parts.ready() ? 'ok' : 'starting'),
  'GET /metrics': async (parts, _request, response) =>
    send(response, 200, await parts.metrics.expose(), parts.metrics.contentType),
  'POST /api/webhook': webhook,
};

/** Listens on `host`:`port` (0 picks a free port). */
export async function startServer(
  parts: ServerParts,
  where: { readonly host: string; readonly port: number },
): Promise<RunningServer> {
  const server = createServer((request, response) => void handle(parts, request, response));
  server.requestTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where.port, where.host, resolve);
  });
  return running(server);
}

function running(server: Server): RunningServer {
  const bound = server.address();
  const { address, port } = typeof bound === 'object' && bound !== null ? bound : { address: '', port: 0 };
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { address, port, close };
}

async function handle(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const route = routes[`${request.method ?? 'GET'} ${path}`];
  try {
    if (route === undefined) return send(response, 404, `no such path: ${path}`);
    await route(parts, request, response);
  } catch (thrown) {
    const error = asEngineError(thrown);
    if (error.code === 'internal') parts.log.error('request failed', { path, error: error.message });
    send(response, error.code === 'webhook-invalid' ? 400 : 500, `${error.code}: ${error.message}`);
  }
}

// Answered when the repository has been looked at and the applications concerned are awake, which takes milliseconds.
async function webhook(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, parts.maxBody ?? 50 * 1024 * 1024);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers[name] = value;
  const query = Object.fromEntries(new URL(request.url ?? '/', 'http://localhost').searchParams);
  const parsed = await parts.parseWebhook(headers, body, query);
  if (parsed.kind !== 'push') {
    parts.metrics.count('argocd_webhook_requests_total', { provider: '', outcome: 'ignored' });
    return send(response, 200, `ignored: ${parsed.kind === 'ignored' ? parsed.why : parsed.kind}`);
  }
  const woken = await Promise.all(parsed.events.map((event) => parts.sources.wake(event)));
  const repos = [...new Set(woken.flat())];
  const provider = parsed.events[0]?.provider ?? '';
  parts.metrics.count('argocd_webhook_requests_total', { provider, outcome: 'accepted' });
  parts.log.info('webhook', { provider, refs: parsed.events.map((event) => event.ref), repos });
  send(response, 200, `accepted: ${repos.length} repositories`);
}

function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.destroy();
        reject(new EngineError('webhook-invalid', `webhook: larger than ${limit} bytes`));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' });
  response.end(`${body}\n`);
}
