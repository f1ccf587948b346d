import type { CommitApplication, CommitState, RecordView } from '../../contract/index.ts';
import { EngineError } from '../../model/index.ts';
import { defineCommand } from '../command.ts';
import { commitNamed } from '../commit-name.ts';
import { type ExitCode, exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { outcomeWord, proofWord, tookText } from '../output/record-words.ts';
import { type Screen, screenOf } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';
import { clean, span } from '../output/text.ts';
import { shortRevision } from '../output/words.ts';

/** `plumb verdict`. */
export const verdict = defineCommand({
  name: 'verdict',
  summary: 'Say what became of a commit: in every environment, for every application',
  details:
    'Reads what was recorded, and for applications that the commit did not change, where they are. Exits 0 when it has converged everywhere, 1 when it has not.',
  args: [{ name: 'commit', about: 'Commit, branch or tag; HEAD unless given' }],
  flags: {
    env: { kind: 'string', value: 'NAME', about: 'Only this environment' },
    app: { kind: 'list', value: 'APP', about: 'Only this application', completes: 'application' },
    'all-namespaces': { kind: 'boolean', short: 'A', about: 'Applications of all namespaces' },
    output: outputFlag('json', 'yaml'),
  },
  examples: [
    { line: 'plumb verdict', does: 'What became of my last commit?' },
    { line: 'plumb verdict v1.4.0 --env production -o json', does: 'For a script' },
  ],
  async run({ args, flags, globals }, context) {
    const commit = await commitNamed(context, args[0] ?? 'HEAD');
    const scope = {
      ...(flags['all-namespaces'] ? {} : { namespace: globals.namespace }),
      ...(flags.app.length === 0 ? {} : { keys: flags.app.map((word) => keyOf(word, globals.namespace)) }),
      ...(flags.env === undefined ? {} : { environment: flags.env }),
    };
    return withOperator(context, globals, async (operator) => {
      const state = await operator.commitState(commit, scope);
      const full = state.applications[0]?.commit ?? commit;
      const records = newest(await operator.records({ ...scope, commit: full }));
      const others = state.applications.filter((one) => isUnrecorded(one, records));
      if (records.length === 0 && others.length === 0) {
        throw new EngineError('not-found', `no application has to do with this commit: ${commit}`);
      }
      if (!writeData(context, flags.output, { commit: full, records, applications: others })) {
        writeVerdict(screenOf(context, globals), records, others);
      }
      return codeOf(records, others);
    });
  },
});

// A commit can come to an application several times; the last time counts.
function newest(views: readonly RecordView[]): readonly RecordView[] {
  const seen = new Set<string>();
  return views.filter(({ record }) => {
    const key = `${record.environment} ${record.application}`;
    return !seen.has(key) && seen.add(key);
  });
}

function isUnrecorded({ key, verdict: word }: CommitApplication, records: readonly RecordView[]): boolean {
  return word !== 'not-targeted' && !records.some(({ record }) => record.application === key);
}

function codeOf(records: readonly RecordView[], others: CommitState['applications']): ExitCode {
  const well = records.every(({ record }) => record.outcome === 'converged');
  return well && others.every((one) => one.verdict === 'converged') ? exit.ok : exit.differs;
}

function writeVerdict(screen: Screen, records: readonly RecordView[], others: CommitState['applications']): void {
  writeTable(
    screen,
    [
      { title: 'ENVIRONMENT', shrink: 1 },
      { title: 'APPLICATION', shrink: 1 },
      { title: 'OUTCOME' },
      { title: 'ENDED' },
      { title: 'TOOK', align: 'right' },
      { title: 'PROOF' },
      { title: 'MESSAGE', shrink: 5 },
    ],
    [
      ...records.map(({ record, proof }) => [
        record.environment,
        record.application,
        outcomeWord(screen, record),
        screen.ago(record.endedAt ?? ''),
        tookText(record),
        proofWord(screen, proof),
        clean(record.blocked === undefined ? '' : `${record.blocked.what}; ${record.blocked.advice}`),
      ]),
      ...others.map((one) => [
        one.environment ?? '',
        one.key,
        span(one.verdict, one.verdict === 'converged' ? 'good' : 'warn'),
        '',
        '',
        '',
        one.verdict === 'converged' ? `runs ${shortRevision(one.compared)}, which has it` : clean(one.message),
      ]),
    ],
  );
}
