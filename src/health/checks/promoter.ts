// Health of the GitOps Promoter's kinds. All report Ready with the generation it is of; what else they report differs.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import { conditionOf, hasIn, itemsIn, metaOf, objectIn, statusOf, textIn } from '../read.ts';
import { type Check, type Checks, health } from '../rules.ts';

/** The words a kind's messages are made of; `judge` judges what is ready. */
type Words = {
  /** `Initializing …` */
  readonly initializing: string;
  /** How the kind is named while it is deleted or a new spec waits. */
  readonly name: string;
  readonly inSentence?: string;
  /** What is said while Ready is not there. */
  readonly missing: string;
  /** `… failed: …` of a reconciliation error. */
  readonly failed: string;
  /** `… not ready (Reason): …` of any other reason; absent: only reconciliation errors count. */
  readonly notReady?: string;
  readonly unknown?: string;
  /** What each finalizer of the kind waits for while the object is being deleted. */
  readonly finalizers?: Readonly<Record<string, string>>;
  readonly judge: Check;
};

/** The kinds that validate: Ready may be False or Unknown for many reasons. */
function validation(kind: string, what: string, subject: string, judge: Check, names: Partial<Words> = {}): Check {
  return gate({
    initializing: what,
    name: kind,
    missing: `${kind} Ready condition is missing`,
    failed: `${subject} failed`,
    notReady: `${subject} not ready`,
    unknown: `${subject} unknown`,
    judge,
    ...names,
  });
}

/** The kinds that do something: only a failed reconciliation is a fault. */
function action(what: string, finished: Check, any = false): Check {
  const name = what.charAt(0).toUpperCase() + what.slice(1);
  return gate({
    initializing: what,
    name,
    inSentence: what,
    missing: `${name} is not ready yet`,
    failed: `${name} reconciliation failed`,
    ...(any ? { notReady: `${name} reconciliation failed` } : {}),
    judge: finished,
  });
}

function ready(message: string): Check {
  return () => health('Healthy', message);
}

/** Checks of the GitOps Promoter. */
export const promoter: Checks = {
  'promoter.argoproj.io/ArgoCDCommitStatus': action('Argo CD commit status', (object) => {
    const count = itemsIn(statusOf(object), 'applicationsSelected').length;
    if (count === 0) return health('Degraded', 'Argo CD commit status has no applications configured');
    return health('Healthy', `Argo CD commit status is healthy and is tracking ${count} applications`);
  }),
  'promoter.argoproj.io/CommitStatus': action('commit status', (object) => {
    const { sha, phase } = statusOf(object);
    if (typeof sha !== 'string' || typeof phase !== 'string') return health('Healthy', 'Commit status is healthy');
    return health('Healthy', `Commit status for commit ${sha} reports ${phase}`);
  }),
  'promoter.argoproj.io/PullRequest': action(
    'pull request',
    (object) => {
      const { id, state } = statusOf(object);
      if (typeof id !== 'string' || typeof state !== 'string') return health('Healthy', 'Pull request is healthy');
      return health('Healthy', `Pull request is ${state} as PR ${id}`);
    },
    true,
  ),
  'promoter.argoproj.io/PromotionStrategy': action('promotion strategy', strategy),
  'promoter.argoproj.io/ChangeTransferPolicy': action('change transfer policy', transfer),
  'promoter.argoproj.io/GitRepository': validation(
    'GitRepository',
    'Git repository',
    'Git repository validation',
    ready('Git repository is ready'),
    {
      notReady: 'Git repository not ready',
      unknown: 'Git repository readiness unknown',
      finalizers: {
        'gitrepository.promoter.argoproj.io/finalizer':
          'Waiting until no non-deleting PullRequests still reference this repository. Risk if removed manually: repository metadata may be removed while promotions still depend on it.',
      },
    },
  ),
  'promoter.argoproj.io/ScmProvider': scm('ScmProvider', 'SCM provider'),
  'promoter.argoproj.io/ClusterScmProvider': scm('ClusterScmProvider', 'cluster SCM provider'),
  'promoter.argoproj.io/GitCommitStatus': validation(
    'GitCommitStatus',
    'git commit validation',
    'Git commit validation',
    environments('Git commit validation', 'Git commit validation'),
    { unknown: 'Git commit validation status unknown' },
  ),
  'promoter.argoproj.io/TimedCommitStatus': validation(
    'TimedCommitStatus',
    'timed commit gate',
    'Timed commit gate',
    environments('Timed commit gate', 'Timed commit gate'),
    { unknown: 'Timed commit gate status unknown' },
  ),
  'promoter.argoproj.io/WebRequestCommitStatus': validation(
    'WebRequestCommitStatus',
    'web request commit validation',
    'Web request commit validation',
    environments('Web request validation', 'Web request commit validation'),
  ),
};

