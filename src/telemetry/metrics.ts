// Metrics for Prometheus: Argo CD's names where it has one, so that its dashboards read them, and our own beside them.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Application } from '../model/index.ts';
import type { Metrics } from '../ports/index.ts';

/** Metrics and their exposition. */
export type MetricsRegistry = Metrics & {
  /** The text of a scrape, in Prometheus' format. */
  expose(): Promise<string>;
  readonly contentType: string;
};

const help: Readonly<Record<string, string>> = {
  argocd_app_reconcile: 'Duration of passes over applications, seconds.',
  argocd_app_sync_duration_seconds_total: 'Time that syncs took, seconds, by application.',
  argocd_app_sync_total: 'Syncs that have ended, by application and phase.',
  argocd_app_orphaned_resources_count: 'Objects in the namespace of an application that belong to no application.',
  argocd_git_request_total: 'Requests to Git repositories, by repository and type.',
  plumbline_alerts_total: 'Alerts, by kind.',
  plumbline_deployments_total: 'Commits that have converged, by environment: one for each application they concern.',
  plumbline_commit_to_converged_seconds: 'From the commit to its convergence (the lead time of a change), seconds.',
  plumbline_change_failures_total: 'Commits that could not converge, and those that somebody went back from.',
  plumbline_time_to_restore_seconds: 'From the first alert of a trouble to its recovery, seconds.',
  plumbline_writebacks_total: 'Pushes of notes and branches into repositories, by outcome.',
  plumbline_notifications_total: 'Alerts that services took (delivered) or did not take (failed), by service.',
  plumbline_render_total: 'Renderings, by result.',
  plumbline_render_cache_total: 'Renderings that were known already (hit) or not (miss).',
  plumbline_render_duration_seconds: 'Duration of renderings, seconds, by tool.',
  plumbline_image_checks_total: 'Looks at the images of applications, by result.',
  plumbline_image_updates_total: 'Images that were given newer tags, by how they were written.',
  argocd_webhook_requests_total: 'Webhooks received, by provider and outcome.',
};

/** Upper bounds in seconds: of what takes an instant, and of what people wait for. */
const usualBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const waitingBuckets = [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400, 604_800];
const longBuckets: Readonly<Record<string, readonly number[]>> = {
  plumbline_commit_to_converged_seconds: waitingBuckets,
  plumbline_time_to_restore_seconds: waitingBuckets,
};

/** Makes a registry; `applications` is asked at each scrape. */
export function createMetrics(applications: () => readonly Application[]): MetricsRegistry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  applicationGauges(registry, applications);
  return {
    count(name, labels = {}, by = 1) {
      const known = counters.get(name);
      const options = { name, help: help[name] ?? name, labelNames: Object.keys(labels), registers: [registry] };
      const counter = known ?? new Counter(options);
      if (known === undefined) counters.set(name, counter);
      counter.inc(labels, by);
    },
    observe(name, seconds, labels = {}) {
      const known = histograms.get(name);
      const buckets = longBuckets[name] ?? usualBuckets;
      const options = {
        name,
        help: help[name] ?? name,
        labelNames: Object.keys(labels),
        buckets: [...buckets],
        registers: [registry],
      };
      const histogram = known ?? new Histogram(options);
      if (known === undefined) histograms.set(name, histogram);
      histogram.observe(labels, seconds);
    },
    gauge(name, labels, read) {
      const gauge = new Gauge({
        name,
        help: help[name] ?? name,
        labelNames: [...labels],
        registers: [registry],
        collect() {
          this.reset();
          for (const [values, value] of read()) this.set(values, value);
        },
      });
      void gauge;
    },
    expose: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

// Read off the reports when Prometheus asks: nothing is kept per application.
function applicationGauges(registry: Registry, applications: () => readonly Application[]): void {
  const info = new Gauge({
    name: 'argocd_app_info',
    help: 'Information about applications.',
    labelNames: [
      'namespace',
      'name',
      'project',
      'autosync_enabled',
      'repo',
      'dest_server',
      'dest_namespace',
      'sync_status',
      'health_status',
      'operation',
    ],
    registers: [registry],
    collect() {
      this.reset();
      for (const app of applications()) this.set(infoLabels(app), 1);
    },
  });
  const conditions = new Gauge({
    name: 'argocd_app_condition',
    help: 'Conditions of applications.',
    labelNames: ['namespace', 'name', 'project', 'condition'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { namespace, name, project, report } of applications()) {
        for (const { type } of report?.conditions ?? []) this.inc({ namespace, name, project, condition: type });
      }
    },
  });
  const diverged = new Gauge({
    name: 'plumbline_diverged_applications',
    help: 'Applications that differ from Git or are not healthy.',
    registers: [registry],
    collect() {
      const off = applications().filter(
        ({ report }) => report?.sync.status !== 'Synced' || report.health.status !== 'Healthy',
      );
      this.set(off.length);
    },
  });
  void [info, conditions, diverged];
}

function infoLabels(app: Application): Record<string, string> {
  return {
    namespace: app.namespace,
    name: app.name,
    project: app.project,
    autosync_enabled: String(app.syncPolicy.automated !== undefined),
    repo: app.sources[0]?.repoURL ?? '',
    dest_server: app.destination.server ?? app.destination.name ?? '',
    dest_namespace: app.destination.namespace,
    sync_status: app.report?.sync.status ?? 'Unknown',
    health_status: app.report?.health.status ?? 'Unknown',
    operation: app.operation === undefined ? '' : 'sync',
  };
}
