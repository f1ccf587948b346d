// What a person is needed for: read off holds, the operation and health, with advice.
import { describe, type Hold, type ObjectRef, type Report } from '../model/index.ts';

/** What blocks and what to do about it. */
export type Blocked = { readonly what: string; readonly object?: ObjectRef; readonly advice: string };

const advice: Partial<Record<Hold['reason'], string>> = {
  'gave-up': 'read what the server refused, and push a commit that fixes it',
  'preflight-failed': 'read what the server refused, and push a commit that fixes it',
  'not-permitted': 'allow it in the project, or remove it from Git',
  'empty-not-allowed': 'set allowEmpty if the application is really to be emptied, or restore its manifests',
  'prune-needs-confirmation': 'confirm the pruning, or restore the manifest',
  'shared-object': 'let only one application name the object',
  'four-eyes': 'have the commit reviewed',
  'source-integrity': 'sign the commit with a key that is allowed',
};

/**
 * What blocks an application now. `due` says when it counts as stalled for taking too long (`patience` ms after
 * `since`, 0 is never). Undefined when it is simply on its way.
 */
export function blockedBy(
  report: Report,
  patience: number,
  since: number,
  now: number,
): Blocked | { readonly due: number } | undefined {
  for (const hold of report.holds) {
    const help = advice[hold.reason];
    if (help !== undefined) return { what: hold.message, advice: help };
  }
  const operation = report.operation;
  if (operation?.phase === 'Failed' || operation?.phase === 'Error') {
    return { what: `the last sync failed: ${operation.message}`, advice: 'fix the cause, or sync again' };
  }
  const degraded = report.resources.find((resource) => resource.health?.status === 'Degraded');
  if (degraded !== undefined) {
    const why = degraded.health?.message ?? 'no reason given';
    return {
      what: `${describe(degraded.ref)} is Degraded: ${why}`,
      object: degraded.ref,
      advice: `look at its events and logs: kubectl -n ${degraded.ref.namespace} describe ${degraded.ref.kind.toLowerCase()} ${degraded.ref.name}`,
    };
  }
  if (patience <= 0 || !Number.isFinite(since)) return undefined;
  if (now < since + patience) return { due: since + patience };
  return slow(report);
}

function slow(report: Report): Blocked {
  const waiting = report.holds[0];
  const unwell = report.resources.find((one) => one.health !== undefined && one.health.status !== 'Healthy');
  const what =
    waiting?.message ??
    (unwell === undefined
      ? 'it takes longer than expected'
      : `${describe(unwell.ref)} is ${unwell.health?.status}${unwell.health?.message === undefined ? '' : `: ${unwell.health.message}`}`);
  const manual = waiting?.reason === 'manual-sync' || waiting?.reason === 'no-self-heal';
  return {
    what,
    ...(unwell === undefined ? {} : { object: unwell.ref }),
    advice: manual ? 'sync it: plumb app sync' : 'look at what it waits for: plumb app get',
  };
}
