/**
 * Dependencies that a chart asks for and does not carry: found in Helm repositories and registries through the Sources
 * port, in the versions of Chart.lock where there is one, and shown to the toolbox as archives.
 */
import { EngineError } from '../model/index.ts';
import type { FileView } from './file-view.ts';
import type { Generation } from './generation.ts';
import { mountFolder } from './remote-bases.ts';
import type { ChartDependency } from './toolbox/protocol.ts';
import { fromToolbox } from './toolbox-errors.ts';
import { isVersion, withoutLogin } from './unpinned.ts';

/** Dependencies that one chart may have. */
const maxDependencies = 128;

/** Fetches what the chart of `generation` lacks; the archives as paths of `view`. */
export async function fetchDependencies(generation: Generation, view: FileView): Promise<string[]> {
  const { toolbox, path, sources, request, limits } = generation;
  const asked = await toolbox.helmDependencies({ fs: view.fs, limits, chart: path }).catch((error: unknown) => {
    throw fromToolbox(error, 'helm', path);
  });
  if (asked.missing.length > maxDependencies)
    throw new EngineError('render-limit', `${path}: more than ${maxDependencies} dependencies`, { about: path });
  const archives: string[] = [];
  for (const dependency of asked.missing) {
    const locked = asked.locked.find((lock) => lock.name === dependency.name && sameRepository(lock, dependency));
    const version = locked?.version ?? dependency.version;
    if (!/^(?:https?|oci):\/\/|^@|^alias:/.test(dependency.repository)) throw absent(dependency, path);
    if (locked === undefined && !isVersion(version)) {
      const what = `chart ${dependency.name} ${version || '(newest)'} of ${withoutLogin(dependency.repository)}`;
      generation.unversioned(what);
    }
    const { archive } = await sources.chart(
      dependency.repository,
      dependency.name,
      version,
      request.application.project,
    );
    const file = `${mountFolder}/dependency-${archives.length}.tgz`;
    view.put(file, archive);
    archives.push(file);
  }
  return archives;
}

function sameRepository(a: ChartDependency, b: ChartDependency): boolean {
  return a.repository.replace(/\/+$/, '') === b.repository.replace(/\/+$/, '');
}

function absent({ name, version, repository }: ChartDependency, path: string): EngineError {
  const where = repository === '' ? 'no repository is given' : `it cannot be fetched from ${repository}`;
  const message = `${path || '.'}: dependency ${name} ${version} is not in charts/ and ${where}`;
  return new EngineError('missing-dependencies', message, { about: path });
}
