import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Delivery, invalid } from './webhook.ts';

/** Checks an HMAC of the body in hex, with or without `sha256=` before it, in constant time. */
export function checkHmac(
  provider: string,
  delivery: Delivery,
  secret: string | undefined,
  headers: readonly { readonly name: string; readonly hash: 'sha256' | 'sha1' }[],
): void {
  if (secret === undefined || secret === '') return;
  for (const { name, hash } of headers) {
    const given = delivery.headers[name];
    if (given === undefined || given === '') continue;
    const expected = createHmac(hash, secret).update(delivery.body).digest('hex');
    if (equalText(given.replace(new RegExp(`^${hash}=`), '').toLowerCase(), expected)) return;
    throw invalid(provider, 'wrong signature');
  }
  throw invalid(provider, 'no signature');
}

/** Checks a secret that is sent as it is, in constant time. */
export function checkToken(provider: string, given: string | undefined, secret: string | undefined): void {
  if (secret === undefined || secret === '') return;
  if (given === undefined) throw invalid(provider, 'no secret');
  if (!equalText(given, secret)) throw invalid(provider, 'wrong secret');
}

/** Equality whose time tells nothing about where the texts differ, nor about their lengths. */
export function equalText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
