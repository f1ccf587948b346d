// Where settings lie in the control namespace: the collections that hold them, for watches and lists alike.
import { secretTypeLabel } from './credentials.ts';

// By name, because Argo CD's programs mount most of them whatever labels they have.
const configMaps = [
  'argocd-cm',
  'argocd-cmd-params-cm',
  'argocd-tls-certs-cm',
  'argocd-ssh-known-hosts-cm',
  'argocd-gpg-keys-cm',
  'plumbline-allowed-signers',
];

/** Paths of everything that settings are read from. */
export function settingsPlaces(namespace: string): {
  readonly configMaps: readonly string[];
  readonly secrets: readonly string[];
} {
  const root = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
  return {
    configMaps: configMaps.map((name) => `${root}/configmaps?fieldSelector=metadata.name%3D${name}`),
    secrets: [
      `${root}/secrets?labelSelector=${secretTypeLabel}`,
      `${root}/secrets?fieldSelector=metadata.name%3Dargocd-secret`,
    ],
  };
}
