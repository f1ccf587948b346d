// Actions of the operators of databases: CloudNativePG and MariaDB.
import type { Json, JsonObject, KubeObject } from '../model/index.ts';
import { objectAt, stringAt } from '../model/index.ts';
import { type Action, type ActionInput, type Actions, annotating, specOf, statusOf, suspendable } from './action.ts';
import { nameAt, ownerOf } from './workloads.ts';

const loop = 'cnpg.io/reconciliationLoop';
const hibernation = 'cnpg.io/hibernation';

/** Kinds of CloudNativePG and of the MariaDB operator. */
export const data: Actions = {
  'postgresql.cnpg.io/Cluster': [
    annotating('restart', 'Restart its instances one by one', 'kubectl.kubernetes.io/restartedAt', ({ now }) => now),
    annotating('reload', 'Read the configuration again', 'cnpg.io/reloadedAt', ({ now }) => now),
    {
      name: 'promote',
      about: 'Make a replica the primary',
      params: [{ name: 'instance', about: 'Its name; any: the next healthy one', default: 'any' }],
      hindered: (object) => (replicas(object).length === 0 ? 'there is no healthy replica' : undefined),
      run: promote,
    },
    {
      ...annotating('suspend', 'Reconcile it no more until it is resumed', loop, () => 'disabled'),
      hindered: (object) => (marked(object, loop) === 'disabled' ? 'it is so already' : undefined),
    },
    {
      ...annotating('resume', 'Reconcile it again', loop, () => null),
      hindered: (object) => (marked(object, loop) === 'disabled' ? undefined : 'it is so already'),
    },
    {
      ...annotating('hibernate', 'Stop its pods and keep its volumes', hibernation, () => 'on'),
      hindered: (object) => (marked(object, hibernation) === 'on' ? 'it is so already' : undefined),
    },
    {
      ...annotating('rehydrate', 'Start it again on its volumes', hibernation, () => 'off'),
      hindered: (object) => (marked(object, hibernation) === 'on' ? undefined : 'it is so already'),
    },
  ],
  'postgresql.cnpg.io/ScheduledBackup': [
    {
      name: 'create-backup',
      about: 'Back up once, now',
      run: (object, { now }) => [{ kind: 'create', object: backupOf(object, now) }],
    },
    ...suspendable,
  ],
  'k8s.mariadb.com/MariaDB': suspendable,
  'k8s.mariadb.com/MaxScale': suspendable,
};

function marked(object: KubeObject, key: string): Json | undefined {
  return objectAt(object.metadata, 'annotations')[key];
}

/** The healthy instances beside the primary, the one that follows it in the list first. */
function replicas(object: KubeObject): readonly string[] {
  const healthy = objectAt(object, 'status', 'instancesStatus').healthy;
  if (!Array.isArray(healthy)) return [];
  const names = (healthy as readonly Json[]).filter((it) => typeof it === 'string');
  const at = names.indexOf(stringAt(object, 'status', 'currentPrimary') ?? '');
  return at < 0 ? names : [...names.slice(at + 1), ...names.slice(0, at)];
}

// What `kubectl cnpg promote` writes.
function promote(object: KubeObject, { params, now }: ActionInput): ReturnType<Action['run']> {
  const wanted = params.instance ?? 'any';
  const target = replicas(object).find((name) => wanted === '' || wanted === 'any' || name === wanted);
  if (target === undefined) return `no healthy replica: ${wanted}`;
  const status: JsonObject = {
    targetPrimary: target,
    targetPrimaryTimestamp: now,
    phase: 'Switchover in progress',
    phaseReason: `Switching over to ${target}`,
  };
  return statusOf(object).targetPrimary === target ? [] : [{ kind: 'patch', patch: { status } }];
}

const passedOn = ['cluster', 'target', 'method', 'pluginConfiguration', 'online', 'onlineConfiguration'];

/** What the schedule itself would create. */
function backupOf(object: KubeObject, now: string): KubeObject {
  const spec = specOf(object);
  const name = stringAt(object.metadata, 'name') ?? '';
  return {
    apiVersion: object.apiVersion,
    kind: 'Backup',
    metadata: {
      name: nameAt(name, now),
      namespace: stringAt(object.metadata, 'namespace') ?? '',
      labels: { 'cnpg.io/cluster': stringAt(spec, 'cluster', 'name') ?? '', 'cnpg.io/scheduled-backup': name },
      ownerReferences: [{ ...ownerOf(object), controller: true, blockOwnerDeletion: true }],
    },
    spec: Object.fromEntries(passedOn.flatMap((key) => (Object.hasOwn(spec, key) ? [[key, spec[key] as Json]] : []))),
  };
}
