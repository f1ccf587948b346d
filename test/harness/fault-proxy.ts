// Stands between an engine and the apiserver, and spoils what it is told to: refusals of every kind, answers that get
// lost, watches that break off. The engine speaks plain HTTP to it; it speaks to the apiserver as the administrator.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kubeconfig } from '../../src/embedded/index.ts';

/** A refusal; `drop` ends the connection without an answer, `lose` does so after the request has been carried out. */
export type Fault =
  | 'drop'
  | 'lose'
  | { readonly status: number; readonly reason: string; readonly retryAfter?: number };

/** What to do about a request; undefined lets it through. */
export type Spoil = (call: {
  readonly method: string;
  readonly path: string;
  readonly watch: boolean;
}) => Fault | undefined;

export class FaultProxy {
  /** Faults so far, by name, and requests that came through. */
  readonly counts = new Map<string, number>();
  readonly #upstream: Kubeconfig;
  readonly #agent: Agent;
  readonly #folder = mkdtempSync(join(tmpdir(), 'plumbline-proxy-'));
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #spoil: Spoil = () => undefined;

  constructor(upstream: Kubeconfig) {
    this.#upstream = upstream;
    const { ca, cert, key } = upstream;
    this.#agent = new Agent({ keepAlive: true, ca, cert, key });
    this.#server = createServer((incoming, outgoing) => this.#serve(incoming, outgoing));
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Listens; answers the path of a kubeconfig that leads here. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const bound = this.#server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'proxy',
      contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'proxy' } }],
      clusters: [{ name: 'proxy', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'proxy', user: {} }],
    };
    const path = join(this.#folder, 'kubeconfig');
    writeFileSync(path, JSON.stringify(kubeconfig));
    return path;
  }

  /** From now on. */
  spoil(spoil: Spoil): void {
    this.#spoil = spoil;
  }

  /** Ends every connection, watches too. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#agent.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const [method, path] = [incoming.method ?? 'GET', incoming.url ?? '/'];
    const watch = /[?&]watch=(?:true|1)/.test(path);
    const fault = this.#spoil({ method, path, watch });
    this.#count(fault === undefined ? 'passed' : typeof fault === 'string' ? fault : `${fault.status} ${fault.reason}`);
    // A watch that is lost is one that breaks off.
    if (fault === 'drop' || (fault === 'lose' && watch)) incoming.socket.destroy();
    else if (fault !== undefined && fault !== 'lose') refuse(incoming, outgoing, fault);
    else this.#forward(incoming, outgoing, fault === 'lose');
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse, lose: boolean): void {
    const { host: _, ...headers } = incoming.headers;
    const options = { method: incoming.method ?? 'GET', headers, agent: this.#agent };
    const upstream = request(`${this.#upstream.server}${incoming.url}`, options, (answer) => {
      if (lose) {
        answer.resume().on('end', () => incoming.socket.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    upstream.on('error', () => outgoing.destroy());
    outgoing.on('close', () => upstream.destroy());
    incoming.pipe(upstream);
  }

  #count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}

// As the apiserver words it.
function refuse(incoming: IncomingMessage, outgoing: ServerResponse, fault: Exclude<Fault, string>): void {
  const { status, reason, retryAfter } = fault;
  const message = `${reason}: the test wants it so`;
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code: status };
  incoming.resume().on('end', () => {
    const after = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
    outgoing.writeHead(status, { 'content-type': 'application/json', ...after });
    outgoing.end(JSON.stringify(body));
  });
}
