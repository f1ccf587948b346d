// Reads kubeconfig files as kubectl does: a list of files merged (the first to name a thing wins), one context chosen,
// relative paths taken from the file that names them. @kubernetes/client-node would cost 89 MB of memory for this.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { load } from 'js-yaml';
import { EngineError, isJsonObject, type Json, type JsonObject, stringAt } from '../model/index.ts';
import type { Connection, ExecPlugin, Identity } from './connection.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What to load: `path` (or a list of paths) wins over KUBECONFIG, which wins over ~/.kube/config. */
export type KubeconfigChoice = {
  readonly path?: string;
  readonly context?: string;
  readonly environment: Environment;
};

/** The chosen context as a connection, with its name. EngineError `cluster-config` when it cannot be read. */
export async function loadKubeconfig(choice: KubeconfigChoice): Promise<Connection & { readonly context: string }> {
  const paths = pathsOf(choice);
  const merged = new Merged();
  for (const path of paths) merged.add(path, await readConfig(path, paths.length > 1));
  const context = choice.context ?? merged.current;
  if (context === '') throw broken(paths.join(delimiter), 'it names no current context, and none was asked for');
  const found = merged.contexts.get(context);
  if (found === undefined) throw broken(paths.join(delimiter), `it has no context ${context}`);
  const cluster = merged.clusters.get(stringAt(found.value, 'cluster') ?? '');
  if (cluster === undefined) throw broken(found.path, `context ${context} names a cluster that it does not have`);
  const user = merged.users.get(stringAt(found.value, 'user') ?? '') ?? { path: found.path, value: {} };
  const connection = await connect(cluster, user, choice.environment);
  return { ...connection, namespace: stringAt(found.value, 'namespace') ?? '', context };
}

const accountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The service account of the pod that we run in; undefined outside of a cluster. */
export async function inClusterConnection(environment: Environment): Promise<Connection | undefined> {
  const host = environment.KUBERNETES_SERVICE_HOST;
  const port = environment.KUBERNETES_SERVICE_PORT;
  if (host === undefined || port === undefined) return undefined;
  const path = join(accountDirectory, 'token');
  const [ca, namespace] = await Promise.all([
    readFile(join(accountDirectory, 'ca.crt'), 'utf8').catch(() => undefined),
    readFile(join(accountDirectory, 'namespace'), 'utf8').catch(() => ''),
  ]);
  if (ca === undefined) return undefined;
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca,
    insecure: false,
    identity: { kind: 'token-file', path },
    namespace: namespace.trim(),
  };
}

type Named = { readonly path: string; readonly value: JsonObject };

class Merged {
  current = '';
  readonly clusters = new Map<string, Named>();
  readonly users = new Map<string, Named>();
  readonly contexts = new Map<string, Named>();

  add(path: string, config: JsonObject | undefined): void {
    if (config === undefined) return;
    if (this.current === '') this.current = stringAt(config, 'current-context') ?? '';
    take(this.clusters, path, config.clusters, 'cluster');
    take(this.users, path, config.users, 'user');
    take(this.contexts, path, config.contexts, 'context');
  }
}

function take(into: Map<string, Named>, path: string, list: Json | undefined, field: string): void {
  if (!Array.isArray(list)) return;
  for (const entry of list as readonly Json[]) {
    if (!isJsonObject(entry)) continue;
    const name = stringAt(entry, 'name');
    const value = entry[field];
    if (name !== undefined && isJsonObject(value) && !into.has(name)) into.set(name, { path, value });
  }
}

function pathsOf(choice: KubeconfigChoice): readonly string[] {
  const given = choice.path ?? choice.environment.KUBECONFIG ?? '';
  const listed = given.split(delimiter).filter((path) => path !== '');
  return listed.length > 0 ? listed : [join(homedir(), '.kube', 'config')];
}

