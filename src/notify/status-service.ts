// Commit statuses at forges: one for each environment, aggregated over its applications on the commit's repository.
import {
  type Alert,
  type Application,
  type CommitRecord,
  EngineError,
  parseInstant,
  type VerdictState,
} from '../model/index.ts';
import type { ForgeLogin, NotifySettings } from '../ports/index.ts';
import { untilExpired } from './expiry.ts';
import type { Pauses } from './forges/call.ts';
import type { CommitStatus } from './forges/forge.ts';
import { openForge } from './forges/open-forge.ts';
import type { Service } from './notifier.ts';

/** What statuses are made of. Times in ms since the epoch. */
export type StatusParts = {
  readonly settings: Pick<NotifySettings, 'forges' | 'link'>;
  readonly login: ForgeLogin;
  readonly applications: () => readonly Application[];
  /** One normal form for all the addresses of a repository. */
  readonly normalize: (url: string) => string;
  readonly pauses: Pauses;
  readonly now: () => number;
};

/** Others of the environment are waited for so long to look at a commit; who has not by then does not count. */
const longestWait = 30_000;
const mostRemembered = 2_000;
const sha = /^[0-9a-f]{40,64}$/;

/** Tells forges. What was told is remembered, so that a status is not set twice. */
export function statusService(parts: StatusParts): Service {
  const told = new Map<string, CommitStatus>();
  const set = async (record: CommitRecord, revision: string, status: CommitStatus, project: string): Promise<void> => {
    const key = [parts.normalize(record.repository), revision, status.context].join('\n');
    const before = told.get(key);
    if (before !== undefined && sameStatus(before, status)) return;
    // What failed before it gave way stays as it failed.
    if (status.state === 'superseded' && before !== undefined && before.state !== 'pending') return;
    const access = await parts.login(record.repository, project);
    const around = { settings: parts.settings.forges, pauses: parts.pauses, now: parts.now };
    const forge = access === undefined ? undefined : openForge(access, around);
    if (forge === undefined) return;
    await forge.setStatus(revision, status);
    if (told.size >= mostRemembered) told.clear();
    told.set(key, status);
  };
  return {
    name: 'commit-status',
    wants: ({ record, kind }) => kind !== 'diff' && sha.test(record.revisions[0] ?? ''),
    async tell(alert, application) {
      const { record } = alert;
      const [revision = ''] = record.revisions;
      const context = `plumbline/${record.environment}`;
      const link = linkOf(parts.settings.link, application);
      await untilExpired(alert, parts.now(), async () => {
        const old = gaveWay(alert, application);
        if (old !== undefined) {
          const description = `superseded by ${revision.slice(0, 7)}`;
          await set(record, old, { context, state: 'superseded', description, link }, application.project);
        }
        const peers = peersOf(parts, alert, application);
        const summary = summarize(revision, peers);
        const waits = summary.unseen > 0 && parts.now() - parseInstant(alert.at) < longestWait;
        const looked = peers.filter((one) => reaches(one, revision));
        const { state, description } = waits ? summary : summarize(revision, looked);
        await set(record, revision, { context, state, description, link }, application.project);
        if (waits && alert.kind !== 'committed') {
          const message = `commit status: other applications have not looked at the commit yet: ${context}`;
          throw new EngineError('busy', message, { retry: 'backoff' });
        }
      });
    },
  };
}

/** The address of the page about an application, '' when none is configured. */
export function linkOf(link: string, { namespace, name }: Pick<Application, 'namespace' | 'name'>): string {
  return link.replaceAll('{namespace}', encodeURIComponent(namespace)).replaceAll('{name}', encodeURIComponent(name));
}

// The commit that was on its way when this one came: it never converged here.
function gaveWay({ kind, record }: Alert, application: Application): string | undefined {
  const [old = ''] = record.before;
  const lived = application.report?.verdict?.lived ?? [];
  if (kind !== 'committed' || !sha.test(old) || old === record.revisions[0]) return undefined;
  return lived.some(([one]) => one === old) ? undefined : old;
}

/** The applications of the alert's environment that follow the same branch of the same repository. */
export function peersOf(parts: StatusParts, alert: Alert, application: Application): readonly VerdictState[] {
  const repository = parts.normalize(alert.record.repository);
  const target = application.sources[0]?.targetRevision;
  return parts.applications().flatMap((one) => {
    const verdict = one.report?.verdict;
    const [source] = one.sources;
    if (one.key === application.key && verdict !== undefined) return [ofAlert(verdict, alert)];
    if (verdict?.record.environment !== alert.record.environment || source?.targetRevision !== target) return [];
    return parts.normalize(verdict.record.repository) === repository ? [verdict] : [];
  });
}

// The application itself may be further by now; this alert is about what it was.
function ofAlert(verdict: VerdictState, { record, kind }: Alert): VerdictState {
  if (reaches(verdict, record.revisions[0] ?? '')) return verdict;
  const { reached: _, ...rest } = verdict;
  return { ...rest, record, stalled: kind === 'stalled' };
}

/** True when the application has looked at the revision, and is or wants to be there. */
export function reaches(verdict: VerdictState, revision: string): boolean {
  return verdict.record.revisions[0] === revision || verdict.reached?.[0] === revision;
}

/** What a commit has come to in an environment. `unseen` counts those that have not looked at it. */
export function summarize(
  revision: string,
  verdicts: readonly VerdictState[],
): Pick<CommitStatus, 'state' | 'description'> & { readonly unseen: number } {
  const unseen = verdicts.filter((one) => !reaches(one, revision)).length;
  const stalled = verdicts.filter((one) => reaches(one, revision) && one.stalled);
  const done = verdicts.filter((one) => reaches(one, revision) && one.record.outcome === 'converged' && !one.stalled);
  const [first] = stalled;
  if (first !== undefined) {
    const what = first.record.blocked?.what ?? 'it cannot converge';
    return { state: 'failure', description: `${first.record.application} stalled: ${what}`, unseen };
  }
  const all = verdicts.length;
  const description =
    all === 1 ? (done.length === 1 ? 'converged' : 'converging') : `${done.length} of ${all} applications converged`;
  return { state: done.length === all ? 'success' : 'pending', description, unseen };
}

function sameStatus(a: CommitStatus, b: CommitStatus): boolean {
  return a.state === b.state && a.description === b.description && a.link === b.link;
}
