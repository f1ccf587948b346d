import type { TrustSettings } from '../ports/index.ts';
import { httpTrust } from './http/access.ts';
import { failure, type HttpClient, statusFailure } from './http/client.ts';

const maxBytes = 10 * 1024 * 1024;

/** A values file at an http(s) address, when the settings allow its scheme; anonymous, bounded in size and time. */
export async function fetchRemoteFile(
  http: HttpClient,
  url: string,
  schemes: readonly string[],
  trust: TrustSettings,
): Promise<Uint8Array> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase() ?? '';
  if (!schemes.includes(scheme))
    throw failure('repo-config', url, `values files by ${scheme || 'no scheme'} are not allowed`);
  if (scheme !== 'http' && scheme !== 'https') throw failure('repo-config', url, `${scheme} is not supported`);
  const { hostname, port, username, password } = parsed(url);
  const login =
    username === '' ? {} : { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  const bare = url.replace(/^([^:]+:\/\/)[^/@]*@/, '$1');
  const reach = { trust: httpTrust({ host: hostname, port }, undefined, trust), maxBytes, timeout: 30_000 };
  const answer = await http.send({ url: bare, ...login, ...reach });
  if (answer.status !== 200) throw statusFailure(answer, 'path-not-found');
  return answer.body;
}

function parsed(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw failure('repo-config', url, 'not an address');
  }
}
