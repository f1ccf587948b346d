// `plumb diff --pr`: what a pull request would change, as Markdown; needs no cluster.
import type { ChangeRequests, RenderInput, Workbench } from '../../contract/index.ts';
import { EngineError } from '../../model/index.ts';
import type { CliContext } from '../context.ts';
import { type ExitCode, exit } from '../exit.ts';
import { changesMarkdown } from '../output/markdown.ts';
import { isRepositoryAddress, resolvePath, workingTreeAt } from '../places.ts';

/** What is asked: which change, where, and for which environment. */
export type ChangeWish = {
  readonly number: string;
  readonly place: string;
  readonly repo: string | undefined;
  readonly forge: string | undefined;
  readonly environment: string | undefined;
  readonly comment: boolean;
  /** What is rendered at a revision. */
  readonly inputAt: (revision: string) => Promise<RenderInput>;
};

/** Renders both sides of the change and prints what differs, or comments it. */
export async function diffChange(context: CliContext, workbench: Workbench, wish: ChangeWish): Promise<ExitCode> {
  if (!/^[1-9]\d{0,8}$/.test(wish.number)) throw new EngineError('usage', `--pr: is no number: ${wish.number}`);
  const number = Number(wish.number);
  const requests = await openRequests(context, workbench, wish);
  try {
    const { head, base } = await requests.change(number);
    const [before, after] = await Promise.all([
      workbench.render(await wish.inputAt(base)),
      workbench.render(await wish.inputAt(head)),
    ]);
    const changes = workbench.compare(before.manifests, after.manifests);
    const input = await wish.inputAt(head);
    const environment = wish.environment ?? input.application.name;
    const markdown = changesMarkdown(`${environment}: what ${head.slice(0, 7)} would change`, changes);
    context.terminal.out(`${markdown}\n`);
    if (!wish.comment) return changes.some((change) => change.kind !== 'same') ? exit.differs : exit.ok;
    await requests.comment(number, environment, markdown);
    return exit.ok;
  } finally {
    await requests.close();
  }
}

async function openRequests(context: CliContext, workbench: Workbench, wish: ChangeWish): Promise<ChangeRequests> {
  if (context.changeRequests === undefined) throw new EngineError('usage', '--pr: there is no way to a forge here');
  const address = wish.repo ?? (isRepositoryAddress(wish.place) ? wish.place : undefined);
  if (address !== undefined) return context.changeRequests(address, wish.forge);
  const tree = await workingTreeAt(workbench, resolvePath(context, wish.place));
  const remote = tree.remotes.find((one) => one.name === 'origin') ?? tree.remotes[0];
  if (remote === undefined)
    throw new EngineError('usage', '--pr: the directory has no Git remote: name it with --repo');
  return context.changeRequests(remote.url, wish.forge);
}
