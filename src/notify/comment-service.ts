// What became of a change, as one comment on its pull request for each environment.
import type { CommitRecord, VerdictState } from '../model/index.ts';
import { parseInstant } from '../model/index.ts';
import { untilExpired } from './expiry.ts';
import { openForge } from './forges/open-forge.ts';
import type { Service } from './notifier.ts';
import { linkOf, peersOf, reaches, type StatusParts } from './status-service.ts';

const sha = /^[0-9a-f]{40,64}$/;
const mostRemembered = 1_000;

/** The first line of our comment for an environment, by which it is found again. */
export function commentMarker(environment: string): string {
  return `<!-- plumbline: ${environment.replace(/[^\w./ -]/g, '_')} -->`;
}

/** Comments on the changes that brought a commit. What was said is remembered, so that nothing is said twice. */
export function commentService(parts: StatusParts): Service {
  const said = new Map<string, string>();
  return {
    name: 'change-comment',
    wants: ({ record, kind }) =>
      ['converged', 'stalled', 'recovered'].includes(kind) && sha.test(record.revisions[0] ?? ''),
    tell: (alert, application) =>
      untilExpired(alert, parts.now(), async () => {
        const { record } = alert;
        const [revision = ''] = record.revisions;
        const access = await parts.login(record.repository, application.project);
        const around = { settings: parts.settings.forges, pauses: parts.pauses, now: parts.now };
        const forge = access === undefined ? undefined : openForge(access, around);
        if (forge === undefined) return;
        const verdicts = peersOf(parts, alert, application).filter((one) => reaches(one, revision));
        const markdown = outcomeOf(record, verdicts, linkOf(parts.settings.link, application));
        for (const number of await forge.changesOf(revision)) {
          const key = `${parts.normalize(record.repository)}#${number}/${record.environment}`;
          if (said.get(key) === markdown) continue;
          await forge.comment(number, commentMarker(record.environment), markdown);
          if (said.size >= mostRemembered) said.clear();
          said.set(key, markdown);
        }
      }),
  };
}

const signs = { open: '⏳', converged: '✅', stalled: '❌', superseded: '⏭️' } as const;

/** The comment: a line for each application, and what blocks those that have stalled. */
export function outcomeOf(record: CommitRecord, verdicts: readonly VerdictState[], link: string): string {
  const [revision = ''] = record.revisions;
  const page = link === '' ? '' : ` ([details](${link}))`;
  const rows = verdicts.map(({ record: one, stalled }) => {
    const outcome = stalled ? 'stalled' : one.outcome;
    const { created, updated, deleted } = countsOf(one);
    const changes = `${created} created, ${updated} updated, ${deleted} deleted`;
    return `| ${cell(one.application)} | ${signs[outcome]} ${outcome} | ${tookOf(one)} | ${changes} |`;
  });
  const blocked = verdicts.flatMap(({ record: one }) =>
    one.blocked === undefined
      ? []
      : [`**${cell(one.application)}**: ${cell(one.blocked.what)}; ${cell(one.blocked.advice)}`],
  );
  return [
    `**${cell(record.environment)}**: what became of ${revision.slice(0, 7)}${page}`,
    '',
    '| application | outcome | after | objects |',
    '|---|---|---|---|',
    ...rows.slice(0, 100),
    ...(blocked.length === 0 ? [] : ['', ...blocked.slice(0, 20)]),
  ].join('\n');
}

function countsOf(record: CommitRecord) {
  const count = (how: string): number => record.changes.filter((change) => change.how === how).length;
  return { created: count('created'), updated: count('updated'), deleted: count('deleted') };
}

function tookOf({ stages, endedAt }: CommitRecord): string {
  const ms = parseInstant(endedAt) - parseInstant(stages.seen);
  return Number.isFinite(ms) && ms >= 0 ? `${Math.round(ms / 100) / 10} s` : '';
}

// Text of others must not become a table, a mention or a tag.
function cell(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[|<>@`*_[\]]/g, (char) => (char === '@' ? '@\u200b' : `\\${char}`))
    .slice(0, 500);
}
