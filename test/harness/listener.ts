// Somebody who listens to alerts: a webhook receiver that keeps what it heard.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { type JsonObject, stringAt } from '../../src/model/index.ts';

/** Alerts in the order in which they came. */
export type Listener = {
  readonly url: string;
  readonly heard: JsonObject[];
  kinds(application: string): readonly string[];
};

/** Listens until the test file ends. */
export async function startListener(): Promise<Listener> {
  const heard: JsonObject[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push(JSON.parse(Buffer.concat(chunks).toString('utf8')) as JsonObject);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const of = (application: string) =>
    heard.filter((event) => stringAt(event, 'data', 'record', 'application') === application);
  return {
    url: `http://127.0.0.1:${port}/alerts`,
    heard,
    kinds: (application) => of(application).map((event) => stringAt(event, 'data', 'kind') ?? ''),
  };
}
