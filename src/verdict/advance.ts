// The verdict of a commit, advanced by what a pass has seen: which stages it has reached, and what is worth telling.
//
//   committed ─► (differs) ─► diff … diff ─► quiet ─► converged        a newer commit: superseded
//                    └──────► stalled ─────► quiet ─► recovered + converged
import {
  type Alert,
  type AlertKind,
  type ChangedObject,
  type CommitRecord,
  formatInstant,
  parseInstant,
  type Report,
  type VerdictRules,
  type VerdictState,
} from '../model/index.ts';
import { blockedBy } from './blocked.ts';
import { beginRecord, whose } from './record.ts';
import type { Seen } from './seen.ts';

/**
 * The new state, what is new to tell, when to look again even if nothing happens (ms since the epoch), and how many
 * alerts are forgotten because too many wait for somebody who does not take them.
 */
export type Advanced = {
  readonly state: VerdictState;
  readonly alerts: readonly Alert[];
  readonly again?: number;
  readonly forgotten: number;
};

/** Advances the verdict. Undefined as long as no revision is known. */
export function advance(before: VerdictState | undefined, seen: Seen, rules: VerdictRules): Advanced | undefined {
  if (seen.report.sync.revisions.length === 0) return undefined;
  const begun = beginRecord(before, seen, rules);
  const draft = new Draft(begun, seen, rules);
  if (begun.record !== before?.record) draft.tell('committed', whose(begun.record));
  draft.reachStages();
  draft.followQuiet();
  draft.followDifference();
  draft.followStall();
  return draft.done();
}

/** The state without the alerts that have been delivered. */
export function acknowledge(state: VerdictState, delivered: ReadonlySet<string>): VerdictState {
  const outbox = state.outbox.filter((alert) => !delivered.has(alert.id));
  return outbox.length === state.outbox.length ? state : { ...state, outbox };
}

/** The state without the records that are kept elsewhere now, named by when they were first seen. */
export function released(state: VerdictState, kept: ReadonlySet<string>): VerdictState {
  const { ended = [], ...rest } = state;
  const left = ended.filter((record) => !kept.has(record.stages.seen ?? ''));
  if (left.length === ended.length) return state;
  return left.length === 0 ? rest : { ...rest, ended: left };
}

/** Alerts that nobody took are forgotten beyond this many: first repetitions of a difference, then the oldest. */
const longestOutbox = 20;

function fitting(waiting: readonly Alert[]): readonly Alert[] {
  let spare = waiting.length - longestOutbox;
  const lastDiff = waiting.findLast(({ kind }) => kind === 'diff');
  const left = waiting.filter((alert) => alert.kind !== 'diff' || alert === lastDiff || spare-- <= 0);
  return left.slice(-longestOutbox);
}

/** One advance in the making: each step reads what the steps before have found. */
class Draft {
  #state: VerdictState;
  readonly #seen: Seen;
  readonly #rules: VerdictRules;
  readonly #synced: boolean;
  readonly #well: boolean;
  #again: number | undefined;
  readonly #alerts: Alert[] = [];

  constructor(state: VerdictState, seen: Seen, rules: VerdictRules) {
    this.#state = state;
    this.#seen = seen;
    this.#rules = rules;
    const { report } = seen;
    this.#synced = report.sync.status === 'Synced';
    this.#well = this.#synced && report.health.status === 'Healthy' && !isRunning(report);
  }

