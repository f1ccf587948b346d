/**
 * Which value files a chart is rendered with: globs expanded, `$ref/…` found in other sources, addresses fetched where
 * their scheme is allowed. Nothing is read from outside the repositories.
 */
import { EngineError, type HelmOptions } from '../model/index.ts';
import type { Tree } from '../ports/index.ts';
import type { FileView } from './file-view.ts';
import type { Generation } from './generation.ts';
import { globFiles, isGlob } from './glob.ts';
import { resolvePath } from './paths.ts';
import { mountFolder } from './remote-bases.ts';
import { withoutLogin } from './unpinned.ts';

/** A file of the application's sources: `shown` is its path in the view that the toolbox sees. */
type Found = { readonly tree: Tree; readonly path: string; readonly shown: string };

/** Value files of one application after globs are expanded. */
const maxValueFiles = 1_000;

/** The value files in order, as paths of `view`. */
export async function valueFilesOf(generation: Generation, options: HelmOptions, view: FileView): Promise<string[]> {
  const locate = locator(generation, view);
  const entries = await Promise.all(options.valueFiles.map((entry) => resolveEntry(generation, entry, locate)));
  const explicit = new Set(entries.flatMap((entry) => (entry.kind === 'file' ? [entry.found.shown] : [])));
  const files: string[] = [];
  const globbed = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const written = options.valueFiles[index] ?? '';
    if (entry.kind === 'address') files.push(await fetched(generation, view, entry.url, files.length));
    else if (entry.kind === 'file') {
      if ((await entry.found.tree.entry(entry.found.path))?.kind === 'file') files.push(entry.found.shown);
      else if (!options.ignoreMissingValueFiles) throw missing(`helm value file not found: ${written}`, written);
    } else {
      const matched = await globFiles(entry.found.tree, entry.found.path);
      if (matched.length === 0 && !options.ignoreMissingValueFiles)
        throw missing(`helm value file glob matched no files: ${written}`, written);
      for (const path of matched) {
        const shown = entry.found.shown.slice(0, entry.found.shown.length - entry.found.path.length) + path;
        if (explicit.has(shown) || globbed.has(shown)) continue;
        globbed.add(shown);
        files.push(shown);
      }
    }
    if (files.length > maxValueFiles)
      throw new EngineError('render-limit', `helm: more than ${maxValueFiles} value files`, { about: written });
  }
  return files;
}

/** The path in `view` of a file parameter; it must be there. */
export async function fileParameter(generation: Generation, written: string, view: FileView): Promise<string> {
  const entry = await resolveEntry(generation, written, locator(generation, view));
  if (entry.kind === 'address') return await fetched(generation, view, entry.url, 0);
  if ((await entry.found.tree.entry(entry.found.path))?.kind === 'file') return entry.found.shown;
  throw missing(`helm file parameter not found: ${written}`, written);
}

type Entry =
  | { readonly kind: 'file' | 'glob'; readonly found: Found }
  | { readonly kind: 'address'; readonly url: string };
type Locate = (ref: string, path: string) => Promise<Found | undefined>;

async function resolveEntry(generation: Generation, written: string, locate: Locate): Promise<Entry> {
  const ref = /^\$([^/]+)(\/.*)?$/.exec(written);
  const { facts } = generation;
  if (ref !== null) {
    const inOther = await locate(ref[1] ?? '', facts.expand(ref[2] ?? '/'));
    if (inOther !== undefined) return { kind: isGlob(inOther.path) ? 'glob' : 'file', found: inOther };
  }
  const path = facts.expand(written);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(path)?.[1]?.toLowerCase();
  if (scheme !== undefined) {
    const allowed = generation.request.settings.helmValuesFileSchemes.map((name) => name.toLowerCase());
    const fetchable = scheme === 'http' || scheme === 'https';
    if (allowed.includes(scheme) && fetchable) return { kind: 'address', url: path };
    throw new EngineError('path-outside', `helm value file: the scheme ${scheme} is not allowed: ${written}`, {
      about: written,
    });
  }
  const inside = resolvePath(generation.path, path, 'helm value file');
  return { kind: isGlob(inside) ? 'glob' : 'file', found: { tree: generation.tree, path: inside, shown: inside } };
}

/** Finds `$ref` paths; each referenced tree is shown once, at a place of its own. */
function locator(generation: Generation, view: FileView): Locate {
  const places = new Map<string, string>();
  return async (ref, path) => {
    const other = await generation.referenced(ref);
    if (other === undefined) return undefined;
    if (other.source.chart !== undefined)
      throw new EngineError('app-invalid', `$${ref}: a chart cannot be referenced by other sources`, { about: ref });
    const inside = resolvePath('', path, `helm value file $${ref}`);
    let place = places.get(ref);
    if (place === undefined) {
      place = `${mountFolder}/ref-${ref}`;
      places.set(ref, place);
      view.mount(place, other.tree, '');
    }
    return { tree: other.tree, path: inside, shown: `${place}/${inside}` };
  };
}

async function fetched(generation: Generation, view: FileView, url: string, number: number): Promise<string> {
  generation.unversioned(withoutLogin(url));
  const file = `${mountFolder}/fetched-${number}.yaml`;
  view.put(file, await generation.sources.fetch(url, generation.request.application.project));
  return file;
}

function missing(message: string, about: string): EngineError {
  return new EngineError('path-not-found', message, { about });
}
