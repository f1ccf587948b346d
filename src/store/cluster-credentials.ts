// Argo CD's cluster Secrets → ClusterCredential.
import { createHash } from 'node:crypto';
import {
  at,
  isJsonObject,
  type Json,
  type JsonObject,
  type KubeObject,
  listAt,
  objectAt,
  stringAt,
} from '../model/index.ts';
import type { ClusterCredential } from '../ports/index.ts';
import { given, secretData } from './credentials.ts';

type Exec = NonNullable<ClusterCredential['exec']>;

/** The cluster in a Secret; undefined when it names no server. Config that cannot be read is told in `problem`. */
export function readCluster(secret: KubeObject): ClusterCredential | undefined {
  const data = secretData(secret);
  const server = data.server?.trim().replace(/\/+$/, '') ?? '';
  if (server === '') return undefined;
  const config = parse(data.config ?? '');
  const fields = {
    name: data.name?.trim() || server,
    server,
    namespaces: (data.namespaces ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    clusterResources: data.clusterResources === 'true',
    project: data.project ?? '',
    ...(config === undefined ? { problem: 'config: is not a JSON object' } : readConfig(config)),
  };
  const digest = createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, 32);
  return { ...fields, digest };
}

function readConfig(config: JsonObject): Partial<ClusterCredential> {
  const tls = objectAt(config, 'tlsClientConfig');
  const exec = readExec(config);
  return {
    ...given({
      username: stringAt(config, 'username'),
      password: stringAt(config, 'password'),
      bearerToken: stringAt(config, 'bearerToken'),
      serverName: stringAt(tls, 'serverName'),
      caData: decoded(tls, 'caData'),
      certData: decoded(tls, 'certData'),
      keyData: decoded(tls, 'keyData'),
      proxyUrl: stringAt(config, 'proxyUrl'),
    }),
    ...(at(tls, 'insecure') === true && { insecure: true }),
    ...(exec && { exec }),
  };
}

function readExec(config: JsonObject): Exec | undefined {
  const aws = at(config, 'awsAuthConfig');
  if (isJsonObject(aws)) return awsExec(aws);
  const exec = at(config, 'execProviderConfig');
  if (!isJsonObject(exec)) return undefined;
  const extra = at(exec, 'config');
  return {
    command: stringAt(exec, 'command') ?? '',
    args: listAt(exec, 'args').filter((item): item is string => typeof item === 'string'),
    env: strings(objectAt(exec, 'env')),
    apiVersion: stringAt(exec, 'apiVersion') || 'client.authentication.k8s.io/v1beta1',
    ...given({ installHint: stringAt(exec, 'installHint') }),
    ...(at(exec, 'provideClusterInfo') === true && { provideClusterInfo: true }),
    ...(extra !== undefined && { config: extra }),
  };
}

// What Argo CD itself runs for this form.
function awsExec(aws: JsonObject): Exec {
  const options = [
    ['--cluster-name', stringAt(aws, 'clusterName')],
    ['--role-arn', stringAt(aws, 'roleARN')],
    ['--profile', stringAt(aws, 'profile')],
  ] as const;
  const args = options.flatMap(([name, value]) => (value ? [name, value] : []));
  return {
    command: 'argocd-k8s-auth',
    args: ['aws', ...args],
    env: {},
    apiVersion: 'client.authentication.k8s.io/v1beta1',
  };
}

function decoded(tls: JsonObject, key: string): string | undefined {
  const value = stringAt(tls, key);
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
}

function strings(map: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function parse(text: string): JsonObject | undefined {
  if (text.trim() === '') return {};
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
