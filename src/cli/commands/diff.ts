import type {
  ApplicationDiff,
  ApplicationView,
  Operator,
  RenderInput,
  Workbench,
  WorkingTree,
} from '../../contract/index.ts';
import { type AppKey, EngineError } from '../../model/index.ts';
import { defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { type ExitCode, exit } from '../exit.ts';
import type { Globals } from '../flags.ts';
import { withOperator } from '../follow.ts';
import { changesSummary, writeChanges } from '../output/changes.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { dim, screenOf } from '../output/screen.ts';
import { clean, span } from '../output/text.ts';
import { resolvePath, workingTreeAt } from '../places.ts';
import { exitFor, writeDiff, writeNames } from './app-diff.ts';
import { diffChange } from './diff-change.ts';
import { inputOfPlace, renderFlags } from './render.ts';

/** `plumb diff`. */
export const diff = defineCommand({
  name: 'diff',
  summary: 'Compare a working tree or a revision with the live cluster, or with another revision',
  details:
    'Without --against, the applications whose sources lie in this repository (below PATH) are compared with their live objects. With --against, two renderings are compared, and no cluster is needed unless --app is given. Exits 1 when anything differs.',
  args: [
    {
      name: 'PATH',
      about: 'A directory of the repository; the working directory unless given',
      completes: 'directory',
    },
  ],
  flags: {
    revision: { kind: 'string', value: 'REVISION', about: 'This revision instead of the working tree' },
    against: { kind: 'string', value: 'REVISION', about: 'Compare with this revision instead of what is live' },
    app: { kind: 'list', value: 'APP', about: 'Only this application', completes: 'application' },
    'all-namespaces': { kind: 'boolean', short: 'A', about: 'Applications of all namespaces' },
    pr: {
      kind: 'string',
      value: 'NUMBER',
      about: 'What this pull request would change, as Markdown; no cluster is needed',
    },
    repo: { kind: 'string', value: 'URL', about: 'With --pr: the repository at its forge; origin unless given' },
    forge: {
      kind: 'string',
      value: 'KIND',
      about:
        'With --pr: github, gitlab, gitea, bitbucket, bitbucket-server or azure, where the name of the server does not say',
    },
    comment: { kind: 'boolean', about: 'With --pr: write it as a comment there, in place of the one before' },
    ...renderFlags,
    output: outputFlag('name', 'json', 'yaml'),
  },
  examples: [
    { line: 'plumb diff', does: 'What would change in the cluster if I pushed what is here?' },
    { line: 'plumb diff --revision feature-x --app guestbook', does: 'What would a branch change in one application?' },
    { line: 'plumb diff apps/guestbook --against origin/main', does: 'What have I changed, as Kubernetes objects?' },
    {
      line: 'plumb diff deploy --pr 12 --environment production --comment',
      does: 'What a pull request would change, as a comment on it',
    },
    { line: 'plumb diff charts/web --revision v1.1 --against v1.0', does: 'Between two tags, without a cluster' },
  ],
  async run({ args, flags, globals }, context) {
    const workbench = await context.workbench();
    try {
      const directory = resolvePath(context, args[0] ?? '.');
      if (flags.pr !== undefined) {
        const place = args[0] ?? '.';
        const inputAt = (revision: string) => inputOfPlace(context, workbench, place, revision, flags);
        return await diffChange(context, workbench, { ...flags, number: flags.pr, place, inputAt });
      }
      const tree = await workingTreeAt(workbench, directory);
      if (flags.against !== undefined && flags.app.length === 0) {
        const to = await inputOfPlace(
          context,
          workbench,
          directory,
          await pinned(workbench, directory, flags.revision),
          flags,
        );
        const from = await inputOfPlace(
          context,
          workbench,
          directory,
          await pinned(workbench, directory, flags.against),
          flags,
        );
        return await compareRenderings(context, globals, workbench, from, to, flags.output);
      }
      return await withOperator(context, globals, async (operator) => {
        const keys =
          flags.app.length > 0
            ? flags.app.map((word) => keyOf(word, globals.namespace))
            : await applicationsIn(
                operator,
                workbench,
                tree,
                flags['all-namespaces'] ? undefined : globals.namespace,
                context,
              );
        if (flags.against !== undefined)
          return againstRevision(
            context,
            globals,
            operator,
            workbench,
            keys,
            tree,
            flags.revision,
            flags.against,
            flags.output,
          );
        const diffs = await inTurns(keys, (key) => againstLive(operator, workbench, key, tree, flags.revision));
        return show(context, globals, diffs, flags.output);
      });
    } finally {
      await workbench.close();
    }
  },
});

/** A revision as the local repository knows it (`origin/main`, `HEAD~2`), or as it was written. */
async function pinned(workbench: Workbench, directory: string, name: string | undefined): Promise<string | undefined> {
  return name === undefined ? undefined : ((await workbench.localCommit(directory, name)) ?? name);
}

/** Applications with a source in the repository of a working tree, at or below its directory. */
async function applicationsIn(
  operator: Operator,
  workbench: Workbench,
  tree: WorkingTree,
  namespace: string | undefined,
  context: CliContext,
): Promise<readonly AppKey[]> {
  const views = await operator.listApplications(namespace === undefined ? {} : { namespace });
  const mine = views.filter((view) => sourcesIn(view, workbench, tree).length > 0);
  if (mine.length === 0) {
    const where = tree.path === '' ? tree.root : `${tree.root}/${tree.path}`;
    const urls = tree.remotes.map((remote) => remote.url).join(', ');
    throw new EngineError('not-found', `no application has a source here: ${where}`, {
      about: urls === '' ? 'the directory has no Git remote; name applications with --app' : `remotes: ${urls}`,
    });
  }
  context.terminal.err(`Comparing ${mine.map((view) => view.name).join(', ')}\n`);
  return mine.map((view) => view.key);
}

function sourcesIn(view: Pick<ApplicationView, 'sources'>, workbench: Workbench, tree: WorkingTree) {
  const below = (path: string): boolean => tree.path === '' || path === tree.path || path.startsWith(`${tree.path}/`);
  return view.sources.filter(
    (source) =>
      (below(source.path ?? '') || source.ref !== undefined) &&
      tree.remotes.some((remote) => workbench.sameRepository(remote.url, source.repoURL)),
  );
}

/** The input with this repository's sources at a revision, or from the working tree. */
function placed(
  input: RenderInput,
  workbench: Workbench,
  tree: WorkingTree,
  revision: string | undefined,
): RenderInput {
  const inTree = input.sources.map((source) =>
    tree.remotes.some((remote) => workbench.sameRepository(remote.url, source.repoURL)),
  );
  // Where no remote fits, a person who named the application means its first source.
  const ours = inTree.includes(true) ? inTree : inTree.map((_, i) => i === 0);
  if (revision !== undefined) return { ...input, revisions: ours.map((mine) => (mine ? revision : '')) };
  const workingTrees = input.sources.flatMap((source, i) =>
    ours[i] ? [{ repoURL: source.repoURL, root: tree.root }] : [],
  );
  return { ...input, workingTrees };
}

const atOnce = 4;

/** What `work` makes of every key, in their order, a few at a time. */
async function inTurns<T>(keys: readonly AppKey[], work: (key: AppKey) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  const entries = keys.entries();
  const worker = async (): Promise<void> => {
    for (const [i, key] of entries) results[i] = await work(key);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

async function againstLive(
  operator: Operator,
  workbench: Workbench,
  key: AppKey,
  tree: WorkingTree,
  revision: string | undefined,
): Promise<ApplicationDiff> {
  const input = placed(await operator.renderInput(key), workbench, tree, revision);
  if (revision !== undefined) return operator.diff(key, { revisions: input.revisions ?? [] });
  const { manifests } = await workbench.render(input);
  return operator.diff(key, { manifests });
}

async function againstRevision(
  context: CliContext,
  globals: Globals,
  operator: Operator,
  workbench: Workbench,
  keys: readonly AppKey[],
  tree: WorkingTree,
  revision: string | undefined,
  against: string,
  form: string | undefined,
): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  for (const key of keys) {
    const input = await operator.renderInput(key);
    const to = placed(input, workbench, tree, revision);
    const from = placed(input, workbench, tree, against);
    if (keys.length > 1 && form === undefined) screenOf(context, globals).line(span(clean(key), 'strong'));
    codes.push(await compareRenderings(context, globals, workbench, from, to, form));
  }
  return codes.includes(exit.differs) ? exit.differs : exit.ok;
}

async function compareRenderings(
  context: CliContext,
  globals: Globals,
  workbench: Workbench,
  from: RenderInput,
  to: RenderInput,
  form: string | undefined,
): Promise<ExitCode> {
  const before = await workbench.render(from);
  const after = await workbench.render(to);
  const changes = workbench.compare(before.manifests, after.manifests);
  const differs = changes.some((change) => change.kind !== 'same');
  if (!writeData(context, form, { from: before.revisions, to: after.revisions, changes, differs })) {
    const screen = screenOf(context, globals);
    if (form === 'name') writeNames(context, { key: '', revisions: [], changes, holds: [], differs });
    else {
      writeChanges(screen, changes);
      if (differs) screen.line();
      screen.line(changesSummary(changes));
    }
  }
  return differs ? exit.differs : exit.ok;
}

function show(
  context: CliContext,
  globals: Globals,
  diffs: readonly ApplicationDiff[],
  form: string | undefined,
): ExitCode {
  if (!writeData(context, form, diffs)) {
    const screen = screenOf(context, globals);
    for (const [i, one] of diffs.entries()) {
      if (form === 'name') writeNames(context, one);
      else {
        if (diffs.length > 1) {
          if (i > 0) screen.line();
          screen.line(span(clean(one.key), 'strong'), dim(one.differs ? '' : '  no differences'));
        }
        if (diffs.length === 1 || one.differs) writeDiff(screen, one);
      }
    }
  }
  return exitFor(diffs);
}