  reachStages(): void {
    const { written, report } = this.#seen;
    if (written.length > 0) this.#stage('firstWrite', this.#seen.times?.firstWrite);
    if (this.#synced && !isRunning(report)) this.#stage('applied');
    if (this.#well) this.#stage('healthy');
    if (written.length > 0 && this.#state.record.outcome === 'open') {
      this.#record({ changes: mergeChanges(this.#state.record.changes, written) });
    }
  }

  followQuiet(): void {
    const { now } = this.#seen;
    if (!this.#well) {
      this.#drop('quietSince');
      return;
    }
    const quietSince = this.#notAfterNow(this.#state.quietSince);
    this.#state = { ...this.#state, quietSince };
    if (this.#state.record.outcome === 'converged' && !this.#state.stalled && this.#state.lastDiffAt === undefined)
      return;
    const due = parseInstant(quietSince) + this.#rules.quietFor;
    if (due > now) this.#lookAt(due);
    else this.#converge();
  }

  #converge(): void {
    const troubled = this.#state.stalled || this.#state.lastDiffAt !== undefined;
    const first = this.#state.record.outcome !== 'converged';
    this.#drop('lastDiffAt', 'differsSince', 'troubledSince');
    this.#state = { ...this.#state, stalled: false };
    const { blocked: _, ...record } = this.#state.record;
    // Of two forms of a record the later one counts, also when the clock went back between them.
    const now = formatInstant(Math.max(this.#seen.now, (parseInstant(record.endedAt) || 0) + 1));
    const endedAt = first ? now : (record.endedAt ?? now);
    this.#state = { ...this.#state, record: { ...record, outcome: 'converged', endedAt } };
    if (troubled) this.tell('recovered', 'it differs and stalls no more');
    if (first) this.tell('converged', 'live state equals desired state, and everything is healthy');
  }

  followDifference(): void {
    const { now, out } = this.#seen;
    if (this.#synced) {
      this.#drop('differsSince');
      return;
    }
    const since = this.#notAfterNow(this.#state.differsSince);
    const last = this.#state.lastDiffAt === undefined ? undefined : this.#notAfterNow(this.#state.lastDiffAt);
    this.#state = { ...this.#state, differsSince: since, ...(last === undefined ? {} : { lastDiffAt: last }) };
    if (last !== undefined && this.#rules.diffEvery <= 0) return;
    const due =
      last === undefined ? parseInstant(since) + this.#rules.diffAfter : parseInstant(last) + this.#rules.diffEvery;
    if (this.#isHeldBack(due)) return;
    this.#state = { ...this.#state, lastDiffAt: formatInstant(now), troubledSince: this.#troubledSince() };
    if (this.#rules.diffEvery > 0) this.#lookAt(now + this.#rules.diffEvery);
    const differences = out.slice(0, 20).map(({ ref, fields }) => ({ ref, fields: fields.slice(0, 20) }));
    const several = out.length === 1 ? '1 object differs' : `${out.length} objects differ`;
    this.tell('diff', `${several} from ${shortOf(this.#state.record)}`, differences);
  }

  followStall(): void {
    if (this.#state.stalled || this.#well) return;
    const { now, report } = this.#seen;
    const blocked = blockedBy(report, this.#rules.stalledAfter, parseInstant(this.#state.record.stages.seen), now);
    if (blocked === undefined) return;
    if ('due' in blocked) this.#lookAt(blocked.due);
    if ('due' in blocked || this.#isHeldBack(now)) return;
    this.#state = { ...this.#state, stalled: true, troubledSince: this.#troubledSince() };
    const open = this.#state.record.outcome === 'open';
    this.#record({ ...(open ? { outcome: 'stalled', endedAt: formatInstant(now) } : {}), blocked });
    this.tell('stalled', `${blocked.what}; ${blocked.advice}`);
  }

  done(): Advanced {
    const waiting = this.#seen.listened ? [...this.#state.outbox, ...this.#alerts] : [];
    const outbox = fitting(waiting);
    const state = { ...this.#state, outbox };
    const forgotten = waiting.length - outbox.length;
    return { state, alerts: this.#alerts, forgotten, ...(this.#again === undefined ? {} : { again: this.#again }) };
  }

  // What began later than now was written by a clock that has gone back since: nobody waits until it is there again.
  #notAfterNow(instant: string | undefined): string {
    const { now } = this.#seen;
    return instant !== undefined && parseInstant(instant) <= now ? instant : formatInstant(now);
  }

  // Not due yet, or in a silent time: looked at again when it is.
  #isHeldBack(due: number): boolean {
    const silent = parseInstant(this.#rules.silentUntil);
    const at = Number.isFinite(silent) ? Math.max(due, silent) : due;
    if (at <= this.#seen.now) return false;
    this.#lookAt(at);
    return true;
  }

  #troubledSince(): string {
    return this.#state.troubledSince ?? formatInstant(this.#seen.now);
  }

  #lookAt(at: number): void {
    this.#again = Math.min(this.#again ?? at, at);
  }

  #stage(name: keyof CommitRecord['stages'], at = this.#seen.now): void {
    if (this.#state.record.stages[name] !== undefined) return;
    this.#record({ stages: { ...this.#state.record.stages, [name]: formatInstant(at) } });
  }

  #record(more: Partial<CommitRecord>): void {
    this.#state = { ...this.#state, record: { ...this.#state.record, ...more } };
  }

  #drop(...names: readonly ('quietSince' | 'differsSince' | 'lastDiffAt' | 'troubledSince')[]): void {
    const state: Record<string, unknown> = { ...this.#state };
    for (const name of names) delete state[name];
    this.#state = state as VerdictState;
  }

  tell(kind: AlertKind, why: string, differences: Alert['differences'] = []): void {
    this.#alerts.push(alertOf(this.#state.record, kind, why, this.#seen.now, differences));
  }
}

function alertOf(
  record: CommitRecord,
  kind: AlertKind,
  why: string,
  now: number,
  differences: Alert['differences'],
): Alert {
  const at = formatInstant(now);
  const id = `${record.environment}/${record.application}/${record.revisions.join('+')}/${kind}/${at}`;
  const message = `${record.application} in ${record.environment}: ${kind} ${shortOf(record)}: ${why}`;
  return { id, kind, at, record, differences, message };
}

function isRunning(report: Report): boolean {
  return report.operation !== undefined && report.operation.finishedAt === undefined;
}

function shortOf(record: CommitRecord): string {
  return record.revisions.map((one) => (/^[0-9a-f]{40,64}$/.test(one) ? one.slice(0, 7) : one)).join(', ');
}

function mergeChanges(before: readonly ChangedObject[], written: readonly ChangedObject[]): readonly ChangedObject[] {
  const byName = new Map(before.map((one) => [JSON.stringify([one.ref, one.how]), one]));
  for (const one of written) byName.set(JSON.stringify([one.ref, one.how]), one);
  // A record names the first hundred: whoever wants more has the commit itself.
  return [...byName.values()].slice(0, 100);
}