async function readConfig(path: string, optional: boolean): Promise<JsonObject | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (optional && (cause as { code?: string }).code === 'ENOENT') return undefined;
    throw broken(path, 'it cannot be read', cause);
  }
  try {
    const value = load(text);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw broken(path, 'it is not YAML', cause);
  }
  throw broken(path, 'it is not a kubeconfig');
}

async function connect(cluster: Named, user: Named, environment: Environment): Promise<Connection> {
  const server = stringAt(cluster.value, 'server');
  if (server === undefined) throw broken(cluster.path, 'the cluster has no server');
  const [ca, cert, key] = await Promise.all([
    data(cluster, 'certificate-authority'),
    data(user, 'client-certificate'),
    data(user, 'client-key'),
  ]);
  const serverName = stringAt(cluster.value, 'tls-server-name');
  const proxyUrl = stringAt(cluster.value, 'proxy-url');
  const impersonated = stringAt(user.value, 'as');
  return {
    server,
    insecure: cluster.value['insecure-skip-tls-verify'] === true,
    identity: identityOf(user, environment),
    namespace: '',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(proxyUrl === undefined || proxyUrl === '' ? {} : { proxyUrl }),
    ...(impersonated === undefined ? {} : { impersonate: { user: impersonated, groups: strings(user, 'as-groups') } }),
  };
}

/** PEM text: `<field>-data` is base64, `<field>` a path. */
async function data({ path, value }: Named, field: string): Promise<string | undefined> {
  const inline = stringAt(value, `${field}-data`);
  if (inline !== undefined && inline !== '') return Buffer.from(inline, 'base64').toString('utf8');
  const file = stringAt(value, field);
  if (file === undefined || file === '') return undefined;
  try {
    return await readFile(resolve(dirname(path), file), 'utf8');
  } catch (cause) {
    throw broken(path, `${field} ${file} cannot be read`, cause);
  }
}

function identityOf(user: Named, environment: Environment): Identity {
  const { path, value } = user;
  const tokenFile = stringAt(value, 'tokenFile');
  if (tokenFile !== undefined && tokenFile !== '') {
    return { kind: 'token-file', path: resolve(dirname(path), tokenFile) };
  }
  const token = stringAt(value, 'token');
  if (token !== undefined && token !== '') return { kind: 'token', token };
  const username = stringAt(value, 'username');
  if (username !== undefined && username !== '') {
    return { kind: 'basic', username, password: stringAt(value, 'password') ?? '' };
  }
  const exec = value.exec;
  if (isJsonObject(exec)) return { kind: 'exec', plugin: pluginOf(exec, dirname(path), environment) };
  if (isJsonObject(value['auth-provider'])) throw broken(path, 'auth-provider is no longer supported; use exec');
  return { kind: 'none' };
}

function pluginOf(exec: JsonObject, directory: string, environment: Environment): ExecPlugin {
  const env: Record<string, string> = {};
  for (const [name, text] of Object.entries(environment)) if (text !== undefined) env[name] = text;
  const added = exec.env;
  for (const entry of Array.isArray(added) ? (added as readonly Json[]) : []) {
    const name = stringAt(entry, 'name');
    if (name !== undefined) env[name] = stringAt(entry, 'value') ?? '';
  }
  const args = exec.args;
  return {
    command: stringAt(exec, 'command') ?? '',
    args: Array.isArray(args) ? (args as readonly Json[]).map(String) : [],
    env,
    apiVersion: stringAt(exec, 'apiVersion') ?? '',
    installHint: stringAt(exec, 'installHint') ?? '',
    provideClusterInfo: exec.provideClusterInfo === true,
    directory,
  };
}

function strings({ value }: Named, field: string): readonly string[] {
  const list = value[field];
  return Array.isArray(list) ? (list as readonly Json[]).filter((item) => typeof item === 'string') : [];
}

function broken(path: string, why: string, cause?: unknown): EngineError {
  return new EngineError('cluster-config', `kubeconfig: ${path}: ${why}`, { about: path, cause });
}
