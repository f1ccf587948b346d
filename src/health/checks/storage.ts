// Health of storage: snapshots, Rook's Ceph, MinIO, Longhorn, Velero, CDI and NetApp (Trident, Astra).

import { type Health, isJsonObject, type JsonObject, type KubeObject } from '../../model/index.ts';
import { dig, hasIn, objectIn, specOf, statusOf, textIn } from '../read.ts';
import {
  byWord,
  type Check,
  type Checks,
  eachKind,
  find,
  firstOf,
  given,
  health,
  otherwise,
  type Say,
  when,
  words,
} from '../rules.ts';

const statusMessage: Say = (status) => textIn(status, 'message');

const bucketPhase: Say = (status) => `Object bucket claim phase is ${textIn(status, 'phase')}`;

const snapshot: Check = firstOf(
  given((object) => statusOf(object).readyToUse === true, 'Healthy', 'Ready to use'),
  given(
    (object) => hasIn(statusOf(object), 'error'),
    'Degraded',
    (status) => textIn(objectIn(status, 'error'), 'message'),
  ),
  otherwise('Progressing', 'Waiting for status'),
);

/** Checks of storage. */
export const storage: Checks = {
  ...eachKind('snapshot.storage.k8s.io', ['VolumeSnapshot', 'VolumeSnapshotContent'], snapshot),
  'ceph.rook.io/CephCluster': cephCluster,
  'ceph.rook.io/CephObjectStore': ceph('Ceph object store'),
  'ceph.rook.io/CephBlockPool': ceph('Ceph block pool'),
  'ceph.rook.io/CephFilesystem': ceph('Ceph filesystem'),
  'objectbucket.io/ObjectBucketClaim': firstOf(
    byWord(['status', 'phase'], { Bound: 'Healthy', Failed: 'Degraded' }, bucketPhase),
    given((object) => textIn(statusOf(object), 'phase') !== '', 'Progressing', bucketPhase),
    given((object) => hasIn(object, 'status'), 'Progressing', 'Waiting for phase to be reported'),
    otherwise('Progressing', 'Waiting for status to be reported'),
  ),
  'minio.min.io/Tenant': minioTenant,
  'longhorn.io/Volume': longhorn,
  'velero.io/Backup': velero('backup', 'Completed', ['failureReason']),
  'velero.io/Restore': velero('restore', 'Completed', ['failureReason']),
  'velero.io/Schedule': firstOf(
    byWord(['status', 'phase'], {
      Enabled: ['Healthy', 'Schedule is enabled'],
      FailedValidation: ['Degraded', 'Schedule failed validation'],
      '': ['Progressing', 'Waiting for schedule to be processed'],
    }),
    given(
      () => true,
      'Progressing',
      (status) => textIn(status, 'phase'),
    ),
  ),
  'velero.io/BackupStorageLocation': byWord(['status', 'phase'], {
    Available: 'Healthy',
    Unavailable: ['Degraded', statusMessage],
    '': 'Progressing',
  }),
  'cdi.kubevirt.io/DataVolume': firstOf(
    byWord(['status', 'phase'], { Succeeded: ['Healthy', 'Succeeded'], Paused: ['Suspended', 'Paused'] }),
    find((it) => it.type === 'Running' && it.status === 'False' && it.reason === 'Error', 'Degraded'),
    byWord(['status', 'phase'], {
      Failed: ['Degraded', 'Failed'],
      Unknown: ['Degraded', 'Unknown'],
      '': ['Progressing', 'No status available'],
    }),
    given(
      () => true,
      'Progressing',
      (status) => textIn(status, 'phase'),
    ),
  ),
  'trident.netapp.io/TridentBackendConfig': firstOf(
    byWord(['status', 'lastOperationStatus'], { Failed: ['Degraded', statusMessage] }),
    given(
      (object) => dig(object, ['status', 'phase']) === 'Bound' && statusOf(object).lastOperationStatus === 'Success',
      'Healthy',
      statusMessage,
    ),
    otherwise('Progressing', 'Waiting for backend creation'),
  ),
  'trident.netapp.io/TridentOrchestrator': firstOf(
    byWord(['status', 'status'], {
      Installed: ['Healthy', statusMessage],
      ...words(['Degraded', statusMessage], 'Error', 'Failed'),
    }),
    otherwise('Progressing', 'Waiting for trident installation'),
  ),
  'astra.netapp.io/AppVault': firstOf(
    byWord(['status', 'state'], {
      available: ['Healthy', 'AppVault Available'],
      '': ['Progressing', 'No status available'],
    }),
    otherwise('Degraded', 'AppVault Failed'),
  ),
  'astra.netapp.io/Application': firstOf(
    when('Ready', 'True', 'Healthy', (_, object) => `Astra Application Ready, protectionState: ${protection(object)}`),
    when('Ready', 'False', 'Degraded', (it) => `Astra Application Degraded, message: ${textIn(it, 'message')}`),
    otherwise('Progressing', 'No status available'),
  ),
  'astra.netapp.io/ExecHook': firstOf(
    given((object) => specOf(object).enabled === true, 'Healthy', 'ExecHook enabled'),
    given((object) => specOf(object).enabled === false, 'Suspended', 'ExecHook disabled'),
    otherwise('Progressing', 'No status available'),
  ),
  'astra.netapp.io/Schedule': firstOf(
    given(
      (object) => hasIn(statusOf(object), 'lastScheduleTime'),
      'Healthy',
      (status) => `Protection policy lastScheduleTime: ${textIn(status, 'lastScheduleTime')}`,
    ),
    otherwise('Healthy', 'Protection policy not yet executed'),
  ),
  // Everything else of Astra runs once and reports a state.
  'astra.netapp.io/*': firstOf(
    byWord(['status', 'state'], {
      Completed: ['Healthy', (_, object) => `${object.kind} Completed`],
      Running: ['Progressing', (_, object) => `${object.kind} Running`],
      '': ['Progressing', 'No status available'],
    }),
    given(
      () => true,
      'Degraded',
      (status) => textIn(status, 'state'),
    ),
  ),
};

