import type { RenderInput, RenderOutput, Workbench } from '../../contract/index.ts';
import { asEngineError, EngineError, type Json } from '../../model/index.ts';
import { defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { exit } from '../exit.ts';
import { outputFlag } from '../output/data.ts';
import { clean } from '../output/text.ts';
import { refText } from '../output/words.ts';
import { dumpYamlStream, readObjects } from '../output/yaml.ts';
import { isRepositoryAddress, readFileAt, resolvePath, workingTreeAt } from '../places.ts';
import { optionsOf, sourceFlags } from '../source-flags.ts';
import { configIn } from './health.ts';

/** Flags that say for whom is rendered. */
export const renderFlags = {
  ...sourceFlags,
  name: { kind: 'string', value: 'NAME', about: 'Name of the application; the last word of the path unless given' },
  'dest-namespace': { kind: 'string', value: 'NAME', default: 'default', about: 'Destination namespace' },
  environment: { kind: 'string', value: 'NAME', about: 'Environment whose overlays of workloads are merged' },
  'kube-version': { kind: 'string', value: 'VERSION', about: 'Kubernetes version that charts see' },
  'api-version': {
    kind: 'list',
    value: 'VERSION',
    about: 'API version that charts see: apps/v1, apps/v1/Deployment',
    commas: true,
  },
  'kustomize-options': {
    kind: 'string',
    value: 'FLAGS',
    about: 'Flags of kustomize build, as kustomize.buildOptions in argocd-cm: --enable-helm renders helmCharts',
  },
  settings: {
    kind: 'list',
    value: 'FILE',
    about: 'An argocd-cm that says how sources are rendered, where no cluster is asked',
    completes: 'file',
  },
} as const;

/** `plumb render`. */
export const render = defineCommand({
  name: 'render',
  summary: 'Print what a path, a repository or an Application renders to; needs no cluster',
  details:
    'Directories, Kustomize, Helm charts and Jsonnet are told apart as the engine does it. A path on this machine is read as it lies there, uncommitted changes included, unless --revision names a commit. What argocd-cm must allow (helmCharts of kustomizations) is refused here too, unless --settings or --kustomize-options allow it: what renders here renders there.',
  args: [
    {
      name: 'PATH|URL',
      about: 'A directory, or the address of a Git repository; the working directory unless given',
      completes: 'directory',
    },
  ],
  flags: {
    ...renderFlags,
    revision: { kind: 'string', value: 'REVISION', about: 'Branch, tag or commit instead of the working tree' },
    app: { kind: 'list', value: 'FILE', about: 'Render the Applications of this file', completes: 'file' },
    local: {
      kind: 'string',
      value: 'DIR',
      about: 'With --app: take sources in the repository of DIR from its working tree',
      completes: 'directory',
    },
    output: outputFlag('yaml', 'json', 'name'),
  },
  examples: [
    { line: 'plumb render apps/guestbook', does: 'A directory, as it lies there' },
    { line: 'plumb render charts/web --helm-values values-prod.yaml --helm-set image.tag=1.2.3', does: 'A Helm chart' },
    {
      line: 'plumb render https://github.com/argoproj/argocd-example-apps --path guestbook --revision master',
      does: 'A repository',
    },
    {
      line: 'plumb render overlays/prod --kustomize-options --enable-helm',
      does: 'A kustomization with helmCharts, as with kustomize.buildOptions: --enable-helm in argocd-cm',
    },
    { line: 'plumb render --app app.yaml --local .', does: 'An Application, with the files that are here' },
  ],
  async run({ args, flags }, context) {
    const workbench = await context.workbench();
    try {
      const inputs =
        flags.app.length > 0
          ? await inputsOfApplications(context, workbench, flags.app, flags.local, flags)
          : [await inputOfPlace(context, workbench, args[0] ?? '.', flags.revision, flags)];
      const outputs: RenderOutput[] = [];
      for (const input of inputs) outputs.push(await renderOne(workbench, input));
      writeOutputs(context, outputs, flags.output);
      return exit.ok;
    } finally {
      await workbench.close();
    }
  },
});

// Outside of Git nothing says where the files begin that a base or a chart may reach.
async function renderOne(workbench: Workbench, input: RenderInput): Promise<RenderOutput> {
  try {
    return await workbench.render(input);
  } catch (thrown) {
    const error = asEngineError(thrown);
    const root = input.workingTrees?.[0]?.root;
    const narrow =
      root !== undefined && input.sources[0]?.path === '' && (await workbench.workingTree(root)) === undefined;
    if (!narrow || !['render-failed', 'path-outside', 'path-not-found'].includes(error.code)) throw error;
    const about =
      'try: the common root as PATH, and --path below it (outside of Git only files below PATH can be read)';
    throw new EngineError(error.code, error.message, { about, cause: error });
  }
}

type PlaceFlags = Parameters<typeof optionsOf>[0] & {
  readonly name: string | undefined;
  readonly 'dest-namespace': string;
  readonly environment: string | undefined;
  readonly 'kube-version': string | undefined;
  readonly 'api-version': readonly string[];
  readonly 'kustomize-options': string | undefined;
  readonly settings: readonly string[];
};

/** What is rendered for a directory or a repository address. A directory at a revision is read from Git. */
export async function inputOfPlace(
  context: CliContext,
  workbench: Workbench,
  place: string,
  revision: string | undefined,
  flags: PlaceFlags,
): Promise<RenderInput> {
  const options = optionsOf(flags);
  const config = await configOf(context, workbench, flags);
  if (isRepositoryAddress(place)) {
    const path = flags.path ?? '';
    const source = { repoURL: place, path, targetRevision: revision ?? '', ...options };
    return { ...forWhom(flags, path || place.replace(/\.git$/, '')), ...config, sources: [source] };
  }
  const directory = resolvePath(context, place);
  const tree = await workingTreeAt(workbench, directory);
  const path = [tree.path, flags.path ?? ''].filter(Boolean).join('/');
  const repoURL = `file://${tree.root}`;
  const source = { repoURL, path, targetRevision: revision ?? '', ...options };
  const input = { ...forWhom(flags, path || tree.root), ...config, sources: [source] };
  return revision === undefined ? { ...input, workingTrees: [{ repoURL, root: tree.root }] } : input;
}

/** The argocd-cm that the flags name, with the build options that they set. */
async function configOf(
  context: CliContext,
  workbench: Workbench,
  flags: Pick<PlaceFlags, 'kustomize-options' | 'settings'>,
): Promise<Pick<RenderInput, 'config'>> {
  const config: Record<string, string> = {};
  for (const file of flags.settings)
    Object.assign(config, configIn(await workbench.readObjects(await readFileAt(context, file), file), file));
  const options = flags['kustomize-options'];
  if (options !== undefined) config['kustomize.buildOptions'] = options;
  return Object.keys(config).length === 0 ? {} : { config };
}

function forWhom(flags: PlaceFlags, place: string): Omit<RenderInput, 'sources'> {
  const last = place.split('/').filter(Boolean).at(-1) ?? 'app';
  const name =
    flags.name ??
    (last
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') ||
      'app');
  return {
    application: {
      name,
      namespace: 'argocd',
      project: 'default',
      trackingName: name,
      destinationNamespace: flags['dest-namespace'],
      ...environmentOf(flags.environment),
    },
    ...versionsOf(flags),
  };
}

function environmentOf(environment: string | undefined): { readonly environment?: string } {
  return environment === undefined || environment === '' ? {} : { environment };
}

function versionsOf(
  flags: Pick<PlaceFlags, 'kube-version' | 'api-version'>,
): Pick<RenderInput, 'kubeVersion' | 'apiVersions'> {
  return {
    ...(flags['kube-version'] === undefined ? {} : { kubeVersion: flags['kube-version'] }),
    ...(flags['api-version'].length === 0 ? {} : { apiVersions: flags['api-version'] }),
  };
}

async function inputsOfApplications(
  context: CliContext,
  workbench: Workbench,
  files: readonly string[],
  local: string | undefined,
  flags: PlaceFlags,
): Promise<readonly RenderInput[]> {
  const tree = local === undefined ? undefined : await workingTreeAt(workbench, resolvePath(context, local));
  const config = await configOf(context, workbench, flags);
  const inputs: RenderInput[] = [];
  for (const file of files) {
    const text = await readFileAt(context, file);
    const applications = workbench.readApplications(readObjects(text, file));
    if (applications.length === 0)
      throw new EngineError('manifest-invalid', `no Application in the file: ${file}`, { about: file });
    for (const application of applications) {
      const [problem] = application.problems;
      if (problem !== undefined)
        throw new EngineError('app-invalid', `${problem}: ${application.name}`, { about: file });
      const trees = application.sources
        .filter((source) => tree?.remotes.some((remote) => workbench.sameRepository(remote.url, source.repoURL)))
        .map((source) => ({ repoURL: source.repoURL, root: tree?.root ?? '' }));
      inputs.push({
        application: {
          name: application.name,
          namespace: application.namespace,
          project: application.project,
          trackingName: application.trackingName,
          destinationNamespace: application.destination.namespace,
          ...environmentOf(flags.environment ?? application.annotations['plumbline.dev/environment']),
        },
        sources: application.sources,
        ...versionsOf(flags),
        ...config,
        ...(trees.length === 0 ? {} : { workingTrees: trees }),
      });
    }
  }
  return inputs;
}

function writeOutputs(context: CliContext, outputs: readonly RenderOutput[], form: string | undefined): void {
  const manifests = outputs.flatMap((output) => output.manifests);
  for (const { warnings } of outputs)
    for (const one of warnings) context.terminal.err(`warning [${one.type}]: ${clean(one.message)}\n`);
  const objects = manifests.map((manifest) => JSON.parse(manifest.body) as Json);
  if (form === 'json') context.terminal.out(`${JSON.stringify(objects, null, 2)}\n`);
  else if (form === 'name') {
    for (const { ref } of manifests)
      context.terminal.out(`${refText(ref)}
`);
  } else if (objects.length > 0) context.terminal.out(dumpYamlStream(objects));
  if (manifests.length === 0) context.terminal.err('Nothing was rendered: no manifests there.\n');
}
