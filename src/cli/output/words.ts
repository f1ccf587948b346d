import type { Health, HealthStatus, Hold, ObjectRef, OperationPhase, Source, SyncStatus } from '../../model/index.ts';
import type { Screen } from './screen.ts';
import { clean, type Span, span, type Tone } from './text.ts';

const healthLook: Readonly<
  Record<HealthStatus, readonly ['ok' | 'pause' | 'busy' | 'empty' | 'bad' | 'unknown', Tone]>
> = {
  Healthy: ['ok', 'good'],
  Suspended: ['pause', 'dim'],
  Progressing: ['busy', 'busy'],
  Missing: ['empty', 'warn'],
  Degraded: ['bad', 'bad'],
  Unknown: ['unknown', 'dim'],
};

/** `✓ Healthy`; only the word where a program reads. */
export function healthWord(screen: Screen, health: Health | undefined): Span {
  if (health === undefined) return span('');
  const [sign, tone] = healthLook[health.status] ?? healthLook.Unknown;
  return signed(screen, screen.signs[sign], health.status, tone);
}

/** `● OutOfSync`. */
export function syncWord(screen: Screen, status: SyncStatus | ''): Span {
  if (status === 'Synced') return signed(screen, screen.signs.ok, status, 'good');
  if (status === 'OutOfSync') return signed(screen, screen.signs.dot, status, 'warn');
  return status === '' ? span('') : signed(screen, screen.signs.unknown, status, 'dim');
}

/** `✗ Failed`. */
export function phaseWord(screen: Screen, phase: OperationPhase): Span {
  if (phase === 'Succeeded') return signed(screen, screen.signs.ok, phase, 'good');
  if (phase === 'Running') return signed(screen, screen.signs.busy, phase, 'busy');
  if (phase === 'Terminating') return signed(screen, screen.signs.busy, phase, 'warn');
  return signed(screen, screen.signs.bad, phase, 'bad');
}

function signed(screen: Screen, sign: string, word: string, tone: Tone): Span {
  return span(screen.rich ? `${sign} ${word}` : word, tone);
}

/** `Deployment.apps/web/frontend`: an object for `-o name`, in the form that `--resource` reads. */
export function refText(ref: Pick<ObjectRef, 'group' | 'kind' | 'namespace' | 'name'>): string {
  const kind = ref.group === '' ? ref.kind : `${ref.kind}.${ref.group}`;
  return clean(`${kind}/${ref.namespace === '' ? '' : `${ref.namespace}/`}${ref.name}`);
}

/** Seven characters of a commit SHA, the algorithm-less head of a digest, anything else as it is. */
export function shortRevision(revision: string): string {
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(revision)) return revision.slice(0, 7);
  if (/^sha256:[0-9a-f]{64}$/.test(revision)) return revision.slice(7, 19);
  return revision;
}

/** Revisions of an application, one per source; those without a revision are left out. */
export function shortRevisions(revisions: readonly string[]): string {
  return revisions.map(shortRevision).filter(Boolean).join(', ');
}

/** `github.com/org/repo apps/guestbook@main`: one source on one line. */
export function sourceText(source: Source): string {
  const repo = source.repoURL.replace(/^https?:\/\/([^@/]*@)?/, '').replace(/\.git$/, '');
  const place = source.chart ?? (source.path === '' || source.path === undefined ? '' : source.path);
  const target = source.targetRevision === '' ? '' : `@${source.targetRevision}`;
  const name = source.ref === undefined ? '' : `${source.ref}=`;
  return `${name}${repo}${place === '' ? '' : ` ${place}`}${target}`;
}

/** `deploy apps/guestbook@main`: the same where there is little room. */
export function shortSourceText(source: Source): string {
  const repoURL = source.repoURL.replace(/\/+$/, '').replace(/^.*[/:]/, '');
  return sourceText({ ...source, repoURL });
}

/** `in-cluster/guestbook`: where it goes. */
export function destinationText(destination: {
  readonly server?: string;
  readonly name?: string;
  readonly namespace: string;
}) {
  const server = destination.server ?? '';
  const cluster =
    destination.name ?? (server === 'https://kubernetes.default.svc' || server === '' ? 'in-cluster' : server);
  return destination.namespace === '' ? cluster : `${cluster}/${destination.namespace}`;
}

/** `sync-window (in 20m, since 2m ago): the window …`: why something waits, until and since when. */
export function holdText(screen: Screen, hold: Hold): string {
  const times = [
    ...(hold.until === undefined ? [] : [screen.ago(hold.until)]),
    ...(hold.since === undefined ? [] : [`since ${screen.ago(hold.since)}`]),
  ];
  return `${hold.reason}${times.length === 0 ? '' : ` (${times.join(', ')})`}: ${hold.message}`;
}
