// What a person would look at first when an application stalls: the events of the object that blocks, and the last
// lines of its pods' logs. Asked for when the alert is delivered, so that nothing of it is kept.
import type { Alert, Application, KubeObject } from '../model/index.ts';
import { stringAt } from '../model/index.ts';
import type { Cluster, Clusters } from '../ports/index.ts';

const mostEvents = 5;
const mostPods = 2;
const mostLines = 10;
const longestLine = 300;

/** The alert with its symptoms. What cannot be asked is left out: an alert is never held back for it. */
export async function withSymptoms(clusters: Clusters, alert: Alert, app: Application): Promise<Alert> {
  const object = alert.record.blocked?.object;
  if (alert.kind !== 'stalled' || object === undefined) return alert;
  try {
    const cluster = await clusters.get(app.destination, app.project);
    const events = await cluster.events(object);
    const told = events.slice(-mostEvents).map(eventLine);
    const logs = await logsBelow(cluster, app, object);
    return { ...alert, symptoms: [...told, ...logs].map((line) => line.slice(0, longestLine)) };
  } catch {
    return alert;
  }
}

function eventLine(event: KubeObject): string {
  const kind = stringAt(event, 'involvedObject', 'kind') ?? '';
  return `event ${kind}: ${stringAt(event, 'reason') ?? ''}: ${stringAt(event, 'message') ?? stringAt(event, 'note') ?? ''}`;
}

async function logsBelow(
  cluster: Cluster,
  app: Application,
  object: NonNullable<NonNullable<Alert['record']['blocked']>['object']>,
): Promise<readonly string[]> {
  const nodes = await cluster.tree(app.trackingName, [object]);
  const unwell = nodes
    .filter(({ ref, health }) => ref.kind === 'Pod' && health?.status !== 'Healthy')
    .slice(0, mostPods);
  const texts = await Promise.all(
    unwell.map(async ({ ref }) => {
      const asked = { namespace: ref.namespace, pod: ref.name, tailLines: mostLines };
      const text = await cluster.logs(asked).catch(() => '');
      const lines = text.split('\n').filter((line) => line.trim() !== '');
      return lines.slice(-mostLines).map((line) => `log ${ref.name}: ${line}`);
    }),
  );
  return texts.flat();
}
