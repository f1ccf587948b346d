// argocd-tls-certs-cm, argocd-ssh-known-hosts-cm and argocd-secret: whom to trust, and how webhooks prove themselves.
import { type KubeObject, objectAt } from '../model/index.ts';
import type { SignerKeys, TrustSettings, WebhookSecrets } from '../ports/index.ts';
import { given, secretData } from './credentials.ts';

/** The text data of a ConfigMap. */
export function configData(configMap: KubeObject | undefined): Readonly<Record<string, string>> {
  const data: Record<string, string> = {};
  if (configMap === undefined) return data;
  for (const [key, value] of Object.entries(objectAt(configMap, 'data')))
    if (typeof value === 'string') data[key] = value;
  return data;
}

/** Trust from the data of the two ConfigMaps. */
export function readTrust(
  tlsCerts: Readonly<Record<string, string>>,
  knownHosts: Readonly<Record<string, string>>,
): TrustSettings {
  return { tlsCerts, knownHosts: knownHosts.ssh_known_hosts ?? '' };
}

/** Whose signatures count, from the data of the two ConfigMaps: armored keys by id, and allowed_signers files. */
export function readSigners(
  gpgKeys: Readonly<Record<string, string>>,
  allowedSigners: Readonly<Record<string, string>>,
): SignerKeys {
  const inOrder = (data: Readonly<Record<string, string>>) =>
    Object.keys(data)
      .sort()
      .map((key) => data[key] ?? '');
  return { gpg: inOrder(gpgKeys), ssh: inOrder(allowedSigners).join('\n') };
}

/** The webhook secrets in argocd-secret. */
export function readWebhookSecrets(secret: KubeObject | undefined): WebhookSecrets {
  if (secret === undefined) return {};
  const data = secretData(secret);
  const username = data['webhook.azuredevops.username'];
  const password = data['webhook.azuredevops.password'];
  return {
    ...given({
      github: data['webhook.github.secret'],
      gitlab: data['webhook.gitlab.secret'],
      gogs: data['webhook.gogs.secret'],
      bitbucketServer: data['webhook.bitbucketserver.secret'],
      bitbucketUuid: data['webhook.bitbucket.uuid'],
      harbor: data['webhook.harbor.secret'],
    }),
    ...(username && password && { azure: { username, password } }),
  };
}
