import type { RepositoryCredential } from '../ports/index.ts';

/** Removes `secrets`, and what looks like one, from a message of git or of a server. */
export function redact(text: string, secrets: readonly string[]): string {
  let out = text;
  for (const secret of secrets) out = out.replaceAll(secret, '***');
  return out
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/gi, '$1')
    .replace(
      /\b(authorization|token|password|private-token)(["']?\s*[:=]\s*)(?:(?:basic|bearer)\s+)?[^\s"']+/gi,
      '$1$2***',
    );
}

/** Everything in a credential and a login that must not be shown, in the forms in which it may turn up. */
export function secretsOf(
  credential: RepositoryCredential | undefined,
  login?: { readonly username: string; readonly password: string },
): readonly string[] {
  const all = [credential?.password, credential?.bearerToken, credential?.sshPrivateKey, credential?.tlsClientCertKey];
  const secrets = [...all, login?.password].flatMap((secret) =>
    secret !== undefined && secret.length >= 3 ? [secret] : [],
  );
  const basic = login === undefined ? [] : [Buffer.from(`${login.username}:${login.password}`).toString('base64')];
  return [...secrets, ...secrets.map((secret) => encodeURIComponent(secret)), ...basic];
}
