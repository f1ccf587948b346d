import type { CommitApplication, CommitState, CommitVerdict, Operator } from '../../contract/index.ts';
import { EngineError } from '../../model/index.ts';
import { defineCommand } from '../command.ts';
import { commitNamed } from '../commit-name.ts';
import { formatDuration } from '../duration.ts';
import { type ExitCode, exit } from '../exit.ts';
import { follow, withOperator } from '../follow.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { startProgress } from '../output/progress.ts';
import { stageText, tookText } from '../output/record-words.ts';
import { dim, type Screen, screenOf } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';
import { count, type Span, span, type Tone } from '../output/text.ts';
import { holdText, shortRevision } from '../output/words.ts';

/** `plumb wait`. */
export const wait = defineCommand({
  name: 'wait',
  summary: 'Wait until a commit has converged: everywhere, or in the applications named',
  details:
    'Follows every application whose target contains the commit until each runs it (or a descendant), Synced and Healthy. Exits 1 when none can get further without a person (held or stalled), 3 when it takes too long. A name that the working tree knows (HEAD, a branch, a tag) means its commit there; others are looked up in the repositories.',
  flags: {
    commit: { kind: 'string', value: 'REVISION', default: 'HEAD', about: 'Commit, branch or tag' },
    env: { kind: 'string', value: 'NAME', about: 'Only this environment' },
    app: { kind: 'list', value: 'APP', about: 'Only this application', completes: 'application' },
    selector: { kind: 'string', short: 'l', value: 'LABELS', about: 'Only applications with these labels' },
    'all-namespaces': { kind: 'boolean', short: 'A', about: 'Applications of all namespaces' },
    timeout: { kind: 'duration', value: 'TIME', default: 600_000, about: 'How long to wait; 0 is without end' },
    refresh: { kind: 'boolean', default: true, about: 'Wait for the next poll instead of asking the engine to look' },
    output: outputFlag('name', 'json', 'yaml'),
  },
  examples: [
    { line: 'git push && plumb wait', does: 'Until what I pushed runs everywhere' },
    { line: 'plumb wait --commit v1.4.0 --app guestbook --timeout 5m', does: 'A tag, in one application' },
    { line: 'plumb wait --commit $GITHUB_SHA --env production', does: 'The step of a pipeline that deploys' },
    { line: 'plumb wait --commit 1a2b3c4 -o json', does: 'The verdict of every application, for a script' },
  ],
  async run({ flags, globals }, context) {
    const commit = await commitNamed(context, flags.commit);
    const filter = {
      ...(flags['all-namespaces'] ? {} : { namespace: globals.namespace }),
      ...(flags.app.length === 0 ? {} : { keys: flags.app.map((word) => keyOf(word, globals.namespace)) }),
      ...(flags.selector === undefined ? {} : { selector: flags.selector }),
    };
    // An application that was not judged yet is in no environment: it is waited for all the same.
    const isWanted = ({ environment }: CommitApplication): boolean =>
      flags.env === undefined || environment === undefined || environment === flags.env;
    return withOperator(context, globals, async (operator) => {
      const started = context.now();
      const progress = startProgress(context, globals);
      let state: CommitState = { asked: commit, applications: [] };
      let asked = started;
      let cost = 0;
      const environments = new Set<string>();
      const nudged: Nudged = new Map();
      const isFinal = (one: CommitApplication): boolean => isEnd(one, nudged, context.now() - started);
      const ending = await follow(context, operator, filter, { timeout: flags.timeout, progress }, async () => {
        // Among thousands of applications that change at once, most of the time is not spent asking.
        const since = context.now() - asked;
        if (since < 4 * cost) return undefined;
        asked = context.now();
        const all = await operator.commitState(commit, filter);
        for (const { environment } of all.applications) if (environment !== undefined) environments.add(environment);
        state = { ...all, applications: all.applications.filter(isWanted) };
        cost = context.now() - asked;
        const concerned = state.applications.filter((one) => one.verdict !== 'not-targeted');
        if (concerned.length > 0 && concerned.every(isFinal)) return true;
        if (flags.refresh) await nudge(operator, concerned, nudged);
        progress.show(progressText(commit, concerned, isFinal));
        return undefined;
      }).finally(() => progress.end());
      if (ending.kind === 'timed-out' && state.applications.length === 0) {
        throw nobodyFollows(commit, flags.env, environments);
      }
      if (!writeData(context, flags.output, state)) {
        const done = state.applications.filter((one) => one.verdict === 'converged');
        if (flags.output === 'name') for (const one of done) context.terminal.out(`${one.key}\n`);
        else writeState(screenOf(context, globals), state, context.now() - started, ending.kind === 'timed-out');
      }
      if (ending.kind !== 'timed-out') return verdictCode(state);
      if (state.applications.some((one) => one.refreshing === true)) {
        context.terminal.err('The engine was asked to look at the commit, and has not: is it running?\n');
      }
      return exit.timedOut;
    });
  },
});

