// Health of Elastic Cloud on Kubernetes: a traffic light, and for Elasticsearch a phase and a count of nodes.

import type { Health, KubeObject } from '../../model/index.ts';
import { hasIn, itemsIn, numberIn, specOf, statusOf, textIn } from '../read.ts';
import { type Check, type Checks, health } from '../rules.ts';

/** Checks of ECK. */
export const elastic: Checks = {
  'elasticsearch.k8s.elastic.co/Elasticsearch': elasticsearch,
  'beat.k8s.elastic.co/Beat': light('Elastic Beat', true),
  'agent.k8s.elastic.co/Agent': light('Elastic Agent', true),
  'logstash.k8s.elastic.co/Logstash': light('Logstash', false),
  'kibana.k8s.elastic.co/Kibana': light('Kibana', true),
  'apm.k8s.elastic.co/ApmServer': light('APM Server', true),
  'enterprisesearch.k8s.elastic.co/EnterpriseSearch': light('Enterprise Search', true),
  'maps.k8s.elastic.co/ElasticMapsServer': light('Elastic Maps Server', true),
};

function unknown(what: string): Health {
  return health(
    'Unknown',
    `${what} status is unknown. Ensure your ArgoCD is current and then check for/file a bug report: https://github.com/argoproj/argo-cd/issues`,
  );
}

function light(what: string, counts: boolean): Check {
  return (object) => {
    const status = statusOf(object);
    switch (textIn(status, 'health')) {
      case 'green':
        return health('Healthy', `${what} status is Green`);
      case 'red':
        return health('Degraded', `${what} status is Red`);
      case 'yellow':
        if (!counts) return health('Progressing', `${what} status is Yellow`);
        return health('Progressing', deploying(object, what));
      case '':
        if (!counts || !hasIn(status, 'expectedNodes')) return unknown(what);
        return health('Progressing', `${what} phase is progressing`);
      default:
        return unknown(what);
    }
  };
}

function deploying(object: KubeObject, what: string): string {
  const status = statusOf(object);
  if (!hasIn(status, 'availableNodes') || !hasIn(status, 'expectedNodes')) return `${what} phase is progressing`;
  const there = numberIn(status, 'availableNodes');
  return `${what} status is deploying, there is ${there} instance(s) on ${numberIn(status, 'expectedNodes')} expected`;
}

function elasticsearch(object: KubeObject): Health {
  const status = statusOf(object);
  const phase = textIn(status, 'phase');
  if (phase === 'Invalid') return health('Degraded', 'Elasticsearch phase is Invalid');
  if (phase !== '' && phase !== 'Ready') return health('Progressing', `Elasticsearch phase is ${phase}`);
  const wanted = itemsIn(specOf(object), 'nodeSets').reduce((sum, set) => sum + numberIn(set, 'count'), 0);
  const there = numberIn(status, 'availableNodes');
  if (hasIn(status, 'availableNodes') && there < wanted) {
    const counts = `The desired amount of availableNodes is ${wanted} but the current amount is ${there}`;
    return health('Progressing', counts);
  }
  switch (textIn(status, 'health')) {
    case 'green':
      return health('Healthy', 'Elasticsearch Cluster status is Green');
    case 'yellow':
      return health('Progressing', yellow);
    case 'red':
      return health(
        'Degraded',
        'Elasticsearch Cluster status is Red. Check the status of indices, replicas and shards',
      );
    default:
      return unknown('Elasticsearch Cluster');
  }
}

const yellow = 'Elasticsearch Cluster status is Yellow. Check the status of indices, replicas and shards';
