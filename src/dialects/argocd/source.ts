// `spec.source`, `spec.sources` and `spec.sourceHydrator`: always a list in the model.
import type { DirectoryOptions, Json, JsonnetVar, JsonObject, Source } from '../../model/index.ts';
import { compact, some } from './compact.ts';
import { child, children, type Fields, flag, pathOf, text, textOrNone, texts } from './fields.ts';
import { readHelm, writeHelm } from './source-helm.ts';
import { readKustomize, writeKustomize } from './source-kustomize.ts';

/** The sources of a spec: a hydrated branch before `sources`, and `sources` before `source`, as Argo CD has it. */
export function readSources(spec: Fields): readonly Source[] {
  const hydrator = child(spec, 'sourceHydrator');
  if (hydrator !== undefined) return [readHydrated(hydrator)];
  const many = children(spec, 'sources');
  if (many.length > 0) return many.map(readSource);
  const one = child(spec, 'source');
  if (one === undefined) {
    spec.problems.push(`${pathOf(spec, 'source')}: one of source, sources and sourceHydrator is needed`);
    return [];
  }
  return [readSource(one)];
}

/** True when the spec names its sources as a list, so that its status speaks of lists too. */
export function hasManySources(spec: Json): boolean {
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) return false;
  const object = spec as JsonObject;
  const sources = object.sources;
  return Array.isArray(sources) && sources.length > 0 && (object.sourceHydrator ?? null) === null;
}

/** One source. Absent tool options mean that the tool is detected from the files. */
export function readSource(at: Fields): Source {
  const repoURL = text(at, 'repoURL').trim();
  if (repoURL === '') at.problems.push(`${pathOf(at, 'repoURL')}: is needed`);
  const chart = textOrNone(at, 'chart');
  const ref = textOrNone(at, 'ref');
  const path = rooted(textOrNone(at, 'path'));
  if (path === undefined && chart === undefined && ref === undefined && !repoURL.startsWith('oci://'))
    at.problems.push(`${pathOf(at, 'path')}: one of path, chart and ref is needed`);
  if (chart !== undefined && ref !== undefined)
    at.problems.push(`${pathOf(at, 'ref')}: a chart cannot be referred to by other sources`);
  const directory = child(at, 'directory');
  const helm = child(at, 'helm');
  const kustomize = child(at, 'kustomize');
  const plugin = child(at, 'plugin');
  return compact<Source>({
    repoURL,
    path: chart === undefined ? (path ?? (ref === undefined ? '' : undefined)) : undefined,
    targetRevision: text(at, 'targetRevision').trim(),
    tagPrefix: textOrNone(at, 'tagPrefix'),
    chart,
    ref,
    name: textOrNone(at, 'name'),
    directory: directory && readDirectory(directory),
    helm: helm && readHelm(helm),
    kustomize: kustomize && readKustomize(kustomize),
    plugin: plugin?.value,
  });
}

// A status names the same source up to four times, and every history entry once more.
const written = new WeakMap<Source, JsonObject>();

/** The source in Argo CD's form, empty fields left out: what status and history hold. */
export function writeSource(source: Source): JsonObject {
  const known = written.get(source) ?? sourceForm(source);
  written.set(source, known);
  return known;
}

function sourceForm(source: Source): JsonObject {
  return compact<JsonObject>({
    repoURL: source.repoURL,
    path: source.path === '' ? '.' : source.path,
    targetRevision: source.targetRevision || undefined,
    tagPrefix: source.tagPrefix,
    chart: source.chart,
    ref: source.ref,
    name: source.name,
    directory: source.directory && writeDirectory(source.directory),
    helm: source.helm && writeHelm(source.helm),
    kustomize: source.kustomize && writeKustomize(source.kustomize),
    plugin: source.plugin,
  });
}

// The dry source is rendered into the sync source's branch by a hydrator; what is applied is read from there.
function readHydrated(hydrator: Fields): Source {
  const dry = child(hydrator, 'drySource');
  const sync = child(hydrator, 'syncSource');
  const repoURL = (sync && textOrNone(sync, 'repoURL')) ?? (dry && textOrNone(dry, 'repoURL')) ?? '';
  const path = rooted(sync && textOrNone(sync, 'path')) ?? '';
  const targetRevision = (sync && textOrNone(sync, 'targetBranch')) ?? '';
  if (repoURL === '') hydrator.problems.push(`${pathOf(hydrator, 'drySource.repoURL')}: is needed`);
  if (targetRevision === '') hydrator.problems.push(`${pathOf(hydrator, 'syncSource.targetBranch')}: is needed`);
  if (path === '') hydrator.problems.push(`${pathOf(hydrator, 'syncSource.path')}: is needed, and is not the root`);
  return { repoURL, path, targetRevision };
}

function rooted(path: string | undefined): string | undefined {
  return path === '.' || path === './' ? '' : path;
}

function readDirectory(at: Fields): DirectoryOptions {
  const jsonnet = child(at, 'jsonnet');
  return compact<DirectoryOptions>({
    recurse: flag(at, 'recurse'),
    include: textOrNone(at, 'include'),
    exclude: textOrNone(at, 'exclude'),
    jsonnet: jsonnet && {
      extVars: readVars(jsonnet, 'extVars'),
      tlas: readVars(jsonnet, 'tlas'),
      libs: texts(jsonnet, 'libs'),
    },
  });
}

function readVars(at: Fields, key: string): readonly JsonnetVar[] {
  return children(at, key).map((item) => ({
    name: text(item, 'name'),
    value: text(item, 'value'),
    code: flag(item, 'code'),
  }));
}

function writeDirectory(options: DirectoryOptions): JsonObject {
  const vars = (list: readonly JsonnetVar[]) =>
    some(list)?.map(({ name, value, code }) => (code ? { name, value, code } : { name, value }));
  return compact<JsonObject>({
    recurse: options.recurse || undefined,
    include: options.include,
    exclude: options.exclude,
    jsonnet:
      options.jsonnet &&
      compact<JsonObject>({
        extVars: vars(options.jsonnet.extVars),
        tlas: vars(options.jsonnet.tlas),
        libs: some(options.jsonnet.libs),
      }),
  });
}
