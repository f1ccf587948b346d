// Health of what brings secrets into a cluster: External Secrets, Sealed Secrets, 1Password, Vault, SOPS.

import type { Health, KubeObject } from '../../model/index.ts';
import { conditionsOf, hasIn, statusOf, textIn } from '../read.ts';
import {
  byWord,
  type Check,
  type Checks,
  eachKind,
  firstOf,
  given,
  health,
  isStale,
  otherwise,
  type Say,
  when,
  withoutConditions,
} from '../rules.ts';

/** Ready decides; `waiting` is said until it is there. */
function ready(waiting: string): Check {
  return firstOf(
    when('Ready', 'False', 'Degraded'),
    when('Ready', 'True', 'Healthy'),
    otherwise('Progressing', waiting),
  );
}

const sops: Check = firstOf(
  withoutConditions('Waiting for status'),
  given(isStale, 'Progressing', 'Waiting for reconciliation (generation mismatch)'),
  when('Ready', 'True', 'Healthy'),
  when('Ready', 'False', 'Degraded'),
  when('Ready', 'Unknown', 'Progressing'),
  otherwise('Progressing', 'Waiting for Ready condition'),
);
/** `ERROR, why` */
const why: Say = (status) => textIn(status, 'status').replace(/^ERROR, /, '');

const vaultSecret: Check = firstOf(
  when('Ready', 'True', 'Healthy'),
  when('SecretSynced', 'False', 'Degraded'),
  when('SecretSynced', 'True', 'Healthy'),
  when('Ready', 'False', 'Degraded'),
  // Versions before the conditions only keep a digest of what they read.
  given((object) => hasIn(statusOf(object), 'secretMAC'), 'Healthy', 'Secret was found'),
  otherwise('Progressing', 'Waiting for the secret to be read from Vault'),
);

const vaultSettings: Check = firstOf(
  given((object) => statusOf(object).valid === true, 'Healthy'),
  given(
    (object) => statusOf(object).valid === false,
    'Degraded',
    (status) => textIn(status, 'error'),
  ),
  otherwise('Progressing', 'Waiting for status'),
);

/** Checks of secret operators. */
export const secrets: Checks = {
  'external-secrets.io/ExternalSecret': ready('Waiting for ExternalSecret'),
  'external-secrets.io/PushSecret': ready('Waiting for PushSecret'),
  'external-secrets.io/SecretStore': ready('Waiting for SecretStore'),
  'external-secrets.io/ClusterSecretStore': ready('Waiting for ClusterSecretStore'),
  'external-secrets.io/ClusterExternalSecret': clusterExternalSecret,
  'external-secrets.io/ClusterPushSecret': ready('Waiting for ClusterPushSecret'),
  'kubernetes-client.io/ExternalSecret': firstOf(
    byWord(['status', 'status'], { SUCCESS: ['Healthy', 'Fetched ExternalSecret.'] }),
    given((object) => textIn(statusOf(object), 'status').startsWith('ERROR'), 'Degraded', why),
    otherwise('Progressing', 'Waiting for ExternalSecret.'),
  ),
  'bitnami.com/SealedSecret': firstOf(
    when('Synced', 'False', 'Degraded'),
    when('Synced', 'True', 'Healthy'),
    otherwise('Progressing', 'Waiting for Sealed Secret to be decrypted'),
  ),
  'onepassword.com/OnePasswordItem': ready('Waiting for controller to report status'),
  ...eachKind(
    'secrets.hashicorp.com',
    ['VaultStaticSecret', 'VaultDynamicSecret', 'VaultPKISecret', 'HCPVaultSecretsApp'],
    vaultSecret,
  ),
  ...eachKind('secrets.hashicorp.com', ['VaultAuth', 'VaultAuthGlobal', 'VaultConnection'], vaultSettings),
  'addons.projectcapsule.dev/SopsSecret': sops,
  'addons.projectcapsule.dev/GlobalSopsSecret': sops,
  'addons.projectcapsule.dev/SopsProvider': sops,
};

/** New conditions come after the old ones, which stay True: the last one counts. */
function clusterExternalSecret(object: KubeObject): Health {
  const last = conditionsOf(object).at(-1);
  const message = last === undefined ? '' : textIn(last, 'message');
  if (last?.type === 'Ready' && last.status === 'True') return health('Healthy', message);
  const bad = last?.type === 'Ready' ? last.status === 'False' : last?.status === 'True';
  if (bad && faults.has(textIn(last ?? {}, 'type'))) return health('Degraded', message);
  return health('Progressing', 'Waiting for ClusterExternalSecret');
}

const faults = new Set(['Ready', 'PartiallyReady', 'NotReady']);
