import { EngineError } from '../../model/index.ts';
import { answerTo } from '../ask.ts';
import { defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { exit } from '../exit.ts';
import { screenOf } from '../output/screen.ts';
import { span } from '../output/text.ts';
import { isRepositoryAddress, resolvePath } from '../places.ts';
import { checkedName } from '../scaffold/names.ts';
import { repositoryFiles } from '../scaffold/repository.ts';
import { writeFiles } from '../scaffold/write-files.ts';

/** `plumb new repo`. */
export const newRepo = defineCommand({
  name: 'repo',
  summary: 'Make a GitOps repository: one root, environments, projects, a README and a CI example',
  details: 'Asks for what no flag says. Files that are there already are left as they are.',
  args: [{ name: 'DIR', about: 'Where; it is made when it does not exist', required: true, completes: 'directory' }],
  flags: {
    url: { kind: 'string', value: 'URL', about: 'Address under which the engine reads the repository' },
    name: { kind: 'string', value: 'NAME', about: 'Name of the root application; the last word of DIR unless given' },
    revision: { kind: 'string', value: 'BRANCH', default: 'main', about: 'Branch that is deployed' },
    environment: {
      kind: 'list',
      value: 'NAME',
      about: 'An environment, the one that matters most last; staging and production unless given',
      commas: true,
    },
  },
  examples: [
    { line: 'plumb new repo deploy', does: 'Asks for the address of the repository' },
    {
      line: 'plumb new repo deploy --url https://git.example.com/shop/deploy.git --environment test,staging,production',
      does: 'Asks nothing',
    },
  ],
  async run({ args, flags, globals }, context) {
    const directory = resolvePath(context, args[0] ?? '.');
    const last = directory.split('/').at(-1) ?? '';
    const name = checkedName(flags.name ?? (last.toLowerCase().replace(/[^a-z0-9]+/g, '-') || 'deploy'), '--name');
    const origin = flags.url ?? (await originOf(context, directory));
    const address = { text: 'Address of the Git repository', flag: '--url URL' };
    const repoURL = await answerTo(
      context,
      flags.url,
      origin === undefined ? address : { ...address, otherwise: origin },
    );
    if (!isRepositoryAddress(repoURL))
      throw new EngineError('usage', `--url is no address of a repository: ${repoURL}`);
    const given = flags.environment.length === 0 ? undefined : flags.environment.join(',');
    const words = await answerTo(context, given, {
      text: 'Environments, the one that matters most last',
      flag: '--environment NAME',
      otherwise: 'staging,production',
    });
    const environments = words.split(/[\s,]+/).filter(Boolean);
    for (const environment of environments) checkedName(environment, 'an environment');
    if (new Set(environments).size < environments.length || environments.includes('default'))
      throw new EngineError('usage', `environments need different names, and none is called default: ${words}`);
    const plan = { name, repoURL, revision: flags.revision, environments, control: globals.namespace };
    await writeFiles(context, globals, directory, repositoryFiles(plan));
    tellNext(context, globals, args[0] ?? '.', repoURL, flags.revision);
    return exit.ok;
  },
});

/** The address that a working tree already has. */
export async function originOf(context: CliContext, directory: string): Promise<string | undefined> {
  const workbench = await context.workbench();
  try {
    const tree = await workbench.workingTree(directory).catch(() => undefined);
    return tree?.path === '' ? tree.remotes.find((remote) => remote.name === 'origin')?.url : undefined;
  } finally {
    await workbench.close();
  }
}

function tellNext(
  context: CliContext,
  globals: Parameters<typeof screenOf>[1],
  directory: string,
  repoURL: string,
  revision: string,
): void {
  const screen = screenOf(context, globals);
  screen.line();
  screen.line(span('Next:', 'strong'));
  for (const step of [
    `cd ${directory} && plumb new service NAME`,
    `git init -b ${revision} . && git add . && git commit -m 'What runs where'`,
    `git remote add origin ${repoURL} && git push -u origin ${revision}`,
    'kubectl apply -f root.yaml     # once; from then on a push is enough',
  ])
    screen.line(span(`  ${step}`));
}
