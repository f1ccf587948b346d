/**
 * Workloads: Score files and the short form of our own, each with the overlay of the application's environment, as
 * Deployments and what belongs to them. Plain manifests beside them are taken as they are.
 */
import { EngineError, type Manifest } from '../../model/index.ts';
import type { Value } from '../exact-json.ts';
import type { Generation } from '../generation.ts';
import { toManifests } from '../manifest.ts';
import { joinPath } from '../paths.ts';
import { belongsToWorkload, overlayOf, type WorkloadFile, workloadsIn } from '../workload/discover.ts';
import { layOver, type Node, readNodes } from '../workload/node.ts';
import { objectsOf } from '../workload/objects.ts';
import { readScore } from '../workload/read-score.ts';
import { readShort } from '../workload/read-short.ts';
import { decodeText } from '../yaml/decode-text.ts';
import { generateDirectory } from './directory.ts';

/** The manifests of all workloads of a directory, in byte order of their files, then the plain ones. */
export async function generateWorkloads(generation: Generation): Promise<Manifest[]> {
  const { tree, path, entries } = generation;
  const files = await workloadsIn(tree, path, entries);
  const manifests: Manifest[] = [];
  const bodies = new Map<string, string>();
  for (const file of files) {
    for (const manifest of await manifestsOf(generation, file)) {
      const { group, kind, name } = manifest.ref;
      const key = `${group}/${kind}/${name}`;
      const before = bodies.get(key);
      // A volume that two workloads share is one.
      if (before === manifest.body) continue;
      if (before !== undefined) {
        const message = `${manifest.origin}: another workload of the directory makes ${kind} ${name} too`;
        throw new EngineError('manifest-invalid', message, { about: manifest.origin });
      }
      bodies.set(key, manifest.body);
      manifests.push(manifest);
    }
    await generation.breathe();
  }
  const rest = entries.filter((entry) => !belongsToWorkload(entry.name, files));
  return [...manifests, ...(await generateDirectory({ ...generation, entries: rest }))];
}

async function manifestsOf(generation: Generation, file: WorkloadFile): Promise<readonly Manifest[]> {
  const { tree, path, index } = generation;
  const folder = { tree, directory: path };
  const manifests: Manifest[] = [];
  for (const node of await documentsOf(generation, file)) {
    const workload =
      file.form === 'score' || isScore(node) ? await readScore(node, folder) : await readShort(node, folder, file.stem);
    const label = `${workload.place.file}:${workload.place.line}`;
    for (const object of objectsOf(workload)) manifests.push(...toManifests(object as Value, { label, source: index }));
  }
  return manifests;
}

/** The documents of a file with the environment's laid over them: by name where there are several. */
async function documentsOf(generation: Generation, file: WorkloadFile): Promise<readonly Node[]> {
  const base = await read(generation, file.name);
  const overlay = overlayOf(file, generation.facts.get('environment'), generation.entries);
  if (overlay === undefined) return base;
  const over = await read(generation, overlay);
  const [only] = over;
  if (base.length === 1 && over.length === 1 && base[0] !== undefined && only !== undefined)
    return [layOver(base[0], only)];
  const documents = [...base];
  for (const one of over) {
    const at = documents.findIndex((node) => nameOf(node) !== undefined && nameOf(node) === nameOf(one));
    const below = documents[at];
    if (below === undefined) {
      const about = `${one.place.file}:${one.place.line}`;
      throw new EngineError('manifest-invalid', `${about}: ${file.name} has no workload of this name`, { about });
    }
    documents[at] = layOver(below, one);
  }
  return documents;
}

async function read({ tree, path }: Generation, name: string): Promise<readonly Node[]> {
  const file = joinPath(path, name);
  const text = decodeText((await tree.read(file)) ?? new Uint8Array());
  if (text === undefined) throw new EngineError('manifest-invalid', `${file}: not UTF-8 text`, { about: file });
  return readNodes(text, file);
}

function fieldOf(node: Node | undefined, name: string): Node | undefined {
  return node?.kind === 'map' ? node.entries.get(name)?.node : undefined;
}

function isScore(node: Node): boolean {
  const version = fieldOf(node, 'apiVersion');
  return version?.kind === 'scalar' && version.text.startsWith('score.dev/');
}

function nameOf(node: Node): string | undefined {
  const name = fieldOf(fieldOf(node, 'metadata'), 'name') ?? fieldOf(node, 'name');
  return name?.kind === 'scalar' ? name.text : undefined;
}
