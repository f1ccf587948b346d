/**
 * Plain manifests: every .yaml, .yml and .json file of a directory in Argo CD's order, and .jsonnet files through the
 * toolbox. Lists are expanded, files that are no manifests are passed over as Argo CD does.
 */
import { type DirectoryOptions, EngineError, type Manifest } from '../../model/index.ts';
import type { TreeEntry } from '../../ports/index.ts';
import type { Generation } from '../generation.ts';
import { gobwas } from '../glob.ts';
import { jsonToManifests, toManifests } from '../manifest.ts';
import { joinPath } from '../paths.ts';
import { decodeText } from '../yaml/decode-text.ts';
import { readYaml, type YamlFile } from '../yaml/read-yaml.ts';
import { renderJsonnet } from './jsonnet.ts';

const manifestName = /\.(?:yaml|yml|json|jsonnet)$/;
const skipMarker = '# +argocd:skip-file-rendering';
/** Directories below one another that are walked. */
const maxDirectoryDepth = 64;

type File = { readonly path: string; readonly bytes: Uint8Array };

/** The manifests of a directory source. */
export async function generateDirectory(generation: Generation): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const file of await filesOf(generation)) {
    if (file.path.endsWith('.jsonnet')) manifests.push(...(await renderJsonnet(generation, file.path)));
    else if (file.path.endsWith('.json'))
      manifests.push(...jsonToManifests(textOf(file), { label: `${file.path}:1`, source: generation.index }));
    else manifests.push(...(await readYamlFile(generation, file)));
    await generation.breathe();
  }
  return manifests;
}

/** Files that are read at once. */
const readTogether = 8;

/** The files that are manifests, all read before any is parsed, so that the size limit comes first. */
async function filesOf(generation: Generation): Promise<File[]> {
  const { request, source, tree } = generation;
  const chosen = chooser(source.directory);
  const limit = request.settings.maxDirectoryBytes;
  const paths: string[] = [];
  for await (const path of walk(generation, generation.path, generation.entries, 0)) {
    if (!chosen(relativeTo(generation.path, path))) continue;
    if (!path.endsWith('.jsonnet') || request.settings.jsonnetEnabled) paths.push(path);
  }
  const files: File[] = [];
  let bytesOfAll = 0;
  for (let start = 0; start < paths.length; start += readTogether) {
    const some = paths.slice(start, start + readTogether);
    const contents = await Promise.all(some.map((path) => tree.read(path)));
    for (const [index, path] of some.entries()) {
      const bytes = contents[index];
      if (bytes === undefined) continue;
      if (!path.endsWith('.jsonnet')) bytesOfAll += bytes.length;
      if (limit > 0 && bytesOfAll > limit) throw tooLarge(path, limit);
      if (!hasMarker(bytes)) files.push({ path, bytes });
    }
  }
  return files;
}

function tooLarge(path: string, limit: number): EngineError {
  const message = `${path}: the manifests of the directory are larger than ${limit} bytes`;
  return new EngineError('render-limit', message, { about: path });
}

/** Paths of files, each directory in byte order of its names, subdirectories where their names stand. */
async function* walk(
  generation: Generation,
  directory: string,
  entries: readonly TreeEntry[],
  depth: number,
): AsyncGenerator<string> {
  for (const { name, kind } of entries) {
    const path = joinPath(directory, name);
    if (kind === 'directory') {
      if (generation.source.directory?.recurse !== true || name === '.git') continue;
      if (depth >= maxDirectoryDepth)
        throw new EngineError('render-limit', `${path}: directories are nested too deeply`, { about: path });
      yield* walk(generation, path, (await generation.tree.list(path)) ?? [], depth + 1);
    } else if (kind !== 'module' && manifestName.test(name)) {
      // A link to a directory is not followed, one out of the repository is refused by the tree.
      if (kind === 'link' && (await generation.tree.entry(path))?.kind !== 'file') continue;
      yield path;
    }
  }
}

function chooser(options: DirectoryOptions | undefined): (path: string) => boolean {
  const include = options?.include === undefined || options.include === '' ? () => true : gobwas(options.include);
  const exclude = options?.exclude === undefined || options.exclude === '' ? () => false : gobwas(options.exclude);
  return (path) => exclude?.(path) !== true && include?.(path) === true;
}

function relativeTo(directory: string, path: string): string {
  return directory === '' ? path : path.slice(directory.length + 1);
}

function hasMarker(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(skipMarker);
}

function textOf(file: File): string {
  const text = decodeText(file.bytes);
  if (text !== undefined) return text;
  throw new EngineError('manifest-invalid', `${file.path}: not UTF-8 text`, { about: file.path });
}

async function readYamlFile(generation: Generation, file: File): Promise<Manifest[]> {
  const text = textOf(file);
  const read = await readYaml(text, generation.toolbox, generation.breathe);
  if (read.problem?.limit === true) throw problemOf(file, read.problem);
  const manifests: Manifest[] = [];
  try {
    for (const { value, line } of read.documents)
      manifests.push(...toManifests(value, { label: `${file.path}:${line}`, source: generation.index }));
    if (read.problem !== undefined) throw problemOf(file, read.problem);
  } catch (error) {
    // Argo CD passes over a file of which nothing is a manifest and that does not look as if it should be.
    if (error instanceof EngineError && error.code === 'manifest-invalid' && manifests.length === 0 && !looksLike(text))
      return [];
    throw error;
  }
  for (const { key, line } of read.duplicates)
    generation.warn('DuplicateKeyWarning', `${file.path}:${line}: key "${key}" is set twice, the last one counts`);
  return manifests;
}

function problemOf(file: File, problem: NonNullable<YamlFile['problem']>): EngineError {
  const about = `${file.path}:${problem.line}`;
  const code = problem.limit ? 'render-limit' : 'manifest-invalid';
  return new EngineError(code, `${about}: ${problem.message}`, { about });
}

function looksLike(text: string): boolean {
  return text.includes('apiVersion:') && text.includes('kind:') && text.includes('metadata:');
}
