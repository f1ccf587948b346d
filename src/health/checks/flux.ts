// Health of Flux's kinds: all of them report Ready, Reconciling and Stalled, and all of them can be suspended.

import type { KubeObject } from '../../model/index.ts';
import { conditionOf, specOf, textIn } from '../read.ts';
import { type Check, type Checks, eachKind, firstOf, given, itsReason, otherwise, when } from '../rules.ts';

const toolkit: Check = firstOf(
  given(
    (object) => specOf(object).suspend === true,
    'Suspended',
    (_, object) => `${object.kind} is suspended`,
  ),
  when('Ready', 'True', 'Healthy', itsReason),
  given(isTrying, 'Progressing', (_, object) => readyReason(object)),
  when('Ready', ['False', 'Unknown'], 'Degraded', (_, object) => readyReason(object)),
  when('Stalled', 'True', 'Degraded', itsReason),
  otherwise('Progressing', 'Status unknown'),
);

/** An OCI Helm repository is only an address: its controller reports nothing of it. */
const helmRepository: Check = firstOf(
  given((object) => specOf(object).suspend === true, 'Suspended', 'HelmRepository is suspended'),
  given(
    (object) => specOf(object).type === 'oci',
    'Healthy',
    "Helm repositories of type 'oci' do not contain any information in the status.",
  ),
  toolkit,
);

/** Checks of Flux. */
export const flux: Checks = {
  ...eachKind(
    'source.toolkit.fluxcd.io',
    ['GitRepository', 'OCIRepository', 'Bucket', 'HelmChart', 'ExternalArtifact'],
    toolkit,
  ),
  'source.toolkit.fluxcd.io/HelmRepository': helmRepository,
  'kustomize.toolkit.fluxcd.io/Kustomization': toolkit,
  'helm.toolkit.fluxcd.io/HelmRelease': toolkit,
  ...eachKind('image.toolkit.fluxcd.io', ['ImageRepository', 'ImagePolicy', 'ImageUpdateAutomation'], toolkit),
  ...eachKind('notification.toolkit.fluxcd.io', ['Receiver', 'Alert', 'Provider'], toolkit),
  'fluxcd.controlplane.io/*': toolkit,
};

/** Reconciling, and not for another time after a failure. */
function isTrying(object: KubeObject): boolean {
  const reconciling = conditionOf(object, 'Reconciling');
  if (reconciling?.status === 'True') return reconciling.reason !== 'ProgressingWithRetry';
  const ready = conditionOf(object, 'Ready');
  return ready?.status === 'Unknown' && conditionOf(object, 'Stalled')?.status !== 'True';
}

/** The reason of Ready, and what is newer than the artifact that is kept. */
function readyReason(object: KubeObject): string {
  const told = conditionOf(object, 'Ready') ?? conditionOf(object, 'Reconciling');
  const outdated = conditionOf(object, 'ArtifactOutdated');
  const reason = told === undefined ? '' : textIn(told, 'reason');
  return outdated?.status === 'True' ? `${reason} ${textIn(outdated, 'reason')}`.trim() : reason;
}
