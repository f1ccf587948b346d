import type { ApplicationDetail, SyncAnswer, SyncRequest } from '../../contract/index.ts';
import type { AppKey } from '../../model/index.ts';
import { asEngineError, EngineError } from '../../model/index.ts';
import { appsArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { formatDuration } from '../duration.ts';
import { type ExitCode, exit } from '../exit.ts';
import type { Globals } from '../flags.ts';
import { needNames, withOperator } from '../follow.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { dim, type Screen, screenOf } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';
import { clean, count, span } from '../output/text.ts';
import { phaseWord, shortRevisions } from '../output/words.ts';
import { type Finished, finishSyncs } from '../sync-progress.ts';
import { renderLocally } from './app-diff.ts';

/** `plumb app sync`. */
export const appSync = defineCommand({
  name: 'sync',
  summary: 'Make the cluster what Git says, and wait until the sync has ended',
  details:
    "Asks the engine for a sync, as `kubectl patch` of the Application's `operation` field does. Exits 2 when the sync fails, 3 when it does not end in time.",
  args: [appsArgument],
  flags: {
    selector: { kind: 'string', short: 'l', value: 'LABELS', about: 'All applications with these labels' },
    revision: { kind: 'list', value: 'REVISION', about: 'Sync to this revision; one per source' },
    local: {
      kind: 'string',
      value: 'DIR',
      about: "Apply this working tree of the application's repository, which is in no commit yet",
      completes: 'directory',
    },
    prune: { kind: 'boolean', about: 'Delete objects that are no longer in Git' },
    'dry-run': { kind: 'boolean', about: 'Ask the API server what it would do, change nothing' },
    force: { kind: 'boolean', about: 'Delete and create again what cannot be changed in place' },
    replace: { kind: 'boolean', about: 'Replace objects instead of applying them' },
    resource: {
      kind: 'list',
      value: 'OBJECT',
      about: 'Only this object: KIND[.GROUP]/[NAMESPACE/]NAME, or GROUP:KIND:[NAMESPACE/]NAME',
    },
    'out-of-sync-only': { kind: 'boolean', about: 'Leave alone what is Synced' },
    retry: { kind: 'number', value: 'TIMES', about: 'Try again so many times when it fails' },
    async: { kind: 'boolean', about: 'Do not wait' },
    timeout: { kind: 'duration', value: 'TIME', default: 0, about: 'How long to wait; 0 is without end' },
    output: outputFlag('wide', 'name', 'json', 'yaml'),
  },
  examples: [
    { line: 'plumb app sync guestbook', does: 'Sync to what the application targets' },
    { line: 'plumb app sync guestbook --revision v1.4.0 --prune', does: 'Sync to a tag, and prune' },
    { line: 'plumb app sync guestbook --local . --dry-run', does: 'What the API server would say to what I have here' },
    { line: 'plumb app sync guestbook --resource Deployment.apps/frontend', does: 'Only one object' },
    { line: 'plumb app sync -l team=web --timeout 5m', does: 'Everything of a team' },
  ],
  async run({ args, flags, globals }, context) {
    needNames(args, flags.selector !== undefined, 'plumb app sync');
    return withOperator(context, globals, async (operator) => {
      const keys =
        flags.selector === undefined
          ? args.map((word) => keyOf(word, globals.namespace))
          : (await operator.listApplications({ namespace: globals.namespace, selector: flags.selector })).map(
              (v) => v.key,
            );
      if (keys.length === 0) throw new EngineError('not-found', `no application has these labels: ${flags.selector}`);
      const request: SyncRequest = {
        by: userOf(context),
        ...(flags.revision.length === 0 ? {} : { revisions: flags.revision }),
        ...(flags.prune ? { prune: true } : {}),
        ...(flags['dry-run'] ? { dryRun: true } : {}),
        ...(flags.force ? { force: true } : {}),
        ...(flags.resource.length === 0 ? {} : { only: flags.resource.map(readResource) }),
        ...(flags.retry === undefined
          ? {}
          : { retry: { limit: flags.retry, delay: 5000, factor: 2, maxDelay: 180_000, refresh: false } }),
        ...(flags.replace || flags['out-of-sync-only']
          ? {
              options: {
                ...(flags.replace ? { replace: true } : {}),
                ...(flags['out-of-sync-only'] ? { applyOutOfSyncOnly: true } : {}),
              },
            }
          : {}),
      };
      const { local } = flags;
      const { requests, refused } = await askAll(context, keys, async (key) => {
        const made = local === undefined ? undefined : await renderLocally(context, operator, key, local);
        const manifests = made?.map(({ body }) => body);
        return operator.sync(key, manifests === undefined ? request : { ...request, manifests });
      });
      if (flags.async) {
        for (const key of requests.keys())
          context.terminal.out(flags.output === 'name' ? `${key}\n` : `${key}: sync requested\n`);
        return refused ? exit.error : exit.ok;
      }
      const finished = await finishSyncs(context, operator, globals, requests, flags.timeout);
      const code = showFinished(context, globals, finished, flags.output);
      return refused ? exit.error : code;
    });
  },
});

// Of several applications, one that refuses keeps back no other.
async function askAll(
  context: CliContext,
  keys: readonly AppKey[],
  ask: (key: AppKey) => Promise<SyncAnswer>,
): Promise<{ readonly requests: ReadonlyMap<AppKey, string>; readonly refused: boolean }> {
  const requests = new Map<AppKey, string>();
  let refused = false;
  for (const key of keys) {
    try {
      requests.set(key, (await ask(key)).request);
    } catch (thrown) {
      if (keys.length === 1) throw thrown;
      const error = asEngineError(thrown);
      context.terminal.err(`error [${error.code}]: ${clean(error.message)}\n`);
      refused = true;
    }
  }
  return { requests, refused };
}

/** Who asks, for the history. */
export function userOf(context: CliContext): string {
  return context.env.PLUMB_USER || context.env.USER || context.env.LOGNAME || 'plumb';
}

/** Reads `Deployment.apps/web/frontend` and Argo CD's `apps:Deployment:web/frontend`. */
export function readResource(word: string) {
  const colon = /^([^:/]*):([^:/]+):(?:([^/:]+)\/)?([^/:]+)$/.exec(word);
  const slash = /^([A-Za-z0-9]+)(?:\.([^/]+))?\/(?:([^/]+)\/)?([^/]+)$/.exec(word);
  const [group, kind, namespace, name] =
    colon !== null ? [colon[1], colon[2], colon[3], colon[4]] : [slash?.[2], slash?.[1], slash?.[3], slash?.[4]];
  if (kind === undefined || name === undefined) {
    throw new EngineError('usage', `not the name of an object: ${word}`, {
      about: 'form: KIND[.GROUP]/[NAMESPACE/]NAME, such as Deployment.apps/web/frontend',
    });
  }
  return { group: group ?? '', kind, namespace: namespace ?? '', name };
}

/** Writes how syncs ended; the exit code of the worst. */
export function showFinished(
  context: CliContext,
  globals: Globals,
  finished: readonly Finished[],
  form: string | undefined,
): ExitCode {
  if (
    !writeData(
      context,
      form,
      finished.map(({ detail, ...rest }) => ({
        ...rest,
        operation: detail?.view.operation,
        results: detail?.application.report?.operation?.results ?? [],
      })),
    )
  ) {
    const screen = screenOf(context, globals);
    for (const one of finished) {
      if (form === 'name') context.terminal.out(`${one.key}\n`);
      else writeFinished(screen, one, form === 'wide' || finished.length === 1);
    }
  }
  if (finished.some((one) => one.ending === 'failed' || one.ending === 'superseded')) return exit.error;
  return finished.some((one) => one.ending === 'timed-out') ? exit.timedOut : exit.ok;
}

function writeFinished(screen: Screen, one: Finished, full: boolean): void {
  const operation = one.detail?.view.operation;
  const results = one.detail?.application.report?.operation?.results ?? [];
  if (full && one.detail !== undefined && operation !== undefined) writeResults(screen, one.detail);
  const sign = screen.rich ? `${one.ending === 'succeeded' ? screen.signs.ok : screen.signs.bad} ` : '';
  const tone = one.ending === 'succeeded' ? 'good' : 'bad';
  const at = operation === undefined ? '' : shortRevisions(operation.revisions);
  const words: Readonly<Record<Finished['ending'], string>> = {
    succeeded: operation?.dryRun ? 'would sync (dry run)' : 'synced',
    failed: `sync ${operation?.phase.toLowerCase() ?? 'failed'}`,
    'timed-out': 'still syncing: timed out',
    superseded: 'another sync took its place',
  };
  screen.line(
    span(`${sign}${one.key.split('/')[1] ?? one.key}`, tone),
    ` ${words[one.ending]}`,
    at === '' ? '' : ` to ${at}`,
    dim(` in ${formatDuration(one.took)}, ${count(results.length, 'object')}`),
  );
  if (one.ending !== 'succeeded' && operation !== undefined && operation.message !== '')
    screen.line('  ', clean(operation.message));
}

function writeResults(screen: Screen, detail: ApplicationDetail): void {
  const results = detail.application.report?.operation?.results ?? [];
  writeTable(
    screen,
    [
      { title: 'KIND' },
      { title: 'NAMESPACE', shrink: 2 },
      { title: 'NAME', shrink: 1 },
      { title: 'RESULT' },
      { title: 'MESSAGE', shrink: 9 },
    ],
    results.map((one) => [
      one.ref.kind,
      one.ref.namespace,
      one.ref.name,
      one.hookPhase !== undefined
        ? phaseWord(screen, one.hookPhase)
        : span(
            one.status || '-',
            one.status === 'SyncFailed' ? 'bad' : one.status === 'PruneSkipped' ? 'warn' : 'plain',
          ),
      one.message,
    ]),
  );
  if (results.length > 0) screen.line();
}
