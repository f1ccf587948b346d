// Health of cert-manager's and trust-manager's kinds, of the old group (certmanager.k8s.io) as well.

import { textIn } from '../read.ts';
import { byWord, type Check, type Checks, find, firstOf, otherwise, type Say, when, whenReason } from '../rules.ts';

const issuer: Check = firstOf(
  when('Ready', 'False', 'Degraded'),
  when('Ready', 'True', 'Healthy'),
  otherwise('Progressing', 'Initializing issuer'),
);

const certificate: Check = firstOf(
  // A renewal leaves Ready as it was while the new certificate is on its way.
  when('Issuing', 'True', 'Progressing'),
  when('Ready', 'False', 'Degraded'),
  when('Ready', 'True', 'Healthy'),
  otherwise('Progressing', 'Waiting for certificate'),
);

/** Checks of cert-manager. */
export const certManager: Checks = {
  'cert-manager.io/Certificate': certificate,
  'cert-manager.io/Issuer': issuer,
  'cert-manager.io/ClusterIssuer': issuer,
  'cert-manager.io/CertificateRequest': firstOf(
    when(['Denied', 'InvalidRequest'], 'True', 'Degraded'),
    when('Ready', 'True', 'Healthy'),
    whenReason(['Pending'], 'Progressing', undefined, 'Ready'),
    when('Ready', 'False', 'Degraded'),
    otherwise('Progressing', 'Waiting for certificate request'),
  ),
  'acme.cert-manager.io/Challenge': acme('Challenge'),
  'acme.cert-manager.io/Order': acme('Order'),
  'trust.cert-manager.io/Bundle': firstOf(
    when('Synced', 'True', 'Healthy', (it) => textIn(it, 'message') || 'Bundle is synced'),
    find(
      (it) => it.type === 'Synced',
      'Degraded',
      (it) => textIn(it, 'message') || textIn(it, 'reason') || 'Bundle is not synced',
    ),
    otherwise('Progressing', 'Waiting for Bundle to be synced'),
  ),
  'certmanager.k8s.io/Certificate': certificate,
  'certmanager.k8s.io/Issuer': issuer,
  'certmanager.k8s.io/ClusterIssuer': issuer,
};

/** The states of RFC 8555. */
function acme(what: 'Challenge' | 'Order'): Check {
  const say: Say = (status) => textIn(status, 'reason') || `${what} is ${textIn(status, 'state')}`;
  return firstOf(
    byWord(['status', 'state'], {
      valid: ['Healthy', `${what} is valid`],
      invalid: ['Degraded', say],
      expired: ['Degraded', say],
      errored: ['Degraded', say],
      pending: ['Progressing', say],
      ready: ['Progressing', say],
      processing: ['Progressing', say],
    }),
    otherwise('Progressing', `Waiting for ${what.toLowerCase()}`),
  );
}
