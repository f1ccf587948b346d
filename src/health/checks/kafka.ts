// Health of the operators of Kafka: Strimzi, Koperator (banzaicloud) and Confluent for Kubernetes.

import { type Health, isJsonObject, type JsonObject, type KubeObject } from '../../model/index.ts';
import { conditionOf, conditionsOf, numberIn, objectIn, statusOf, textIn } from '../read.ts';
import { type Check, type Checks, eachKind, firstOf, given, health, otherwise, when } from '../rules.ts';

/** Strimzi: NotReady carries the reason, Ready carries nothing; warnings stand beside both. */
function strimzi(what: string): Check {
  return firstOf(
    when('NotReady', 'True', 'Degraded'),
    when('Ready', 'True', 'Healthy', ''),
    otherwise('Progressing', `Waiting for ${what}`),
  );
}

/** Checks of Kafka's operators. */
export const kafka: Checks = {
  'kafka.strimzi.io/Kafka': strimzi('Kafka Cluster'),
  'kafka.strimzi.io/KafkaBridge': strimzi('KafkaBridge'),
  'kafka.strimzi.io/KafkaConnect': strimzi('Kafka Connect'),
  'kafka.strimzi.io/KafkaConnector': strimzi('KafkaConnector'),
  'kafka.strimzi.io/KafkaMirrorMaker2': strimzi('Kafka MirrorMaker 2'),
  'kafka.strimzi.io/KafkaNodePool': given(() => true, 'Healthy'),
  'kafka.strimzi.io/KafkaRebalance': firstOf(
    when('NotReady', 'True', 'Degraded'),
    when(['Ready', 'ProposalReady'], 'True', 'Healthy'),
    when('Stopped', 'True', 'Suspended'),
    otherwise('Progressing', 'Waiting for Kafka Rebalance'),
  ),
  'kafka.strimzi.io/KafkaTopic': strimzi('Kafka Topic'),
  'kafka.strimzi.io/KafkaUser': strimzi('Kafka User'),
  'kafka.banzaicloud.io/KafkaCluster': banzai,
  'platform.confluent.io/Connector': connector,
  'platform.confluent.io/KafkaTopic': application,
  ...eachKind(
    'platform.confluent.io',
    ['Connect', 'ControlCenter', 'Kafka', 'KafkaRestProxy', 'KRaftController', 'KsqlDB', 'SchemaRegistry', 'Zookeeper'],
    component,
  ),
};

function banzai(object: KubeObject): Health {
  const status = statusOf(object);
  const brokers = Object.values(objectIn(status, 'brokersState')).filter(isJsonObject);
  if (!brokers.every(isInSync)) {
    return health('Degraded', 'Broker Config is out of Sync or CruiseControlState is not Ready');
  }
  switch (textIn(status, 'state')) {
    case 'ClusterReconciling':
      return health('Progressing', 'Kafka Cluster is Reconciling.');
    case 'ClusterRollingUpgrading':
      return health('Progressing', 'Kafka Cluster is Rolling Upgrading.');
    case 'ClusterRunning':
      if (brokers.length === 0 || status.cruiseControlTopicStatus !== 'CruiseControlTopicReady') break;
      return health('Healthy', 'Kafka Brokers, CruiseControl and cluster are in Healthy State.');
  }
  return health('Progressing', 'Waiting for KafkaCluster');
}

function isInSync(broker: JsonObject): boolean {
  if (broker.configurationState !== 'ConfigInSync') return false;
  const action = textIn(objectIn(broker, 'gracefulActionState'), 'cruiseControlState');
  return action === 'GracefulUpscaleSucceeded' || action === 'GracefulDownscaleSucceeded';
}

/** The clusters of Confluent: a phase, and conditions with reasons when it is not RUNNING. */
function component(object: KubeObject): Health {
  const status = statusOf(object);
  switch (textIn(status, 'phase')) {
    case 'RUNNING':
      return health('Healthy', `${object.kind} running`);
    case 'FAILED':
    case 'ERROR': {
      const failed = conditionsOf(object).find((it) => it.status === 'False' && textIn(it, 'message') !== '');
      return health('Degraded', failed === undefined ? `${object.kind} failed` : textIn(failed, 'message'));
    }
    case 'PROVISIONING':
      return health('Progressing', `${object.kind} provisioning`);
    case '':
      return health('Progressing', `Waiting for ${object.kind}`);
    default:
      return health('Progressing', `${object.kind} ${textIn(status, 'phase').toLowerCase()}`);
  }
}

function connector(object: KubeObject): Health {
  const status = statusOf(object);
  const state = textIn(status, 'connectorState');
  if (status.state === 'ERROR' || state === 'FAILED') {
    // The one condition of a connector holds what its tasks say.
    const told = conditionOf(object, 'platform.confluent.io/app-ready') ?? conditionsOf(object)[0];
    const message = told === undefined || told.status === 'True' ? '' : textIn(told, 'message');
    return health('Degraded', message || 'Connector failed');
  }
  if (numberIn(status, 'failedTasksCount') > 0) return health('Degraded', 'Connector has failed tasks');
  if (state === 'RUNNING') return health('Healthy', 'Connector running');
  if (state === 'PAUSED' || state === 'STOPPED') return health('Suspended', `Connector ${state.toLowerCase()}`);
  return health('Progressing', 'Waiting for Kafka Connector');
}

function application(object: KubeObject): Health {
  const status = statusOf(object);
  if (status.state === 'CREATED') return health('Healthy', `${object.kind} created`);
  const ready = conditionOf(object, 'platform.confluent.io/app-ready');
  if (status.state === 'ERROR') return health('Degraded', ready === undefined ? '' : textIn(ready, 'message'));
  return health('Progressing', `Waiting for ${object.kind}`);
}
