// Alerts over a signed webhook: CloudEvents in structured mode, HMAC-SHA256 over the body.
import { createHmac } from 'node:crypto';
import { request } from 'undici';
import { type Alert, EngineError } from '../model/index.ts';
import type { Signer, WebhookTarget } from '../ports/index.ts';
import { cloudEvent } from './cloud-event.ts';
import type { Service } from './notifier.ts';

/** Longest wait for an answer, ms. */
const patience = 10_000;

/** Answers that no repetition changes: this event is refused. A wrong secret or address is set right by somebody. */
const final: ReadonlySet<number> = new Set([400, 410, 413, 415, 422]);

/** A webhook. `source` names this installation in the events. Times in the signature are seconds since the epoch. */
export function webhookService(
  target: WebhookTarget,
  source: string,
  now: () => number,
  signer?: () => Signer,
): Service {
  return {
    name: `webhook/${target.name}`,
    wants: (alert) => target.kinds === undefined || target.kinds.includes(alert.kind),
    tell: (alert) => send(target, alert, { source, now: now(), signer: signer?.() }),
  };
}

type Sender = { readonly source: string; readonly now: number; readonly signer: Signer | undefined };

async function send(target: WebhookTarget, alert: Alert, { source, now, signer }: Sender): Promise<void> {
  const body = JSON.stringify(cloudEvent(alert, source, signer?.sign(alert.record).signature));
  const headers: Record<string, string> = {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'user-agent': 'plumbline',
  };
  if (target.secret !== undefined) {
    const time = Math.floor(now / 1_000);
    headers['x-plumbline-signature'] = `t=${time},v1=${signatureOf(target.secret, time, body)}`;
  }
  const status = await post(target, body, headers);
  if (status >= 200 && status < 300) return;
  const about = target.name;
  throw new EngineError('webhook-refused', `webhook ${target.name}: answered HTTP ${status}`, {
    about,
    retry: final.has(status) ? 'never' : 'backoff',
  });
}

async function post(target: WebhookTarget, body: string, headers: Record<string, string>): Promise<number> {
  try {
    const options = { method: 'POST' as const, body, headers, headersTimeout: patience, bodyTimeout: patience };
    const answer = await request(target.url, options);
    await answer.body.dump();
    return answer.statusCode;
  } catch (cause) {
    // The address may carry a token: only its name is told, and what went wrong.
    const why = cause instanceof Error && 'code' in cause ? `: ${cause.code}` : '';
    throw new EngineError('webhook-refused', `webhook ${target.name}: no answer${why}`, {
      about: target.name,
      retry: 'backoff',
      cause,
    });
  }
}

/** HMAC-SHA256 in hex over `<seconds>.<body>`: a receiver checks it, and that the time is recent. */
export function signatureOf(secret: string, seconds: number, body: string): string {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
}
