/** The same for a directory of this machine: what `plumb image update` does. Nothing is committed. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../model/index.ts';
import type { ImageRegistry } from '../ports/index.ts';
import { parseRules, planUpdates, type Update } from './plan-updates.ts';

export type LocalRequest = {
  /** Absolute. */
  readonly directory: string;
  /** `IMAGE=POLICY`; markers in the files count too. */
  readonly rules: readonly string[];
  /** False only looks. */
  readonly write: boolean;
};

export type LocalUpdates = {
  readonly updates: readonly Update[];
  readonly problems: readonly { readonly about: string; readonly error: EngineError }[];
};

const mostFiles = 5_000;
const mostBytes = 1 << 20;
const skipped = new Set(['.git', 'node_modules', 'templates']);

/** Looks at all YAML files below a directory, and changes the tags that are to be changed. */
export async function updateDirectory(request: LocalRequest, registry: ImageRegistry): Promise<LocalUpdates> {
  const rules = parseRules(request.rules.join('\n'));
  const texts = new Map<string, string>();
  for (const file of await yamlFiles(request.directory, '')) {
    const bytes = await readFile(join(request.directory, file));
    const text = bytes.toString('utf8');
    if (bytes.length <= mostBytes && Buffer.from(text).equals(bytes)) texts.set(file, text);
  }
  const { updates, files, problems } = await planUpdates(texts, rules, registry, 'default');
  if (request.write) for (const [file, text] of files) await writeFile(join(request.directory, file), text);
  return { updates, problems };
}

async function yamlFiles(root: string, path: string): Promise<readonly string[]> {
  const found: string[] = [];
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch((cause: unknown) => {
    throw new EngineError('path-not-found', `no such directory: ${join(root, path)}`, { cause });
  });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const below = path === '' ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory() && !skipped.has(entry.name)) found.push(...(await yamlFiles(root, below)));
    else if (entry.isFile() && /\.ya?ml$|^Kustomization$/.test(entry.name)) found.push(below);
    if (found.length > mostFiles)
      throw new EngineError('usage', `more than ${mostFiles} YAML files: name a smaller directory: ${root}`);
  }
  return found;
}
