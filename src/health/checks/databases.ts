// Health of database operators: PostgreSQL (Zalando, CloudNativePG, Crunchy), Percona, ClickHouse, Atlas, RabbitMQ.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import {
  annotationIn,
  conditionOf,
  conditionsOf,
  hasIn,
  isText,
  metaOf,
  numberIn,
  specOf,
  statusOf,
  textIn,
} from '../read.ts';
import {
  byWord,
  type Check,
  type Checks,
  eachKind,
  find,
  firstOf,
  given,
  health,
  itsReason,
  otherwise,
  type Say,
  when,
  words,
} from '../rules.ts';

const phaseReason: Say = (status) => textIn(status, 'phaseReason');
const nodesReady = (status: JsonObject): string =>
  `${numberIn(status, 'ready')}/${numberIn(status, 'size')} node(s) are ready`;
const lost =
  'Cluster status is unknown. Ensure your ArgoCD is current and then check for/file a bug report: https://github.com/argoproj/argo-cd/issues';

const mongo: Check = firstOf(
  byWord(
    ['status', 'phase'],
    {
      Running: 'Healthy',
      Updated: 'Healthy',
      Failed: 'Degraded',
      Unsupported: 'Degraded',
      Disabled: 'Suspended',
      ...words('Progressing', 'Pending', 'Reconciling'),
    },
    (status) => textIn(status, 'message'),
  ),
  otherwise('Progressing', 'Waiting for status'),
);

/** Checks of database operators. */
export const databases: Checks = {
  'acid.zalan.do/postgresql': firstOf(
    given((object) => zalando(object) === '', 'Progressing', 'Waiting for postgres cluster status...'),
    given((object) => zalando(object) === 'Running', 'Healthy', 'Running'),
    given(
      (object) => ['Creating', 'Updating'].includes(zalando(object)),
      'Progressing',
      (_, it) => zalando(it),
    ),
    given(
      () => true,
      'Degraded',
      (_, object) => zalando(object),
    ),
  ),
  'postgresql.cnpg.io/Cluster': firstOf(
    given(
      (object) =>
        [annotationIn(object, 'cnpg.io/reconciliationLoop'), annotationIn(object, 'cnpg.io/reconciliation')].includes(
          'disabled',
        ),
      'Suspended',
      'Cluster reconciliation is suspended',
    ),
    when('cnpg.io/hibernation', 'True', 'Suspended'),
    find((it) => it.type === 'cnpg.io/hibernation', 'Degraded'),
    given((object) => conditionsOf(object).length === 0, 'Progressing', phaseReason),
    byWord(
      ['status', 'phase'],
      {
        'Cluster in healthy state': 'Healthy',
        ...words(
          'Progressing',
          'Setting up primary',
          'Creating a new replica',
          'Upgrading cluster',
          'Waiting for the instances to become active',
          'Promoting to primary cluster',
        ),
        ...words(
          'Degraded',
          'Switchover in progress',
          'Failing over',
          'Upgrading Postgres major version',
          'Cluster upgrade delayed',
          'Waiting for user action',
          'Primary instance is being restarted in-place',
          'Primary instance is being restarted without a switchover',
          'Cluster cannot execute instance online upgrade due to missing architecture binary',
          'Online upgrade in progress',
          'Applying configuration',
        ),
        ...words(
          'Suspended',
          'Unable to create required cluster objects',
          'Cluster cannot proceed to reconciliation due to an unknown plugin being required',
          'Cluster has incomplete or invalid image catalog',
          'Cluster is unrecoverable and needs manual intervention',
        ),
      },
      phaseReason,
    ),
    given(() => true, 'Unknown', phaseReason),
  ),
  'postgresql.cnpg.io/Backup': firstOf(
    byWord(['status', 'phase'], {
      completed: ['Healthy', 'Backup completed'],
      ...words(['Degraded', backupError], 'failed', 'walArchivingFailing', 'invalid backup definition'),
      '': ['Progressing', 'Waiting for backup to be processed'],
    }),
    given(
      () => true,
      'Progressing',
      (status) => textIn(status, 'phase'),
    ),
  ),
  ...eachKind('postgresql.cnpg.io', ['Database', 'Publication', 'Subscription'], cnpgDeclared),
  'postgres-operator.crunchydata.com/PostgresCluster': firstOf(
    find((it) => it.type === 'ProxyAvailable' && it.status === 'False', 'Progressing'),
    when('PGBackRestRepoHostReady', 'False', 'Progressing'),
    when('PersistentVolumeResizing', 'True', 'Progressing'),
    given((object) => hasIn(object, 'status'), 'Healthy'),
    otherwise('Progressing', 'Waiting for PostgresCluster'),
  ),
  ...eachKind('mongodb.com', ['MongoDB', 'MongoDBMultiCluster', 'MongoDBOpsManager', 'MongoDBUser'], mongo),
  'mongodbcommunity.mongodb.com/MongoDBCommunity': mongo,
  'pxc.percona.com/PerconaXtraDBCluster': firstOf(
    byWord(['status', 'state'], {
      initializing: ['Progressing', nodesReady],
      ready: ['Healthy', nodesReady],
      paused: ['Unknown', 'Cluster is paused'],
      stopping: ['Degraded', (status) => `Cluster is stopping (${nodesReady(status)})`],
      error: ['Degraded', (status) => `Cluster is on error: ${list(status, 'message')}`],
    }),
    otherwise('Unknown', lost),
  ),
  'psmdb.percona.com/PerconaServerMongoDB': firstOf(
    byWord(['status', 'state'], {
      initializing: ['Progressing', nodesReady],
      ready: ['Healthy', nodesReady],
      error: ['Degraded', nodesReady],
      stopping: ['Degraded', (status) => `Cluster is stopping (${nodesReady(status)})`],
      paused: ['Suspended', nodesReady],
    }),
    given(() => true, 'Unknown', nodesReady),
  ),
  'ps.percona.com/PerconaServerMySQL': percona(),
  'pgv2.percona.com/PerconaPGCluster': percona(),
  'clickhouse.altinity.com/ClickHouseInstallation': clickhouse('ClickHouse'),
  'clickhouse-keeper.altinity.com/ClickHouseKeeperInstallation': clickhouse('ClickHouseKeeper'),
  ...eachKind('db.atlasgo.io', ['AtlasMigration', 'AtlasSchema'], atlas()),
  'rabbitmq.com/RabbitmqCluster': rabbitCluster,
  ...eachKind(
    'rabbitmq.com',
    [
      'Binding',
      'Exchange',
      'Federation',
      'Permission',
      'Policy',
      'OperatorPolicy',
      'Queue',
      'SchemaReplication',
      'Shovel',
      'TopicPermission',
      'User',
      'Vhost',
    ],
    rabbit,
  ),
};

