// Which rules an application lives under, and in whose name it writes.
import { type Application, EngineError, type Project } from '../model/index.ts';
import { accountFor, inherit } from '../policy/index.ts';
import type { Cluster, Store } from '../ports/index.ts';
import type { Engine } from './engine.ts';

/** The project of an application. Throws EngineError when its form is wrong or its project does not exist. */
export function projectOf(engine: { readonly store: Pick<Store, 'project' | 'settings'> }, app: Application): Project {
  if (app.problems.length > 0) throw new EngineError('app-invalid', app.problems.join('; '), { about: app.key });
  const project = engine.store.project(app.project);
  const parent = (name: string): Project | undefined => engine.store.project(name);
  if (project !== undefined) return inherit(project, engine.store.settings().globalProjects, parent);
  throw new EngineError('project-not-found', `application ${app.name}: there is no project ${app.project}`, {
    about: app.key,
  });
}

/** In whose name an application writes; undefined for the engine's own. A project that names nobody may not write. */
export function accountOf(engine: Engine, app: Application, cluster: Cluster): string | undefined {
  if (!engine.store.settings().impersonation) return undefined;
  const project = projectOf(engine, app);
  const account = accountFor(project, cluster.server, app.destination.namespace);
  if (account !== undefined) return account;
  const message = `project ${project.name} names no service account for ${cluster.server} ${app.destination.namespace}`;
  throw new EngineError('not-permitted', message, { about: app.key });
}