function protection(object: KubeObject): string {
  return textIn(statusOf(object), 'protectionState');
}

/** Ceph's own verdict counts first, then the operator's; everything that is known is said. */
function cephCluster(object: KubeObject): Health {
  if (!hasIn(object, 'status')) return health('Progressing', 'Waiting for status to be reported');
  const status = statusOf(object);
  const parts: string[] = [];
  let verdict: Health['status'] = 'Progressing';
  const own = textIn(objectIn(status, 'ceph'), 'health');
  if (own !== '') {
    if (own === 'HEALTH_OK') verdict = 'Healthy';
    if (own === 'HEALTH_WARN' || own === 'HEALTH_ERR') verdict = 'Degraded';
    parts.push(`Ceph health is ${own}${cephDetails(status)}`);
  }
  const state = textIn(status, 'state');
  if (state !== '' && verdict === 'Healthy') {
    parts.push(`Ceph cluster state is ${state}`);
    if (state === 'Error') verdict = 'Degraded';
    else if (state !== 'Created' && state !== 'Connected') verdict = 'Progressing';
  }
  const message = textIn(status, 'message');
  if (message !== '') parts.push(message);
  return health(verdict, parts.join(' - '));
}

function cephDetails(status: JsonObject): string {
  const details = objectIn(objectIn(status, 'ceph'), 'details');
  const messages = Object.keys(details)
    .sort()
    .map((type) => details[type])
    .filter(isJsonObject)
    .map((it) => textIn(it, 'message'))
    .filter((message) => message !== '');
  return messages.length === 0 ? '' : ` (${messages.join('; ')})`;
}

function ceph(what: string): Check {
  return (object) => {
    const status = statusOf(object);
    const phase = textIn(status, 'phase');
    const endpoint = textIn(objectIn(status, 'info'), 'endpoint');
    const suffix = endpoint === '' ? '' : ` - endpoint: ${endpoint}`;
    if (phase === '') return health('Progressing', `Waiting for status to be reported${suffix}`);
    const verdict = phase === 'Ready' ? 'Healthy' : phase === 'Failure' ? 'Degraded' : 'Progressing';
    return health(verdict, `${what} phase is ${phase}${suffix}`);
  };
}

const minioFaults = new Set([
  'Statefulset not controlled by operator',
  'Another MinIO Tenant already exists in the namespace',
  'Tenant credentials are not set properly',
  'Different versions across MinIO Pools',
  'Pool Decommissioning Not Allowed',
]);

function minioTenant(object: KubeObject): Health {
  const state = textIn(statusOf(object), 'currentState');
  if (state === '') return health('Progressing', 'No status info available');
  if (state === 'Initialized') return health('Healthy', state);
  return health(minioFaults.has(state) ? 'Degraded' : 'Progressing', state);
}

function longhorn(object: KubeObject): Health {
  const status = statusOf(object);
  const robustness = textIn(status, 'robustness');
  const state = textIn(status, 'state');
  if (robustness === 'faulted') return health('Degraded', 'Volume is faulted');
  if (state === 'detached') return health('Healthy', 'Volume is detached');
  if (state !== 'attached') return health('Progressing', state === '' ? 'Waiting for volume' : `Volume is ${state}`);
  if (robustness === 'healthy') return health('Healthy', 'Volume is attached and healthy');
  if (robustness === 'degraded') return health('Progressing', 'Volume is degraded (rebuilding replicas)');
  return health('Progressing', 'Volume is attached');
}

function velero(what: string, done: string, reasons: readonly string[]): Check {
  const noun = what.charAt(0).toUpperCase() + what.slice(1);
  return (object) => {
    const status = statusOf(object);
    const phase = textIn(status, 'phase');
    if (phase === '') return health('Progressing', `Waiting for ${what} to be processed`);
    if (phase === done) return health('Healthy', `${noun} completed`);
    if (!phase.includes('Failed')) return health('Progressing', phase);
    return health('Degraded', reasons.map((it) => textIn(status, it)).find((it) => it !== '') ?? phase);
  };
}
