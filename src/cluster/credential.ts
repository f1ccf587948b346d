// Argo CD's cluster credential as a connection.
import { EngineError } from '../model/index.ts';
import type { ClusterCredential } from '../ports/index.ts';
import type { Connection, Identity } from './connection.ts';
import type { Environment } from './kubeconfig.ts';

/** The connection that a credential describes; EngineError `cluster-config` when the store found a problem in it. */
export function connectionOf(credential: ClusterCredential, environment: Environment): Connection {
  if (credential.problem !== undefined) {
    throw new EngineError('cluster-config', `cluster ${credential.name}: ${credential.problem}`, {
      about: credential.server,
    });
  }
  const { caData, certData, keyData, serverName, proxyUrl } = credential;
  return {
    server: credential.server,
    insecure: credential.insecure === true,
    identity: identityOf(credential, environment),
    namespace: '',
    ...(caData === undefined ? {} : { ca: caData }),
    ...(certData === undefined ? {} : { cert: certData }),
    ...(keyData === undefined ? {} : { key: keyData }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(proxyUrl === undefined || proxyUrl === '' ? {} : { proxyUrl }),
  };
}

function identityOf(credential: ClusterCredential, environment: Environment): Identity {
  const { bearerToken, username, password, exec } = credential;
  if (exec !== undefined) return { kind: 'exec', plugin: pluginOf(exec, environment) };
  if (bearerToken !== undefined && bearerToken !== '') return { kind: 'token', token: bearerToken };
  if (username !== undefined && username !== '') return { kind: 'basic', username, password: password ?? '' };
  return { kind: 'none' };
}

function pluginOf(exec: NonNullable<ClusterCredential['exec']>, environment: Environment) {
  const env: Record<string, string> = {};
  for (const [name, text] of Object.entries(environment)) if (text !== undefined) env[name] = text;
  return {
    command: exec.command,
    args: exec.args,
    env: { ...env, ...exec.env },
    apiVersion: exec.apiVersion,
    installHint: exec.installHint ?? '',
    provideClusterInfo: exec.provideClusterInfo === true,
    ...(exec.config === undefined ? {} : { config: exec.config }),
  };
}
