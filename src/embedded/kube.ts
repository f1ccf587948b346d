// The few requests that starting a control plane needs. The engine's own client lives in the cluster room.
import { Agent, request } from 'node:https';
import type { Kubeconfig } from './kubeconfig.ts';

/** An answer of the apiserver; `status` 0 means that none came. */
export type Answer = { readonly status: number; readonly body: string };

/** Sends one request as the given client; a connection that fails is an answer with status 0. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** A client over kept connections; `close` ends them. */
export function kubeClient({ server, ca, cert, key }: Kubeconfig): { ask: Ask; close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca, cert, key });
  const ask: Ask = (method, path, body) =>
    new Promise((resolve) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = text === undefined ? {} : { 'content-type': 'application/json' };
      const outgoing = request(`${server}${path}`, { method, agent, headers, timeout: 5_000 }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
        incoming.on('error', (error) => resolve({ status: 0, body: error.message }));
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error('timed out')));
      outgoing.on('error', (error) => resolve({ status: 0, body: error.message }));
      outgoing.end(text);
    });
  return { ask, close: () => agent.destroy() };
}
