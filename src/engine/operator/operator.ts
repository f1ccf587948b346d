// The Operator: what clients ask, answered over ports alone.
import type { ApplicationEvent, ApplicationFilter, Operator } from '../../contract/index.ts';
import { argocd } from '../../dialects/index.ts';
import { type AppKey, EngineError, type KubeObject, type Project } from '../../model/index.ts';
import { objectActions } from './actions.ts';
import { administration } from './administration.ts';
import { commands } from './commands.ts';
import { commitStates } from './commit-state.ts';
import { matcher, namespaceOf } from './filter.ts';
import { lockRequests } from './locks.ts';
import { orphans } from './orphans.ts';
import type { OperatorParts } from './parts.ts';
import { questions } from './questions.ts';
import { recordQuestions } from './records.ts';
import { verifyQuestion } from './verify.ts';
import { detailOf, objectsOf, viewOf } from './views.ts';

/** An operator over these parts; closing it closes them. */
export function createOperator(parts: OperatorParts): Operator {
  const { desk } = parts;
  const list = async (filter: ApplicationFilter) => {
    const matches = matcher(filter);
    return (await desk.applications(namespaceOf(filter))).filter(matches);
  };
  return {
    ...commands(parts),
    ...questions(parts),
    ...lockRequests(parts),
    ...objectActions(parts),
    ...administration(parts),
    ...recordQuestions(parts),
    ...verifyQuestion(parts),
    commitState: commitStates(parts),
    listApplications: async (filter) => (await list(filter)).map(viewOf).sort(byKey),
    getApplication: async (key) => detailOf(await desk.application(key)),
    getResource: async (key) => withoutNoise(await desk.resource(key)),
    listResources: async (filter) => {
      const keys = new Set((await list(filter)).map((app) => app.key));
      const { namespace } = filter;
      const resources = await desk.resources(namespace);
      return resources.filter(({ metadata }) => keys.has(`${metadata.namespace}/${metadata.name}`)).map(withoutNoise);
    },
    history: async (key) => [...((await desk.application(key)).report?.history ?? [])].reverse(),
    orphans: (key) => orphans(parts, key),
    resources: async (key) => objectsOf(await desk.application(key)),
    listProjects: async () => {
      const [projects, applications] = await Promise.all([projectsOf(parts), desk.applications()]);
      return projects.map((project) => ({
        project,
        applications: applications.filter((app) => app.project === project.name).length,
      }));
    },
    getProject: async (name) => {
      const found = (await projectsOf(parts)).find((project) => project.name === name);
      if (found === undefined) throw new EngineError('not-found', `no such project: ${name}`);
      return found;
    },
    watch: (filter, listener) => watch(parts, filter, listener),
    close: () => parts.close(),
  };
}

// Nobody who asks for an Application wants its managedFields; kubectl leaves them out too.
function withoutNoise(resource: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = resource.metadata;
  return { ...resource, metadata };
}

function byKey(a: { readonly key: AppKey }, b: { readonly key: AppKey }): number {
  return a.key < b.key ? -1 : 1;
}

// `default` exists for the engine whether or not anybody declared it.
async function projectsOf(parts: OperatorParts): Promise<readonly Project[]> {
  const declared = await parts.desk.projects();
  const all = declared.some((one) => one.name === 'default')
    ? declared
    : [argocd.allowAllProject('default'), ...declared];
  return [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function watch(
  parts: OperatorParts,
  filter: ApplicationFilter,
  listener: (event: ApplicationEvent) => void,
): () => void {
  const matches = matcher(filter);
  const told = new Set<AppKey>();
  return parts.desk.watch(namespaceOf(filter), (event) => {
    if (event.kind === 'synced') return;
    if (event.kind === 'state') listener(event);
    else if (event.kind === 'put' && matches(event.application)) {
      told.add(event.application.key);
      listener({ kind: 'put', detail: detailOf(event.application) });
    } else {
      // What no longer matches is gone for this listener.
      const key = event.kind === 'put' ? event.application.key : event.key;
      if (told.delete(key)) listener({ kind: 'gone', key });
    }
  });
}
