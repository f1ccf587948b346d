import { EngineError, type JsonObject, stringAt } from '../../model/index.ts';
import { appArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { outputFlag, writeData } from '../output/data.ts';
import { dumpYamlStream, readObjects } from '../output/yaml.ts';
import { needed, readFileAt } from '../places.ts';
import { helmOf, kustomizeOf, sourceFlags } from '../source-flags.ts';

/** `plumb app create`. */
export const appCreate = defineCommand({
  name: 'create',
  summary: 'Create an application, from flags or from a file',
  args: [{ ...appArgument, required: false, about: 'Its name; not with --file' }],
  flags: {
    file: {
      kind: 'string',
      short: 'f',
      value: 'FILE',
      about: 'YAML of Applications; - reads standard input',
      completes: 'file',
    },
    repo: { kind: 'string', value: 'URL', about: 'Repository' },
    ...sourceFlags,
    revision: {
      kind: 'string',
      value: 'REVISION',
      default: '',
      about: 'Branch, tag, commit or semver range; HEAD unless given',
    },
    chart: { kind: 'string', value: 'NAME', about: 'Chart, where the repository is a Helm repository' },
    project: { kind: 'string', short: 'p', value: 'NAME', default: 'default', about: 'Project', completes: 'project' },
    'dest-server': { kind: 'string', value: 'URL', about: 'Address of the destination cluster' },
    'dest-name': { kind: 'string', value: 'NAME', about: 'Name of the destination cluster' },
    'dest-namespace': { kind: 'string', value: 'NAME', about: 'Namespace for objects that name none' },
    auto: { kind: 'boolean', about: 'Sync by itself when Git moves' },
    prune: { kind: 'boolean', about: 'With --auto: delete what is no longer in Git' },
    'self-heal': { kind: 'boolean', about: 'With --auto: undo what others change' },
    'create-namespace': { kind: 'boolean', about: 'Create the destination namespace' },
    'sync-option': { kind: 'list', value: 'NAME=VALUE', about: "Sync option in Argo CD's form" },
    label: { kind: 'list', value: 'NAME=VALUE', about: 'Label of the application' },
    upsert: { kind: 'boolean', about: 'Change it when it exists' },
    'dry-run': { kind: 'boolean', about: 'Only print the resource' },
    output: outputFlag('name', 'json', 'yaml'),
  },
  examples: [
    {
      line: 'plumb app create guestbook --repo https://github.com/argoproj/argocd-example-apps --path guestbook --dest-namespace guestbook --create-namespace --auto --prune --self-heal',
      does: 'Follow a path of a repository',
    },
    { line: 'plumb app create -f apps.yaml --upsert', does: 'From a file' },
    {
      line: 'plumb app create web --repo https://example.org/r.git --path web --dest-namespace web --dry-run',
      does: 'Print it, to put it into Git',
    },
  ],
  async run({ args, flags, globals }, context) {
    const resources = flags.file === undefined ? [fromFlags(args[0], flags)] : await fromFile(context, flags.file);
    const placed = resources.map((resource) => withNamespace(resource, globals.namespace));
    if (flags['dry-run']) {
      if (flags.output === 'json') writeData(context, 'json', placed.length === 1 ? placed[0] : placed);
      else context.terminal.out(dumpYamlStream(placed));
      return exit.ok;
    }
    return withOperator(context, globals, async (operator) => {
      for (const resource of placed) {
        const detail = await operator.createApplication(resource, { upsert: flags.upsert });
        if (writeData(context, flags.output, await maybeResource(operator, detail.view.key, flags.output))) continue;
        context.terminal.out(flags.output === 'name' ? `${detail.view.key}\n` : `${detail.view.key}: created\n`);
      }
      return exit.ok;
    });
  },
});

async function maybeResource(
  operator: { getResource(key: string): Promise<JsonObject> },
  key: string,
  form: string | undefined,
) {
  return form === 'json' || form === 'yaml' ? operator.getResource(key) : undefined;
}

async function fromFile(context: CliContext, file: string): Promise<readonly JsonObject[]> {
  const text = await readFileAt(context, file);
  const resources = readObjects(text, file).filter((one) => one.kind === 'Application');
  if (resources.length === 0) {
    throw new EngineError('manifest-invalid', `no Application in the file: ${file}`, { about: file });
  }
  return resources;
}

function withNamespace(resource: JsonObject, namespace: string): JsonObject {
  const metadata = resource.metadata as JsonObject | undefined;
  return stringAt(resource, 'metadata', 'namespace') === undefined
    ? { ...resource, metadata: { ...metadata, namespace } }
    : resource;
}

type CreateFlags = Parameters<typeof helmOf>[0] &
  Parameters<typeof kustomizeOf>[0] & {
    readonly repo: string | undefined;
    readonly path: string | undefined;
    readonly revision: string;
    readonly chart: string | undefined;
    readonly project: string;
    readonly 'dest-server': string | undefined;
    readonly 'dest-name': string | undefined;
    readonly 'dest-namespace': string | undefined;
    readonly auto: boolean;
    readonly prune: boolean;
    readonly 'self-heal': boolean;
    readonly 'create-namespace': boolean;
    readonly 'sync-option': readonly string[];
    readonly label: readonly string[];
    readonly recurse: boolean;
  };

function fromFlags(name: string | undefined, flags: CreateFlags): JsonObject {
  const labels = pairsOf(flags.label, '--label');
  const options = [...(flags['create-namespace'] ? ['CreateNamespace=true'] : []), ...flags['sync-option']];
  const automated = flags.auto
    ? { automated: { ...(flags.prune ? { prune: true } : {}), ...(flags['self-heal'] ? { selfHeal: true } : {}) } }
    : {};
  const policy = { ...automated, ...(options.length === 0 ? {} : { syncOptions: options }) };
  const helm = helmOf(flags);
  const kustomize = kustomizeOf(flags);
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: needed(name, 'APP: the name of the application'), ...(labels === undefined ? {} : { labels }) },
    spec: {
      project: flags.project,
      source: {
        repoURL: needed(flags.repo, '--repo'),
        ...(flags.chart === undefined ? { path: flags.path ?? '.' } : { chart: flags.chart }),
        targetRevision: flags.revision === '' ? 'HEAD' : flags.revision,
        ...(helm === undefined ? {} : { helm }),
        ...(kustomize === undefined ? {} : { kustomize }),
        ...(flags.recurse ? { directory: { recurse: true } } : {}),
      },
      destination: {
        ...(flags['dest-name'] === undefined
          ? { server: flags['dest-server'] ?? 'https://kubernetes.default.svc' }
          : { name: flags['dest-name'] }),
        ...(flags['dest-namespace'] === undefined ? {} : { namespace: flags['dest-namespace'] }),
      },
      ...(Object.keys(policy).length === 0 ? {} : { syncPolicy: policy }),
    },
  };
}

function pairsOf(words: readonly string[], flag: string): Record<string, string> | undefined {
  if (words.length === 0) return undefined;
  return Object.fromEntries(
    words.map((word) => {
      const equals = word.indexOf('=');
      if (equals < 1) throw new EngineError('usage', `${flag} needs NAME=VALUE: ${word}`);
      return [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}
