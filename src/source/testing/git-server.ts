import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What a test wants of its Git server. */
export type GitServerOptions = {
  /** Directory whose repositories are served. */
  readonly root: string;
  /** `name:password` or `Bearer token`; anonymous when absent. */
  readonly login?: string;
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string };
  /** Answers a request itself when it returns true: redirects, LFS, failures. */
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean;
};

export type GitServer = {
  readonly url: string;
  readonly port: number;
  /** `METHOD path` of every request, with `+auth` when it carried a login. */
  readonly requests: string[];
  options: GitServerOptions;
  close(): Promise<void>;
};

/** `git http-backend` behind node's own server: a real smart-http server for tests. */
export async function startGitServer(
  t: { after(run: () => Promise<void>): void },
  options: GitServerOptions,
): Promise<GitServer> {
  const requests: string[] = [];
  const state = { options };
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const login = request.headers.authorization;
    requests.push(`${request.method} ${request.url}${login === undefined ? '' : ' +auth'}`);
    if (state.options.before?.(request, response) === true) return;
    if (!isAllowed(state.options.login, login)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
      return;
    }
    serve(state.options.root, request, response);
  };
  const { tls } = options;
  const mutual = tls?.ca === undefined ? {} : { ca: tls.ca, requestCert: true, rejectUnauthorized: true };
  const server = tls === undefined ? createServer(handle) : createTlsServer({ ...tls, ...mutual }, handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  t.after(close);
  const url = `${tls === undefined ? 'http' : 'https'}://localhost:${port}`;
  return Object.assign(state, { url, port, requests, close });
}

function isAllowed(wanted: string | undefined, given: string | undefined): boolean {
  if (wanted === undefined) return true;
  if (wanted.startsWith('Bearer ')) return given === wanted;
  return given === `Basic ${Buffer.from(wanted).toString('base64')}`;
}

function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const env = {
    PATH: process.env.PATH ?? '',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method ?? 'GET',
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    REMOTE_ADDR: '127.0.0.1',
  };
  const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  request.pipe(child.stdin);
  child.stdin.on('error', () => {});
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    const lines = all.toString('latin1', 0, Math.max(end, 0)).split('\r\n');
    const headers = lines
      .map((line) => line.split(': ') as [string, string])
      .filter(([, value]) => value !== undefined);
    const status = Number(headers.find(([name]) => name === 'Status')?.[1]?.slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'Status')));
    response.end(all.subarray(end + 4));
  });
}
