// Argo CD's repository and repo-creds Secrets → RepositoryCredential.
import { type KubeObject, labelsOf, objectAt } from '../model/index.ts';
import type { RepositoryCredential } from '../ports/index.ts';

/** The label that says what a Secret of Argo CD holds. */
export const secretTypeLabel = 'argocd.argoproj.io/secret-type';

/** What the Secret is for by its label, '' for none. */
export function secretType(secret: KubeObject): string {
  return labelsOf(secret)[secretTypeLabel] ?? '';
}

/** The decoded data of a Secret; what is not base64 of UTF-8 text comes out as it may. */
export function secretData(secret: KubeObject): Readonly<Record<string, string>> {
  const decoded: Record<string, string> = {};
  for (const [key, value] of Object.entries(objectAt(secret, 'data')))
    if (typeof value === 'string') decoded[key] = Buffer.from(value, 'base64').toString('utf8');
  return decoded;
}

/** The credential for the API of a forge in a Secret of type `scm-creds`: for every address that begins with its `url`. */
export function readForgeCredential(secret: KubeObject): RepositoryCredential | undefined {
  const read = readRepository(secret);
  const { token } = secretData(secret);
  if (read === undefined) return undefined;
  return { ...read, kind: 'repo-creds', type: 'git', ...(token === undefined ? {} : { bearerToken: token.trim() }) };
}

/** The credential in a Secret; undefined when it names no address. */
export function readRepository(secret: KubeObject): RepositoryCredential | undefined {
  const data = secretData(secret);
  const url = data.url?.trim() ?? '';
  if (url === '') return undefined;
  const { type } = data;
  const depth = Number(data.depth ?? 0);
  const texts = {
    name: data.name,
    project: data.project,
    username: data.username,
    password: data.password,
    bearerToken: data.bearerToken,
    sshPrivateKey: data.sshPrivateKey,
    tlsClientCertData: data.tlsClientCertData,
    tlsClientCertKey: data.tlsClientCertKey,
    proxy: data.proxy,
    noProxy: data.noProxy,
  };
  return {
    kind: /^repo(?:-write)?-creds$/.test(secretType(secret)) ? 'repo-creds' : 'repository',
    url,
    type: type === 'helm' || type === 'oci' ? type : 'git',
    ...given(texts),
    insecure: data.insecure === 'true' || data.insecureIgnoreHostKey === 'true',
    enableLfs: data.enableLfs === 'true',
    enableOCI: data.enableOCI === 'true',
    insecureOCIForceHttp: data.insecureOCIForceHttp === 'true',
    ...readGithubApp(data),
    forceHttpBasicAuth: data.forceHttpBasicAuth === 'true',
    depth: Number.isSafeInteger(depth) && depth > 0 ? depth : 0,
  };
}

function readGithubApp(data: Readonly<Record<string, string>>): Pick<RepositoryCredential, 'githubApp'> {
  const { githubAppID: id, githubAppPrivateKey: privateKey } = data;
  if (!id || !privateKey) return {};
  const more = { installationId: data.githubAppInstallationID, enterpriseBaseUrl: data.githubAppEnterpriseBaseUrl };
  return { githubApp: { id, privateKey, ...given(more) } };
}

/** The fields that say something. */
export function given<K extends string>(fields: Readonly<Record<K, string | undefined>>): { [key in K]?: string } {
  const entries = Object.entries<string | undefined>(fields).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(entries) as { [key in K]?: string };
}