function scm(kind: string, what: string): Check {
  const name = what.charAt(0).toUpperCase() + what.slice(1);
  return validation(kind, what, `${name} validation`, ready(`${name} is ready`), {
    notReady: `${name} not ready`,
    unknown: `${name} readiness unknown`,
  });
}

/** What comes before Ready: deletion, no status, an older generation, no Ready condition, a fault. */
function gate(words: Words): Check {
  return (object) => {
    if (hasIn(metaOf(object), 'deletionTimestamp')) return health('Progressing', deleting(object, words));
    if (!hasIn(object, 'status')) return health('Progressing', `Initializing ${words.initializing}`);
    const found = conditionOf(object, 'Ready') ?? conditionOf(object, 'Reconciled');
    if (found === undefined) return health('Progressing', words.missing);
    const seen = textIn(found, 'observedGeneration');
    const generation = textIn(metaOf(object), 'generation');
    if (seen !== '' && generation !== '' && seen !== generation) {
      return health('Progressing', `Waiting for ${words.inSentence ?? words.name} spec update to be observed`);
    }
    return fault(found, words) ?? words.judge(object);
  };
}

function fault(found: JsonObject, words: Words): Health | undefined {
  const value = textIn(found, 'status');
  const reason = textIn(found, 'reason') || 'Unknown';
  const message = textIn(found, 'message') || (value === 'Unknown' ? 'Unknown' : 'Unknown error');
  if (value === 'False' && reason === 'ReconciliationError') return health('Degraded', `${words.failed}: ${message}`);
  if (value === 'False' && words.notReady !== undefined) {
    return health('Degraded', `${words.notReady} (${reason}): ${message}`);
  }
  if (value === 'Unknown' && words.unknown !== undefined) {
    return health('Progressing', `${words.unknown} (${reason}): ${message}`);
  }
  return undefined;
}

function deleting(object: KubeObject, words: Words): string {
  const listed = metaOf(object).finalizers;
  const held = Array.isArray(listed) ? listed.filter((it): it is string => typeof it === 'string') : [];
  const known = new Map(Object.entries(words.finalizers ?? {}));
  const why = held.flatMap((it) => (known.has(it) ? [`${it}: ${known.get(it)}`] : []));
  const text = `${words.name} is being deleted`;
  return why.length === 0 ? text : `${text}. ${why.join(' ')}`;
}

/** Environments pass, wait or fail one by one; `verb` begins what is said of branches, `whole` of all of them. */
function environments(subject: string, whole: string): Check {
  return (object) => {
    const list = itemsIn(statusOf(object), 'environments');
    if (list.length === 0) return health('Healthy', `${whole} reconciled`);
    const branches = (fits: (phase: string) => boolean): string =>
      list
        .filter((it) => fits(textIn(it, 'phase')))
        .map((it) => textIn(it, 'branch') || '?')
        .join(', ');
    const failed = branches((phase) => phase === 'failure');
    if (failed !== '') return health('Degraded', `${subject} failed for branch(es): ${failed}`);
    const open = branches((phase) => phase !== 'success');
    if (open !== '') return health('Progressing', `${subject} pending for branch(es): ${open}`);
    return health('Healthy', `${subject} passed for ${list.length} environment(s)`);
  };
}

