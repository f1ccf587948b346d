// Health of what observes: Prometheus and its relatives, Grafana, Jaeger, Kiali, OpenTelemetry, Datadog, Coralogix,
// Humio, VictoriaMetrics.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import { conditionsOf, hasIn, objectIn, specOf, statusOf, textIn } from '../read.ts';
import {
  byWord,
  type Check,
  type Checks,
  eachKind,
  find,
  firstOf,
  given,
  health,
  isStale,
  otherwise,
  type Say,
  when,
  withoutStatus,
} from '../rules.ts';

/** Prometheus's operator fills only one of message and reason. */
const messageOrReason: Say = (it) => textIn(it, 'message') || textIn(it, 'reason');

const available: Check = firstOf(
  when('Available', 'True', 'Healthy', 'All instances are available'),
  find((it) => it.type === 'Available' && it.reason === 'SomePodsNotReady', 'Progressing', messageOrReason),
  find((it) => it.type === 'Available', 'Degraded', messageOrReason),
  otherwise('Progressing', 'Waiting for initialization'),
);

const remoteSynced: Check = firstOf(
  when('RemoteSynced', 'True', 'Healthy', 'Resource is ready'),
  when('RemoteSynced', 'False', 'Degraded'),
  otherwise('Progressing', 'Waiting for status to be updated'),
);

/** Checks of observability. */
export const observability: Checks = {
  ...eachKind('monitoring.coreos.com', ['Prometheus', 'PrometheusAgent', 'Alertmanager', 'ThanosRuler'], available),
  'grafana.integreatly.org/Grafana': grafana,
  'grafana.integreatly.org/GrafanaDatasource': firstOf(
    given(
      (object) => statusOf(object).NoMatchingInstances === true,
      'Degraded',
      "can't find matching grafana instance",
    ),
    given((object) => conditionsOf(object).length > 0, 'Healthy', ''),
    given((object) => textIn(statusOf(object), 'uid') !== '', 'Healthy', ''),
    given((object) => textIn(statusOf(object), 'hash') !== '', 'Healthy', ''),
    otherwise('Progressing'),
  ),
  ...eachKind(
    'grafana.integreatly.org',
    [
      'GrafanaDashboard',
      'GrafanaFolder',
      'GrafanaAlertRuleGroup',
      'GrafanaContactPoint',
      'GrafanaLibraryPanel',
      'GrafanaMuteTiming',
      'GrafanaNotificationPolicy',
      'GrafanaNotificationTemplate',
    ],
    grafanaContent,
  ),
  'grafana-org-operator.kubitus-project.gitlab.io/*': firstOf(
    when('Ready', 'True', 'Healthy'),
    when('Ready', 'False', 'Degraded'),
    find((it) => it.type === 'Ready', 'Progressing'),
    otherwise('Progressing', 'Waiting ...'),
  ),
  'jaegertracing.io/Jaeger': firstOf(
    byWord(['status', 'phase'], {
      Running: ['Healthy', 'Jaeger is Running'],
      Failed: ['Degraded', 'Jaeger Failed For Some Reason'],
    }),
    otherwise('Progressing', 'Waiting for Jaeger'),
  ),
  'kiali.io/Kiali': firstOf(
    when('Failure', 'True', 'Degraded'),
    when('Successful', 'True', 'Healthy'),
    find((it) => it.type === 'Running' && it.reason === 'Running', 'Progressing'),
    otherwise('Progressing', 'Waiting for Kiali'),
  ),
  'opentelemetry.io/OpenTelemetryCollector': collector,
  'datadoghq.com/DatadogMetric': firstOf(
    when('Error', 'True', 'Degraded', (it) => {
      const reason = textIn(it, 'reason');
      const message = textIn(it, 'message') || 'DatadogMetric reported an error';
      return reason === '' ? message : `${reason}: ${message}`;
    }),
    when('Valid', 'False', 'Degraded', (it) => textIn(it, 'message') || 'DatadogMetric is not valid'),
    otherwise('Healthy', 'DatadogMetric is healthy'),
  ),
  ...eachKind('coralogix.com', ['Alert', 'RecordingRuleGroupSet', 'RuleGroup', 'OutboundWebhook'], remoteSynced),
  'core.humio.com/HumioCluster': firstOf(
    byWord(['status', 'state'], {
      Running: ['Healthy', messageOr('Cluster is in a healthy running state')],
      Restarting: ['Progressing', messageOr('Cluster pods are being restarted')],
      Upgrading: ['Progressing', messageOr('Cluster pods are being upgraded')],
      ConfigError: ['Degraded', messageOr('User-provided cluster specification resulted in a configuration error')],
      Pending: ['Progressing', messageOr('Cluster is waiting on resources to be provisioned')],
      Unknown: ['Unknown', messageOr('Component state: Unknown.')],
    }),
    otherwise('Progressing', 'Update in progress'),
  ),
  'core.humio.com/*': firstOf(
    byWord(
      ['status', 'state'],
      { Exists: 'Healthy', NotFound: 'Missing', ConfigError: 'Degraded', Unknown: 'Unknown' },
      (status) => `Component state: ${textIn(status, 'state')}.`,
    ),
    otherwise('Progressing', 'Update in progress'),
  ),
  'operator.victoriametrics.com/*': firstOf(
    withoutStatus('Waiting for the operator to reconcile'),
    given(isStale, 'Progressing', 'Waiting for the operator to reconcile'),
    byWord(['status', 'updateStatus'], {
      operational: ['Healthy', 'All components are operational'],
      expanding: ['Progressing', reasonOr('Reconciliation in progress')],
      paused: ['Suspended', reasonOr('Reconciliation is paused')],
      failed: ['Degraded', reasonOr('Reconciliation failed')],
    }),
    otherwise('Progressing', 'Waiting for the operator to report status'),
  ),
};

