import { EngineError, stringAt } from '../../model/index.ts';
import { answerTo } from '../ask.ts';
import { defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { exit } from '../exit.ts';
import { screenOf } from '../output/screen.ts';
import { span } from '../output/text.ts';
import { readObjects } from '../output/yaml.ts';
import { resolvePath } from '../places.ts';
import { checkedName } from '../scaffold/names.ts';
import { projectsFile, rootFile } from '../scaffold/repository.ts';
import { type ServicePlan, serviceFiles } from '../scaffold/service.ts';
import { writeFiles } from '../scaffold/write-files.ts';

/** `plumb new service`. */
export const newService = defineCommand({
  name: 'service',
  summary: 'Add a service to a repository: its workload and an Application for each environment',
  details:
    'Works in a repository of `plumb new repo`: its address and its environments are read from root.yaml and applications/projects.yaml. Asks for what no flag says. Files that are there already are left as they are.',
  args: [{ name: 'NAME', about: 'Name of the service', required: true }],
  flags: {
    dir: { kind: 'string', value: 'DIR', default: '.', about: 'Root of the repository', completes: 'directory' },
    image: { kind: 'string', value: 'IMAGE', about: 'Container image with its tag' },
    port: { kind: 'string', value: 'PORT', about: 'Port that it listens on; none for a worker' },
    domain: { kind: 'string', value: 'DOMAIN', about: 'Its host is NAME.DOMAIN; not reachable from outside without' },
    health: { kind: 'string', value: 'PATH', about: 'HTTP path that answers when it is well' },
    size: { kind: 'string', value: 'SIZE', choices: ['xs', 's', 'm', 'l', 'xl'], about: 'CPU and memory' },
    replicas: { kind: 'number', value: 'COUNT', default: 2, about: 'Replicas in the last environment' },
    env: { kind: 'list', value: 'NAME=VALUE', about: 'An environment variable' },
    score: { kind: 'boolean', about: 'Write a Score file instead of workload.yaml' },
  },
  examples: [
    { line: 'plumb new service web', does: 'Asks for the image, the port and the rest' },
    {
      line: 'plumb new service web --image ghcr.io/acme/web:1.0.0 --port 8080 --health /healthz --domain example.com',
      does: 'Asks nothing',
    },
  ],
  async run({ args, flags, globals }, context) {
    const name = checkedName(args[0] ?? '', 'NAME');
    const directory = resolvePath(context, flags.dir);
    const surroundings = await readRepository(context, directory);
    const image = await answerTo(context, flags.image, { text: 'Image', flag: '--image IMAGE' });
    if (!/^[\w./:@-]+$/.test(image)) throw new EngineError('usage', `--image is no image: ${image}`);
    const optional = async (text: string, flag: string, given: string | undefined) =>
      (await answerTo(context, given, { text, flag, otherwise: '' })) || undefined;
    const port = portOf(await optional('Port that it listens on', '--port PORT', flags.port));
    const health = port === undefined ? undefined : await optional('Health path', '--health PATH', flags.health);
    const domain =
      port === undefined ? undefined : await optional('Domain of its host', '--domain DOMAIN', flags.domain);
    if (health !== undefined && !/^\/\S*$/.test(health))
      throw new EngineError('usage', `--health must start with /: ${health}`);
    if (domain !== undefined && !/^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/.test(domain))
      throw new EngineError('usage', `--domain is no domain: ${domain}`);
    if (!Number.isSafeInteger(flags.replicas) || flags.replicas < 0)
      throw new EngineError('usage', `--replicas must be a whole number: ${flags.replicas}`);
    const plan: ServicePlan = {
      name,
      image,
      replicas: flags.replicas,
      variables: flags.env.map(variableOf),
      form: flags.score ? 'score' : 'workload',
      control: globals.namespace,
      ...surroundings,
      ...(port === undefined ? {} : { port }),
      ...(health === undefined ? {} : { health }),
      ...(domain === undefined ? {} : { domain }),
      ...(flags.size === undefined ? {} : { size: flags.size }),
    };
    await writeFiles(context, globals, directory, serviceFiles(plan));
    tellNext(context, globals, plan);
    return exit.ok;
  },
});

type Surroundings = Pick<ServicePlan, 'repoURL' | 'revision' | 'environments'>;

/** What the files of the repository say about it. */
async function readRepository(context: CliContext, directory: string): Promise<Surroundings> {
  const read = async (file: string) => {
    try {
      return readObjects(await context.readFile(`${directory}/${file}`), file);
    } catch (cause) {
      if (cause instanceof EngineError && cause.code === 'manifest-invalid') throw cause;
      const about = 'try: plumb new repo, or --dir';
      throw new EngineError('path-not-found', `no ${file}: not a repository of plumb new repo: ${directory}`, {
        about,
        cause,
      });
    }
  };
  const [root] = (await read(rootFile)).filter((object) => object.kind === 'Application');
  const repoURL = stringAt(root, 'spec', 'source', 'repoURL');
  if (repoURL === undefined)
    throw new EngineError('manifest-invalid', `${rootFile}: names no repoURL`, { about: rootFile });
  const projects = (await read(projectsFile)).filter((object) => object.kind === 'AppProject');
  const environments = projects.flatMap((project) => stringAt(project, 'metadata', 'name') ?? []);
  if (environments.length === 0)
    throw new EngineError('manifest-invalid', `${projectsFile}: has no AppProject`, { about: projectsFile });
  for (const environment of environments) checkedName(environment, `an environment of ${projectsFile}`);
  return { repoURL, revision: stringAt(root, 'spec', 'source', 'targetRevision') ?? 'HEAD', environments };
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new EngineError('usage', `--port must be from 1 to 65535: ${text}`);
  return port;
}

function variableOf(word: string): { readonly name: string; readonly value: string } {
  const equals = word.indexOf('=');
  if (equals < 1 || !/^[A-Za-z_]\w*$/.test(word.slice(0, equals)))
    throw new EngineError('usage', `--env must be NAME=VALUE: ${word}`);
  return { name: word.slice(0, equals), value: word.slice(equals + 1) };
}

function tellNext(context: CliContext, globals: Parameters<typeof screenOf>[1], plan: ServicePlan): void {
  const screen = screenOf(context, globals);
  const [first = ''] = plan.environments;
  screen.line();
  screen.line(span('Next:', 'strong'));
  for (const step of [
    `plumb render services/${plan.name} --environment ${first}`,
    `git add . && git commit -m 'Add ${plan.name}' && git push`,
    'plumb wait --commit HEAD',
  ])
    screen.line(span(`  ${step}`));
}