function strategy(object: KubeObject): Health {
  const list = itemsIn(statusOf(object), 'environments');
  const first = list[0];
  if (first === undefined) return health('Degraded', 'Promotion strategy has no environments configured');
  for (const it of list) {
    for (const side of ['active', 'proposed']) {
      if (dry(it, side) !== '') continue;
      const where = `in environment '${textIn(it, 'branch')}'.`;
      return health('Progressing', `The ${side} commit DRY SHA is missing or empty ${where}`);
    }
  }
  const proposed = dry(first, 'proposed');
  if (list.some((it) => dry(it, 'proposed') !== proposed)) {
    return health(
      'Progressing',
      'Not all environments have the same proposed commit SHA. This likely means the hydrator has not run for all environments yet.',
    );
  }
  const moving = list.find((it) => dry(it, 'active') !== proposed);
  if (moving !== undefined) {
    return health('Progressing', `Promotion in progress for environment '${textIn(moving, 'branch')}' ${way(moving)}`);
  }
  const open = list.flatMap((it) => {
    const counts = count(it, 'active');
    if (counts.pending.length + counts.failure.length === 0) return [];
    return [`${textIn(it, 'branch')} (${counts.failure.length} failed, ${counts.pending.length} pending)`];
  });
  if (open.length > 0) {
    const text = 'Environments are up-to-date, but some environments have non-successful commit statuses';
    return health('Healthy', `${text}: ${open.join(', ')}.`);
  }
  return health('Healthy', `All environments are up-to-date on commit '${proposed.slice(0, 7)}'.`);
}

function transfer(object: KubeObject): Health {
  const status = statusOf(object);
  for (const side of ['active', 'proposed']) {
    if (dry(status, side) === '') return health('Progressing', `The ${side} commit DRY SHA is missing or empty.`);
  }
  const active = dry(status, 'active');
  if (active !== dry(status, 'proposed')) return health('Progressing', `Promotion in progress ${way(status)}`);
  const counts = count(status, 'active');
  if (counts.pending.length + counts.failure.length > 0) {
    const text = 'Environment is up-to-date, but there are non-successful active commit statuses';
    return health('Healthy', `${text}: ${tally(counts)}`);
  }
  return health('Healthy', `Environment is up-to-date on commit ${active.slice(0, 7)}.`);
}

type Counts = { readonly pending: readonly string[]; readonly success: number; readonly failure: readonly string[] };

/** `from 'abc' to 'def': 1 pending, 2 successful, 0 failed. Pending commit statuses: x. ` */
function way(environment: JsonObject): string {
  const [from, to] = [dry(environment, 'active').slice(0, 7), dry(environment, 'proposed').slice(0, 7)];
  return `from '${from}' to '${to}': ${tally(count(environment, 'proposed'))}`;
}

function tally({ pending, success, failure }: Counts): string {
  const head = `${pending.length} pending, ${success} successful, ${failure.length} failed. `;
  const waits = pending.length > 0 ? `Pending commit statuses: ${pending.join(', ')}. ` : '';
  return head + waits + (failure.length > 0 ? `Failed commit statuses: ${failure.join(', ')}. ` : '');
}

function count(environment: JsonObject, side: string): Counts {
  const list = itemsIn(objectIn(environment, side), 'commitStatuses');
  const keys = (phase: string): readonly string[] =>
    list.filter((it) => it.phase === phase).map((it) => textIn(it, 'key'));
  return { pending: keys('pending'), success: keys('success').length, failure: keys('failure') };
}

function dry(environment: JsonObject, side: string): string {
  return textIn(objectIn(objectIn(environment, side), 'dry'), 'sha');
}
