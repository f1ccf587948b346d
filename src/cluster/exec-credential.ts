// Runs an exec credential plugin (aws eks get-token, gke-gcloud-auth-plugin, …) as kubectl does, without a shell.
import { execFile } from 'node:child_process';
import { isAbsolute, resolve } from 'node:path';
import { EngineError, isJsonObject, type Json, objectAt, stringAt } from '../model/index.ts';
import type { Connection, ExecPlugin } from './connection.ts';

/** What a plugin answered. `expires` is ms since the epoch, infinite when it names none. */
export type ExecCredential = {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly expires: number;
};

const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const timeout = 60_000;
const longest = 1024 * 1024;

/** Asks the plugin. EngineError `cluster-config` when it cannot run or answers nonsense, without what it printed. */
export async function runExecPlugin(plugin: ExecPlugin, connection: Connection): Promise<ExecCredential> {
  if (!versions.includes(plugin.apiVersion)) {
    throw refuse(plugin, `apiVersion ${plugin.apiVersion === '' ? 'is missing' : `${plugin.apiVersion} is not known`}`);
  }
  const output = await run(plugin, {
    ...plugin.env,
    KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(plugin, connection)),
  });
  return readCredential(plugin, output);
}

function execInfo(plugin: ExecPlugin, connection: Connection): Json {
  const spec: Record<string, Json> = { interactive: false };
  if (plugin.provideClusterInfo) {
    const cluster: Record<string, Json> = { server: connection.server, config: plugin.config ?? null };
    if (connection.serverName !== undefined) cluster['tls-server-name'] = connection.serverName;
    if (connection.insecure) cluster['insecure-skip-tls-verify'] = true;
    if (connection.proxyUrl !== undefined) cluster['proxy-url'] = connection.proxyUrl;
    if (connection.ca !== undefined) {
      cluster['certificate-authority-data'] = Buffer.from(connection.ca).toString('base64');
    }
    spec.cluster = cluster;
  }
  return { apiVersion: plugin.apiVersion, kind: 'ExecCredential', spec };
}

function run(plugin: ExecPlugin, env: Record<string, string>): Promise<string> {
  const relative = plugin.directory !== undefined && plugin.command.includes('/') && !isAbsolute(plugin.command);
  const file = relative ? resolve(plugin.directory ?? '', plugin.command) : plugin.command;
  return new Promise((done, fail) => {
    const child = execFile(file, [...plugin.args], { env, timeout, maxBuffer: longest }, (error, stdout) => {
      if (error === null) done(stdout);
      else fail(refuse(plugin, error.code === 'ENOENT' ? missing(plugin) : 'it failed'));
    });
    child.stdin?.end();
  });
}

function missing(plugin: ExecPlugin): string {
  return plugin.installHint === '' ? 'it is not installed' : `it is not installed: ${plugin.installHint}`;
}

function readCredential(plugin: ExecPlugin, output: string): ExecCredential {
  let answer: Json;
  try {
    answer = JSON.parse(output) as Json;
  } catch {
    throw refuse(plugin, 'its answer is not JSON');
  }
  if (!isJsonObject(answer)) throw refuse(plugin, 'its answer is not an ExecCredential');
  const status = objectAt(answer, 'status');
  const token = stringAt(status, 'token');
  const cert = stringAt(status, 'clientCertificateData');
  const key = stringAt(status, 'clientKeyData');
  if (token === undefined && (cert === undefined || key === undefined)) {
    throw refuse(plugin, 'its answer has neither a token nor a certificate with its key');
  }
  const end = Date.parse(stringAt(status, 'expirationTimestamp') ?? '');
  return {
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    expires: Number.isNaN(end) ? Number.POSITIVE_INFINITY : end,
  };
}

function refuse(plugin: ExecPlugin, why: string): EngineError {
  return new EngineError('cluster-config', `credential plugin ${plugin.command}: ${why}`, {
    about: plugin.command,
    retry: 'backoff',
  });
}
