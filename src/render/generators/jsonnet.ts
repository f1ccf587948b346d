/** One Jsonnet file of a directory: evaluated by the toolbox, its result an object, a list of objects, or a List. */
import type { Manifest } from '../../model/index.ts';
import { fileView } from '../file-view.ts';
import type { Generation } from '../generation.ts';
import { jsonToManifests } from '../manifest.ts';
import { resolvePath } from '../paths.ts';
import type { JsonnetVariable } from '../toolbox/protocol.ts';
import { fromToolbox } from '../toolbox-errors.ts';

/** The manifests of the Jsonnet file `file`; libraries are looked for from the root of the repository. */
export async function renderJsonnet(generation: Generation, file: string): Promise<Manifest[]> {
  const options = generation.source.directory?.jsonnet;
  const variables = (list: readonly { name: string; value: string; code: boolean }[] = []): JsonnetVariable[] =>
    list.map(({ name, value, code }) => ({ name, value: generation.facts.expand(value), code }));
  const libs = (options?.libs ?? []).map((lib) => resolvePath('', lib, 'directory.jsonnet.libs'));
  let json: string;
  try {
    const result = await generation.toolbox.jsonnet({
      fs: fileView(generation.tree).fs,
      limits: generation.limits,
      file,
      extVars: variables(options?.extVars),
      tlas: variables(options?.tlas),
      libs: [generation.path, ...libs],
    });
    json = result.json;
  } catch (error) {
    throw fromToolbox(error, 'jsonnet', file);
  }
  // A list of objects is read like a List.
  const text = json.trimStart().startsWith('[') ? `{"items":${json}}` : json;
  return jsonToManifests(text, { label: file, source: generation.index });
}
