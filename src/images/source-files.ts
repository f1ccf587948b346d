/** Which files of an application's source may be changed: those that it is rendered from, and only for its environment. */
import type { Source } from '../model/index.ts';
import type { Tree } from '../ports/index.ts';

export type SourceFiles = {
  readonly texts: ReadonlyMap<string, string>;
  /** Files of the environment, or later value files: an image in one of them is changed there alone. */
  readonly overlays: ReadonlySet<string>;
};

const mostFiles = 500;
const mostBytes = 1 << 20;
const deepest = 16;
const yaml = /\.ya?ml$|(?:^|\/)Kustomization$/;
const workloadOverlay = /(?:^|\/)(?:[^/]+\.)?(?:score|workload)\.([^./]+)\.ya?ml$/;

/**
 * The YAML files of a source, read from `tree`. `lent` are files that other sources of the application read here
 * (`$ref/values.yaml`), without their `$ref/`.
 */
export async function filesOf(
  tree: Tree,
  source: Source,
  environment: string,
  lent: readonly string[] = [],
): Promise<SourceFiles> {
  const path = cleaned('', source.path ?? '');
  if (path === undefined) return { texts: new Map(), overlays: new Set() };
  const lends = source.ref !== undefined && source.ref !== '' && path === '';
  const entries = lends ? [] : ((await tree.list(path)) ?? []);
  const isChart = entries.some((entry) => entry.name === 'Chart.yaml');
  const valueFiles = [
    ...(isChart ? valueFilesOf(path, source) : []),
    ...lent.flatMap((file) => cleaned('', file) ?? []),
  ];
  const names = isChart
    ? [join(path, 'values.yaml'), ...valueFiles]
    : [...(lends ? [] : await walk(tree, path, source.directory?.recurse === true, 0)), ...valueFiles];
  const texts = new Map<string, string>();
  const overlays = new Set(valueFiles.slice(-1));
  for (const name of new Set(names)) {
    const of = workloadOverlay.exec(name)?.[1];
    const isBase = of === undefined || /^(?:score|workload)$/.test(of);
    if (!isBase && of !== environment) continue;
    if ((await tree.entry(name))?.kind !== 'file' || texts.size >= mostFiles) continue;
    const bytes = await tree.read(name);
    if (bytes === undefined || bytes.length > mostBytes) continue;
    const text = Buffer.from(bytes).toString('utf8');
    // What is not UTF-8 would not survive being written.
    if (!Buffer.from(text).equals(Buffer.from(bytes))) continue;
    texts.set(name, text);
    if (!isBase) overlays.add(name);
  }
  return { texts, overlays };
}

async function walk(tree: Tree, path: string, recurse: boolean, depth: number): Promise<string[]> {
  const found: string[] = [];
  for (const { name, kind } of (await tree.list(path)) ?? []) {
    const below = join(path, name);
    if (kind === 'file' && yaml.test(name)) found.push(below);
    else if (kind === 'directory' && recurse && depth < deepest && found.length < mostFiles)
      found.push(...(await walk(tree, below, recurse, depth + 1)));
  }
  return found;
}

// Files of this repository, in their order; the last one wins.
function valueFilesOf(path: string, source: Source): readonly string[] {
  return (source.helm?.valueFiles ?? []).flatMap((file) => {
    if (/^[a-z]+:\/\/|^\$/i.test(file)) return [];
    return cleaned(path, file) ?? [];
  });
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}

/** A path from the root, undefined when it leads out. */
function cleaned(base: string, path: string): string | undefined {
  const segments = path.startsWith('/') || base === '' ? [] : base.split('/');
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.join('/');
}
