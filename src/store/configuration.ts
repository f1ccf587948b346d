// Watches what the engine is configured with: ConfigMaps and Secrets of the control namespace, in Argo CD's form.
import {
  type Application,
  asEngineError,
  canonical,
  type Json,
  type KubeObject,
  type SettingFinding,
  type Settings,
  stringAt,
} from '../model/index.ts';
import type {
  ClusterCredential,
  Dialect,
  KubeApi,
  Log,
  NotifySettings,
  RepositoryCredential,
  SignerKeys,
  TrustSettings,
  WebhookSecrets,
} from '../ports/index.ts';
import { checkSettings } from './check-settings.ts';
import { readCluster } from './cluster-credentials.ts';
import { readForgeCredential, readRepository, secretData, secretType } from './credentials.ts';
import { readNotifySettings } from './notify-settings.ts';
import { readApplicationNamespaces } from './settings.ts';
import { settingsPlaces } from './settings-places.ts';
import { configData, readSigners, readTrust, readWebhookSecrets } from './trust.ts';

/** Everything that is configured, as it is now. */
export type Configured = {
  readonly settings: Settings;
  readonly applicationNamespaces: readonly string[];
  readonly repositories: readonly RepositoryCredential[];
  /** Those that may write (`repository-write`, `repo-write-creds`), as Argo CD's hydrator has them. */
  readonly writers: readonly RepositoryCredential[];
  readonly clusters: readonly ClusterCredential[];
  readonly trust: TrustSettings;
  readonly signers: SignerKeys;
  readonly webhookSecrets: WebhookSecrets;
  readonly notify: NotifySettings;
  /** Credentials that are meant for the API of forges. */
  readonly forges: readonly RepositoryCredential[];
  /** What is wrong with any of it. */
  readonly findings: readonly SettingFinding[];
  /** argocd-cm itself, for Events about it. */
  readonly configMap: Pick<Application, 'namespace' | 'name' | 'uid'> | undefined;
};

type Parts = { readonly configMaps: Map<string, KubeObject>; readonly secrets: Map<string, KubeObject> };

/** Reads everything and goes on watching; `changed` is told what differs from before, once everything is known. */
export async function watchConfiguration(
  world: { readonly api: KubeApi; readonly dialect: Dialect; readonly log: Log; readonly namespace: string },
  changed: (now: Configured, before: Configured) => void,
): Promise<{ now(): Configured; stop(): void }> {
  const parts: Parts = { configMaps: new Map(), secrets: new Map() };
  let configured = read(parts, world.dialect);
  let ready = false;
  let due = false;
  const look = () => {
    if (!ready || due) return;
    // Secrets often change several at a time; they are read once for all of them.
    due = true;
    queueMicrotask(() => {
      due = false;
      const before = configured;
      configured = read(parts, world.dialect);
      if (canonical(configured as unknown as Json) !== canonical(before as unknown as Json))
        changed(configured, before);
    });
  };
  const places = settingsPlaces(world.namespace);
  const collections = [
    ...places.configMaps.map((path) => ({ path, into: parts.configMaps })),
    ...places.secrets.map((path) => ({ path, into: parts.secrets })),
  ];
  const watches = collections.map(({ path, into }) => follow(world, path, into, look));
  await Promise.all(watches.map((watch) => watch.known));
  ready = true;
  configured = read(parts, world.dialect);
  return {
    now: () => configured,
    stop: () => {
      for (const watch of watches) watch.stop();
    },
  };
}

// Rights to read Secrets may be missing: the engine then goes on with what it can see. A server that does not answer is
// waited for: starting with defaults in place of settings could do harm.
function follow(
  world: { readonly api: KubeApi; readonly log: Log },
  path: string,
  into: Map<string, KubeObject>,
  look: () => void,
): { readonly known: Promise<void>; stop(): void } {
  let stop = (): void => undefined;
  const known = new Promise<void>((resolve) => {
    stop = world.api.watch(path, {
      put: (object) => {
        into.set(stringAt(object.metadata, 'name') ?? '', object);
        look();
      },
      gone: ({ name }) => {
        into.delete(name);
        look();
      },
      synced: resolve,
      state: (message) => {
        if (message === '') return;
        world.log.warn('configuration cannot be watched', { path, reason: message });
        void denied(world.api, path).then((yes) => yes && resolve());
      },
    });
  });
  return { known, stop: () => stop() };
}

/** True when the server refuses to show what lies at a path. */
export async function denied(api: KubeApi, path: string): Promise<boolean> {
  try {
    await api.request('GET', `${path}${path.includes('?') ? '&' : '?'}limit=1`);
    return false;
  } catch (thrown) {
    return asEngineError(thrown).code === 'cluster-denied';
  }
}

function read(parts: Parts, dialect: Dialect): Configured {
  const data = (name: string) => configData(parts.configMaps.get(name));
  const params = data('argocd-cmd-params-cm');
  const secrets = [...parts.secrets.values()];
  const own = parts.secrets.get('argocd-secret');
  const ofType = (...types: readonly string[]) => secrets.filter((secret) => types.includes(secretType(secret)));
  const checked = checkSettings([...parts.configMaps.values(), ...secrets], dialect.parseDuration);
  const { metadata } = parts.configMaps.get('argocd-cm') ?? {};
  const [namespace, name, uid] = ['namespace', 'name', 'uid'].map((key) => stringAt(metadata, key) ?? '');
  return {
    settings: checked.settings,
    findings: checked.findings.filter(({ level }) => level !== 'info'),
    configMap: namespace && name && uid ? { namespace, name, uid } : undefined,
    applicationNamespaces: readApplicationNamespaces(params),
    forges: ofType('scm-creds').flatMap((secret) => readForgeCredential(secret) ?? []),
    repositories: ofType('repository', 'repo-creds').flatMap((secret) => readRepository(secret) ?? []),
    writers: ofType('repository-write', 'repo-write-creds').flatMap((secret) => readRepository(secret) ?? []),
    clusters: ofType('cluster').flatMap((secret) => readCluster(secret) ?? []),
    trust: readTrust(data('argocd-tls-certs-cm'), data('argocd-ssh-known-hosts-cm')),
    signers: readSigners(data('argocd-gpg-keys-cm'), data('plumbline-allowed-signers')),
    webhookSecrets: readWebhookSecrets(own),
    notify: readNotifySettings(data('argocd-cm'), own === undefined ? {} : secretData(own), dialect.parseDuration),
  };
}
