import type { RepositoryCredential, TrustSettings } from '../../ports/index.ts';
import type { Address } from '../address.ts';
import { certificatesFor } from '../credentials.ts';
import type { HttpTrust } from './client.ts';

/** How the server at `address` is reached and recognised with this credential. */
export function httpTrust(
  address: Pick<Address, 'host' | 'port'>,
  credential: RepositoryCredential | undefined,
  trust: TrustSettings,
): HttpTrust {
  return {
    ca: certificatesFor(trust, address.host, address.port),
    insecure: credential?.insecure === true,
    ...(credential?.tlsClientCertData === undefined ? {} : { cert: credential.tlsClientCertData }),
    ...(credential?.tlsClientCertKey === undefined ? {} : { key: credential.tlsClientCertKey }),
    ...(credential?.proxy === undefined ? {} : { proxy: credential.proxy }),
    ...(credential?.noProxy === undefined ? {} : { noProxy: credential.noProxy }),
  };
}

/** The value of an Authorization header for a credential with a password or a token, undefined without either. */
export function authorizationOf(
  credential: Pick<RepositoryCredential, 'username' | 'password' | 'bearerToken'> | undefined,
): string | undefined {
  if (credential === undefined) return undefined;
  const { username, password, bearerToken } = credential;
  if (password !== undefined || username !== undefined) {
    return `Basic ${Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')}`;
  }
  return bearerToken === undefined ? undefined : `Bearer ${bearerToken}`;
}
