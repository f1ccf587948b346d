import type { ApplicationVerification, Verification, VerificationResult } from '../../contract/index.ts';
import { defineCommand } from '../command.ts';
import { commitNamed } from '../commit-name.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { writeChanges } from '../output/changes.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { proofWord } from '../output/record-words.ts';
import { dim, type Screen, screenOf } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';
import { clean, type Span, span, type Tone } from '../output/text.ts';
import { shortRevision } from '../output/words.ts';
import { needed } from '../places.ts';

/** `plumb verify`. */
export const verify = defineCommand({
  name: 'verify',
  summary: 'Prove that a commit is what an environment runs',
  details:
    'Renders the commit again from Git alone, compares that with what was recorded, checks the signatures of the record and of the note on the commit, and compares with the cluster, field by field. Exits 0 only when all of it agrees.',
  args: [{ name: 'commit', about: 'Commit, branch or tag; HEAD unless given' }],
  flags: {
    env: { kind: 'string', value: 'NAME', about: 'The environment' },
    app: { kind: 'list', value: 'APP', about: 'Only this application', completes: 'application' },
    'all-namespaces': { kind: 'boolean', short: 'A', about: 'Applications of all namespaces' },
    output: outputFlag('json', 'yaml'),
  },
  examples: [
    { line: 'plumb verify HEAD --env production', does: 'Is what I have here what production runs?' },
    { line: 'plumb verify v1.4.0 --env production -o json', does: 'The proof, for an auditor' },
  ],
  async run({ args, flags, globals }, context) {
    const environment = needed(flags.env, 'environment: --env NAME');
    const commit = await commitNamed(context, args[0] ?? 'HEAD');
    return withOperator(context, globals, async (operator) => {
      const verification = await operator.verify(commit, {
        environment,
        ...(flags['all-namespaces'] ? {} : { namespace: globals.namespace }),
        ...(flags.app.length === 0 ? {} : { keys: flags.app.map((word) => keyOf(word, globals.namespace)) }),
      });
      if (!writeData(context, flags.output, verification)) {
        writeVerification(screenOf(context, globals), verification);
      }
      return verification.proven ? exit.ok : exit.differs;
    });
  },
});

const tones: Readonly<Partial<Record<VerificationResult, Tone>>> = {
  converged: 'good',
  superseded: 'warn',
  'rolled-back': 'warn',
  open: 'busy',
};

function resultWord(screen: Screen, result: VerificationResult): Span {
  const sign = result === 'converged' ? screen.signs.ok : screen.signs.bad;
  return span(screen.rich ? `${sign} ${result}` : result, tones[result] ?? 'bad');
}

function writeVerification(screen: Screen, { asked, environment, applications, proven }: Verification): void {
  writeTable(
    screen,
    [
      { title: 'APPLICATION', shrink: 1 },
      { title: 'RESULT' },
      { title: 'RENDERED' },
      { title: 'RECORD' },
      { title: 'NOTE' },
      { title: 'MESSAGE', shrink: 5 },
    ],
    applications.map((one) => [
      one.key,
      resultWord(screen, one.result),
      renderedWord(one),
      proofWord(screen, one.kept),
      one.note === 'absent' ? dim('none') : proofWord(screen, one.note),
      clean(one.message),
    ]),
  );
  for (const one of applications) {
    if (one.changes.length === 0) continue;
    screen.line();
    writeChanges(screen, one.changes);
  }
  const name = shortRevision(asked);
  if (proven) screen.line(span(`${name} is what ${environment} runs`, 'good'));
  else screen.line(span(`${name} is not proven to be what ${environment} runs`, 'bad'));
}

function renderedWord({ digest, record }: ApplicationVerification): Span {
  if (digest === '' || record === undefined) return dim('unknown');
  return digest === record.digest ? span('same', 'good') : span('differs', 'bad');
}