function messageOr(fallback: string): Say {
  return (status) => textIn(status, 'message') || fallback;
}

function reasonOr(fallback: string): Say {
  return (status) => textIn(status, 'reason') || fallback;
}

function grafana(object: KubeObject): Health {
  const status = statusOf(object);
  const stage = textIn(status, 'stage');
  switch (textIn(status, 'stageStatus')) {
    case '':
      return health('Progressing', 'Waiting for Grafana status info');
    case 'failed':
      return health('Degraded', `Failed at stage ${stage}`);
    case 'success':
      return stage === 'complete' ? health('Healthy') : health('Progressing', stage);
    default:
      return health('Progressing', stage);
  }
}

/** Conditions whose names are good news, except these; the sentence lists what was read up to the first fault. */
const badNews = new Set([
  'FolderUIDMismatch',
  'NoMatchingInstance',
  'NoMatchingInstances',
  'InvalidSpec',
  'NoMatchingFolder',
  'Suspended',
]);

function grafanaContent(object: KubeObject): Health {
  const parts: string[] = [];
  let healthy = false;
  for (const it of conditionsOf(object)) {
    if (!hasIn(it, 'status')) continue;
    parts.push(sentence(it));
    const good = it.status === 'True' ? !badNews.has(textIn(it, 'type')) : badNews.has(textIn(it, 'type'));
    if (it.status !== 'Unknown' && !good) return health('Degraded', parts.join(', '));
    if (it.status === 'True') healthy = true;
  }
  return health(healthy ? 'Healthy' : 'Progressing', parts.join(', '));
}

/** `ApplyFailed for DashboardSynchronized because …` */
function sentence(condition: JsonObject): string {
  if (!hasIn(condition, 'reason')) return '';
  const because = hasIn(condition, 'message') ? ` because ${textIn(condition, 'message')}` : '';
  const what = hasIn(condition, 'type') ? ` for ${textIn(condition, 'type')}${because}` : '';
  return textIn(condition, 'reason') + what;
}

function collector(object: KubeObject): Health {
  if (!hasIn(object, 'status')) return health('Progressing', 'Waiting for OpenTelemetry Collector status');
  const mode = textIn(specOf(object), 'mode');
  const replicas = textIn(objectIn(statusOf(object), 'scale'), 'statusReplicas');
  if (replicas === '') {
    if (mode === 'sidecar') return health('Healthy', 'Collector is running in sidecar mode');
    return health('Progressing', 'Scale status not available');
  }
  const match = /^(\d+)\/(\d+)$/.exec(replicas);
  if (match === null) return health('Progressing', `Unable to parse replica status: ${replicas}`);
  const [ready, wanted] = [Number(match[1]), Number(match[2])];
  if (ready === 0 && wanted === 0 && mode === 'daemonset') {
    return health('Healthy', 'DaemonSet has no schedulable nodes (0/0)');
  }
  if (ready === 0) return health('Degraded', 'No replicas are ready');
  return ready === wanted
    ? health('Healthy', 'All replicas are ready')
    : health('Progressing', 'Replicas are starting up');
}
