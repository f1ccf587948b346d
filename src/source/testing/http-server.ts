import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type TestServer = {
  readonly url: string;
  readonly host: string;
  readonly requests: { readonly path: string; readonly method: string; readonly headers: IncomingMessage['headers'] }[];
  close(): Promise<void>;
};

/** A plain http server whose answers the test writes. */
export async function startServer(
  t: { after(run: () => Promise<void>): void },
  answer: (request: IncomingMessage, response: ServerResponse, path: string) => void,
): Promise<TestServer> {
  const requests: TestServer['requests'] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push({ path, method: request.method ?? '', headers: request.headers });
    answer(request, response, path);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  t.after(close);
  return { url: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, requests, close };
}