/** By application: whether the engine took the request to look at it. */
type Nudged = Map<string, boolean>;

/** Without a request the engine has looked at everything by itself after so long (ms): twice its usual poll. */
const longestPoll = 360_000;

/** Asks the engine, once, to look at what it has not looked at; who may not ask waits for the poll. */
async function nudge(operator: Operator, applications: readonly CommitApplication[], nudged: Nudged): Promise<void> {
  const isOpen = ({ key, verdict, unsure }: CommitApplication): boolean =>
    (verdict === 'pending' || unsure === true) && !nudged.has(key);
  const ask = async ({ key }: CommitApplication): Promise<void> => {
    nudged.set(key, false);
    await operator.refresh(key, 'normal');
    nudged.set(key, true);
  };
  await Promise.allSettled(applications.filter(isOpen).map(ask));
}

// A hold that ends by itself is waited for; so is another look at what has stalled before this commit came.
function isEnd(
  { key, verdict, holds, unsure, refreshing }: CommitApplication,
  nudged: Nudged,
  waited: number,
): boolean {
  if (unsure === true) return (nudged.get(key) === true && refreshing !== true) || waited > longestPoll;
  if (verdict === 'held') return holds.every((hold) => hold.until === undefined);
  return verdict === 'converged' || verdict === 'stalled';
}

function nobodyFollows(commit: string, asked: string | undefined, known: ReadonlySet<string>): EngineError {
  if (asked === undefined || known.size === 0) {
    return new EngineError('timed-out', `no application follows a repository that has this commit: ${commit}`);
  }
  const message = `no application of this environment follows a repository that has the commit: ${asked}`;
  return new EngineError('timed-out', message, { about: `it goes to: ${[...known].sort().join(', ')}` });
}

function verdictCode(state: CommitState): ExitCode {
  const open = state.applications.some((one) => one.verdict !== 'converged' && one.verdict !== 'not-targeted');
  return open ? exit.differs : exit.ok;
}

function progressText(
  commit: string,
  applications: readonly CommitApplication[],
  isFinal: (one: CommitApplication) => boolean,
): string {
  const name = shortRevision(commit);
  if (applications.length === 0) return `${name}: waiting for an application that follows it`;
  const done = applications.filter((one) => one.verdict === 'converged').length;
  const next = applications.find((one) => !isFinal(one));
  const why = next === undefined ? '' : `; ${next.key}: ${progressOf(next)}`;
  return `${name}: ${done} of ${count(applications.length, 'application')} converged${why}`;
}

// The stages of the record say most, once the application has come to the commit.
function progressOf({ record, compared, message, verdict }: CommitApplication): string {
  const isHere = record?.outcome === 'open' && record.revisions.includes(compared);
  return isHere && message === '' ? stageText(record) : message || verdict;
}

const looks: Readonly<Record<CommitVerdict, readonly ['ok' | 'busy' | 'empty' | 'pause' | 'bad', Tone]>> = {
  converged: ['ok', 'good'],
  progressing: ['busy', 'busy'],
  pending: ['empty', 'warn'],
  held: ['pause', 'warn'],
  stalled: ['bad', 'bad'],
  'not-targeted': ['empty', 'dim'],
};

function verdictWord(screen: Screen, verdict: CommitVerdict): Span {
  const [sign, tone] = looks[verdict];
  return span(screen.rich ? `${screen.signs[sign]} ${verdict}` : verdict, tone);
}

function messageOf(screen: Screen, { holds, verdict, message, record, compared }: CommitApplication): string {
  if (verdict !== 'converged') {
    return holds.length > 0 ? holds.map((hold) => holdText(screen, hold)).join('; ') : message;
  }
  const took = record?.revisions.includes(compared) === true ? tookText(record) : '';
  return took === '' ? message : `${took} after the commit`;
}

function writeState(screen: Screen, state: CommitState, took: number, timedOut: boolean): void {
  const shown = state.applications.filter((one) => one.verdict !== 'not-targeted');
  writeTable(
    screen,
    [{ title: 'APPLICATION', shrink: 1 }, { title: 'VERDICT' }, { title: 'RUNS' }, { title: 'MESSAGE', shrink: 5 }],
    shown.map((one) => [
      one.key,
      verdictWord(screen, one.verdict),
      shortRevision(one.compared),
      messageOf(screen, one),
    ]),
  );
  const done = shown.filter((one) => one.verdict === 'converged').length;
  const name = shortRevision(shown[0]?.commit ?? state.asked);
  const text = `${name} has converged in ${done} of ${count(shown.length, 'application')}`;
  const how = timedOut ? 'timed out after' : 'after';
  screen.line(span(text, done === shown.length ? 'good' : 'bad'), dim(` ${how} ${formatDuration(took)}`));
}
