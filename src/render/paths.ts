/** Paths of a repository: `/`-separated, relative to its root, '' for the root. Nothing leaves the root. */
import { EngineError } from '../model/index.ts';

/**
 * `path` as seen from the directory `base`, cleaned; a leading `/` means the root of the repository. EngineError
 * `path-outside` when it leads out, with `what` naming the field that it was written in.
 */
export function resolvePath(base: string, path: string, what: string): string {
  if (path.includes('\0')) throw new EngineError('path-outside', `${what}: not a path`, { about: what });
  const segments = path.startsWith('/') || base === '' ? [] : base.split('/');
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined)
      throw new EngineError('path-outside', `${what}: leads out of the repository: ${path}`, { about: path });
  }
  return segments.join('/');
}

/** `directory/name`, or `name` at the root. */
export function joinPath(directory: string, name: string): string {
  if (directory === '') return name;
  return name === '' ? directory : `${directory}/${name}`;
}

/** The directory of a path, '' at the root. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** `path` seen from the directory above it; undefined when it does not lie in or below it. */
export function below(directory: string, path: string): string | undefined {
  if (directory === '') return path;
  if (path === directory) return '';
  return path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : undefined;
}