/** Early versions of Zalando's operator wrote the status as a bare word. */
function zalando(object: KubeObject): string {
  return textIn(statusOf(object), 'PostgresClusterStatus') || (isText(object.status) ? object.status : '');
}

function backupError(status: JsonObject): string {
  return textIn(status, 'error') || textIn(status, 'phase');
}

/**
 * What CloudNativePG declares inside a database. The generation is only written after a success: a failure before it
 * is one that is tried again (an owner may not exist yet), a failure after it is a fault.
 */
function cnpgDeclared(object: KubeObject): Health {
  const status = statusOf(object);
  const message = textIn(status, 'message');
  const generation = textIn(metaOf(object), 'generation');
  const seen = generation === '' || textIn(status, 'observedGeneration') === generation;
  if (status.applied === true && seen) return health('Healthy', message);
  if (status.applied === false && seen) {
    return health('Degraded', message || `CloudNativePG failed to apply the ${object.kind}`);
  }
  return health('Progressing', message || `Waiting for CloudNativePG to reconcile ${object.kind}`);
}

function percona(): Check {
  return firstOf(
    byWord(['status', 'state'], {
      ready: 'Healthy',
      initializing: 'Progressing',
      stopping: 'Progressing',
      paused: ['Suspended', 'Cluster is paused'],
      error: ['Degraded', (status) => list(status, 'message')],
    }),
    otherwise('Progressing', 'Waiting for cluster status'),
  );
}

function clickhouse(name: string): Check {
  const installation = `${name} installation`;
  return firstOf(
    byWord(['status', 'status'], {
      Completed: ['Healthy', `${installation} completed successfully`],
      InProgress: ['Progressing', `${installation} in progress`],
      '': ['Progressing', `${name} status not yet available`],
      ...words(
        ['Degraded', (status) => `${name} status: ${textIn(status, 'status')}`],
        'Failed',
        'Aborted',
        'Terminating',
      ),
    }),
    given(
      () => true,
      'Progressing',
      (status) => `${name} status: ${textIn(status, 'status')}`,
    ),
  );
}

function atlas(): Check {
  return firstOf(
    when('Ready', 'True', 'Healthy', itsReason),
    find((it) => it.type === 'Ready' && it.reason === 'Reconciling', 'Progressing', itsReason),
    when('Ready', 'False', 'Degraded', itsReason),
    otherwise('Progressing', 'Waiting for status'),
  );
}

function rabbitCluster(object: KubeObject): Health {
  const failed = conditionOf(object, 'ReconcileSuccess');
  if (failed?.status === 'False') return health('Degraded', textIn(failed, 'message'));
  const cluster = conditionOf(object, 'ClusterAvailable')?.status;
  const replicas = conditionOf(object, 'AllReplicasReady');
  if (cluster === 'Unknown' || replicas?.status === 'Unknown') {
    return health('Progressing', 'Waiting for RabbitMQ cluster readiness (conditions unknown)');
  }
  if (replicas?.reason === 'ScaledToZero' && replicas.status === 'False' && specOf(object).replicas === 0) {
    return health('Suspended', 'RabbitmqCluster is scaled to 0 replicas');
  }
  if (cluster === 'False') return health('Progressing', 'Waiting for RabbitMQ cluster formation');
  if (replicas?.status === 'False') return health('Progressing', 'Waiting for RabbitMQ instances ready');
  if (cluster === 'True' && replicas?.status === 'True') return health('Healthy', 'RabbitMQ cluster ready');
  return health('Progressing', 'Waiting for RabbitMQ Operator');
}

function rabbit(object: KubeObject): Health {
  const name = `RabbitMQ ${object.kind.toLowerCase()}`;
  const ready = conditionOf(object, 'Ready')?.status;
  if (ready === 'True') return health('Healthy', `${name} ready`);
  if (ready === 'False') return health('Degraded', `${name} failed to be created or updated`);
  return health('Unknown', `${name} status is unknown`);
}

function list(status: JsonObject, key: string): string {
  const found = status[key];
  return Array.isArray(found) ? found.filter(isText).join(', ') : textIn(status, key);
}
