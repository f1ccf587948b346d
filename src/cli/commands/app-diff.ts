import type { ApplicationDiff, Operator } from '../../contract/index.ts';
import type { AppKey, Manifest } from '../../model/index.ts';
import { appArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { type ExitCode, exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { changesSummary, writeChanges } from '../output/changes.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { dim, type Screen, screenOf } from '../output/screen.ts';
import { clean, span } from '../output/text.ts';
import { holdText, refText, shortRevisions } from '../output/words.ts';
import { resolvePath, workingTreeAt } from '../places.ts';

/** `plumb app diff`. */
export const appDiff = defineCommand({
  name: 'diff',
  summary: 'Show what a sync would change, field by field',
  details:
    'Compares what the application asks for with what is live, by the dry run of the API server that a sync uses too. Exits 1 when anything differs.',
  args: [appArgument],
  flags: {
    revision: { kind: 'list', value: 'REVISION', about: 'Compare this revision instead; one per source' },
    local: {
      kind: 'string',
      value: 'DIR',
      about: "Compare this working tree of the application's repository instead",
      completes: 'directory',
    },
    output: outputFlag('name', 'json', 'yaml'),
  },
  examples: [
    { line: 'plumb app diff guestbook', does: 'What would the next sync change?' },
    { line: 'plumb app diff guestbook --local .', does: 'What would change if I pushed what I have here?' },
    { line: 'plumb app diff guestbook --revision v1.4.0', does: 'What would change at another revision?' },
  ],
  async run({ args, flags, globals }, context) {
    const key = keyOf(args[0] ?? '', globals.namespace);
    return withOperator(context, globals, async (operator) => {
      const manifests =
        flags.local === undefined ? undefined : await renderLocally(context, operator, key, flags.local);
      const diff = await operator.diff(key, {
        ...(flags.revision.length === 0 ? {} : { revisions: flags.revision }),
        ...(manifests === undefined ? {} : { manifests }),
      });
      if (!writeData(context, flags.output, diff)) {
        if (flags.output === 'name') writeNames(context, diff);
        else writeDiff(screenOf(context, globals), diff);
      }
      return exitFor([diff]);
    });
  },
});

/** 1 when anything differs. */
export function exitFor(diffs: readonly ApplicationDiff[]): ExitCode {
  return diffs.some((diff) => diff.differs) ? exit.differs : exit.ok;
}

/** The manifests of an application with its own repository's files taken from a directory. */
export async function renderLocally(
  context: CliContext,
  operator: Operator,
  key: AppKey,
  directory: string,
): Promise<readonly Manifest[]> {
  const workbench = await context.workbench();
  try {
    const input = await operator.renderInput(key);
    const tree = await workingTreeAt(workbench, resolvePath(context, directory));
    const workingTrees = input.sources
      .filter((source) => tree.remotes.some((remote) => workbench.sameRepository(remote.url, source.repoURL)))
      .map((source) => ({ repoURL: source.repoURL, root: tree.root }));
    // Without a remote that fits, the directory is taken at its word for the first source.
    const first = input.sources[0];
    const trees =
      workingTrees.length > 0 || first === undefined ? workingTrees : [{ repoURL: first.repoURL, root: tree.root }];
    return (await workbench.render({ ...input, workingTrees: trees })).manifests;
  } finally {
    await workbench.close();
  }
}

/** `kind namespace/name`, a line each. */
export function writeNames(context: CliContext, diff: ApplicationDiff): void {
  for (const { kind, ref } of diff.changes)
    if (kind !== 'same')
      context.terminal.out(`${refText(ref)}
`);
}

/** The diff of one application, for people. */
export function writeDiff(screen: Screen, diff: ApplicationDiff): void {
  writeChanges(screen, diff.changes);
  if (diff.differs) screen.line();
  const at = shortRevisions(diff.revisions);
  screen.line(changesSummary(diff.changes), at === '' ? '' : dim(` At ${at}.`));
  for (const hold of diff.holds)
    screen.line(span(`${screen.rich ? `${screen.signs.dot} ` : ''}held: `, 'warn'), clean(holdText(screen, hold)));
}
