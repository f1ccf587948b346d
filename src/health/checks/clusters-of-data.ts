// Health of clusters that keep data outside SQL: Cassandra, Druid, Solr, ZooKeeper.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import { conditionOf, conditionsOf, hasIn, itemsIn, numberIn, objectIn, statusOf, textIn } from '../read.ts';
import { type Checks, health } from '../rules.ts';

/** Checks of Cassandra, Druid, Solr and ZooKeeper. */
export const clustersOfData: Checks = {
  'cassandra.datastax.com/CassandraDatacenter': cassandra,
  'druid.apache.org/Druid': druid,
  'solr.apache.org/SolrCloud': solr,
  'zookeeper.pravega.io/ZookeeperCluster': zookeeper,
};

/** Conditions that have to be True; the others are activities, which end by becoming False. */
const lasting = new Set(['Healthy', 'Ready', 'Initialized', 'Valid']);

/** The condition that changed last says what goes on. */
function cassandra(object: KubeObject): Health {
  const last = conditionsOf(object).reduce<JsonObject | undefined>(
    (newest, it) => (newest === undefined || changed(it) > changed(newest) ? it : newest),
    undefined,
  );
  if (last === undefined) return health('Unknown', 'No conditions found');
  const type = textIn(last, 'type');
  const message = `Last transition type was ${type}`;
  const ended = last.status === 'False' && !lasting.has(type);
  const well = (ended ? conditionOf(object, 'Healthy') : last) ?? last;
  if (well.type === 'Healthy' && well.status === 'True') return health('Healthy');
  if (last.status === 'False') return health('Degraded', message);
  return health(last.status === 'True' ? 'Progressing' : 'Unknown', message);
}

// Times of one form (RFC 3339, UTC) order as texts.
function changed(condition: JsonObject): string {
  return textIn(condition, 'lastTransitionTime');
}

function druid(object: KubeObject): Health {
  if (!hasIn(object, 'status')) return health('Progressing', 'Waiting for Druid status');
  const node = objectIn(statusOf(object), 'druidNodeStatus');
  const type = textIn(node, 'druidNodeConditionType');
  const value = textIn(node, 'druidNodeConditionStatus');
  const reason = textIn(node, 'reason');
  if (type === 'DruidClusterReady' && value === 'True') return health('Healthy', reason || 'Druid cluster is ready');
  if (type === 'DruidNodeErrorState') {
    return health('Degraded', `Pod ${textIn(node, 'druidNode') || 'unknown'}: ${reason || 'Pod is not ready'}`);
  }
  if (value === 'False') return health('Degraded', reason || 'Druid cluster is not ready');
  return health('Progressing', 'Druid cluster is being provisioned');
}

/** Solr reports no faults, only nodes that are not ready. */
function solr(object: KubeObject): Health {
  const status = statusOf(object);
  if (!hasIn(status, 'solrNodes')) return health('Progressing', 'Waiting for solr to exist');
  const whole = itemsIn(status, 'solrNodes').every((it) => it.ready === true);
  return whole ? health('Healthy', 'Solr is ready') : health('Progressing', 'Not all replicas are ready');
}

function zookeeper(object: KubeObject): Health {
  const status = statusOf(object);
  const ready = numberIn(status, 'readyReplicas');
  if (ready > 0 && ready === numberIn(status, 'replicas')) {
    return health('Healthy', 'All ZK Nodes have joined the ensemble');
  }
  return health('Progressing', 'Waiting for ZK Nodes to join the ensemble');
}
