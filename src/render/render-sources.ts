/**
 * Renders all sources of a request, one after the other, and gathers what the result rests on. No cache here: the
 * renderer asks for this when it has no answer.
 */
import { hash } from 'node:crypto';
import { asEngineError, EngineError, type ErrorCode, type Manifest, type Source } from '../model/index.ts';
import type { Rendered, RenderRequest, Sources } from '../ports/index.ts';
import { factsOf, type UsedFacts } from './build-environment.ts';
import type { Outcome, Variant } from './cache.ts';
import { detect, type SourceType } from './detect.ts';
import type { Generation, Generator } from './generation.ts';
import { generateDirectory } from './generators/directory.ts';
import { generateHelm } from './generators/helm.ts';
import { generateKustomize } from './generators/kustomize.ts';
import { generateWorkloads } from './generators/workload.ts';
import { withOverrides } from './overrides.ts';
import { resolvePath } from './paths.ts';
import { withoutRepeats } from './repeated.ts';
import type { Limits, Toolbox } from './toolbox/protocol.ts';
import { type Trace, type TracedTree, traced } from './trace.ts';
import { unpinnedSource } from './unpinned.ts';

export type Tools = {
  readonly sources: Sources;
  readonly toolbox: Toolbox;
  readonly limits: Limits;
  readonly now: () => number;
};

/** How long a result holds that rests on something without a version, and an error that may have been bad luck, ms. */
export const holdsFor = { unversioned: 600_000, timeout: 300_000 } as const;

/** Errors that come again as long as the inputs stay. */
const lasting = new Set<ErrorCode>([
  'app-invalid',
  'path-not-found',
  'path-outside',
  'manifest-invalid',
  'render-failed',
  'render-limit',
  'remote-base',
  'missing-dependencies',
]);

/** Warnings that are told of one application. */
const maxWarnings = 20;

type Gathering = {
  readonly request: RenderRequest;
  readonly tools: Tools;
  readonly facts: UsedFacts;
  readonly trees: Map<number, Promise<TracedTree>>;
  readonly remotes: { source: Source; revision: string }[];
  readonly warnings: { type: string; message: string }[];
  readonly unpinned: Set<string>;
  unversioned: boolean;
  breathed: number;
};

/** The result with all that it rests on; `keep` is false for errors that may go away on their own. */
export async function renderSources(
  request: RenderRequest,
  tools: Tools,
): Promise<{ readonly variant: Variant; readonly keep: boolean }> {
  const gathering: Gathering = {
    request,
    tools,
    facts: new Set(),
    trees: new Map(),
    remotes: [],
    warnings: [],
    unpinned: new Set(),
    unversioned: false,
    breathed: performance.now(),
  };
  let outcome: Outcome;
  try {
    outcome = { rendered: await renderAll(gathering) };
  } catch (error) {
    outcome = { error: asEngineError(error) };
  }
  const code = 'error' in outcome ? outcome.error.code : undefined;
  const lasts = code === undefined || lasting.has(code) || code === 'render-timeout';
  const traces = lasts ? await tracesOf(gathering) : undefined;
  const expires = expiry(gathering, code);
  const variant = {
    outcome,
    facts: gathering.facts,
    traces: traces ?? new Map<number, Trace>(),
    remotes: gathering.remotes,
    ...(expires === undefined ? {} : { expires }),
    agreed: new Map(request.revisions.map((revision, index) => [index, [revision]])),
  };
  return { variant, keep: traces !== undefined };
}

function expiry(gathering: Gathering, code: ErrorCode | undefined): number | undefined {
  if (code === 'render-timeout') return gathering.tools.now() + holdsFor.timeout;
  return gathering.unversioned ? gathering.tools.now() + holdsFor.unversioned : undefined;
}

/** Undefined when a tree can no longer say; the result is then not kept. */
async function tracesOf(gathering: Gathering): Promise<Map<number, Trace> | undefined> {
  try {
    const traces = new Map<number, Trace>();
    for (const [index, tree] of gathering.trees) traces.set(index, await (await tree).end());
    return traces;
  } catch {
    return undefined;
  }
}

async function renderAll(gathering: Gathering): Promise<Omit<Rendered, 'cached'>> {
  const { request, warnings } = gathering;
  const all: Manifest[] = [];
  const sourceTypes: string[] = [];
  for (const [index, source] of request.sources.entries()) {
    if (isReferenceOnly(source)) {
      sourceTypes.push('');
      continue;
    }
    const { type, manifests } = await renderOne(gathering, source, index);
    sourceTypes.push(type);
    for (const manifest of manifests) all.push(manifest);
  }
  const { manifests, warnings: repeats } = withoutRepeats(all, () =>
    factsOf(request, 0, gathering.facts).get('ARGOCD_APP_NAMESPACE'),
  );
  const digest = hash('sha256', manifests.map((manifest) => manifest.digest).join(''), 'hex').slice(0, 32);
  const unpinned = [...gathering.unpinned].toSorted();
  const common = { manifests, digest, sourceTypes, warnings: [...warnings, ...repeats] };
  return unpinned.length === 0 ? common : { ...common, unpinned };
}

/** A source that only lends its files to others. */
function isReferenceOnly(source: Source): boolean {
  return source.ref !== undefined && source.ref !== '' && source.chart === undefined && (source.path ?? '') === '';
}

const generators: Readonly<Record<SourceType, Generator>> = {
  Directory: generateDirectory,
  Helm: generateHelm,
  Kustomize: generateKustomize,
  Workload: generateWorkloads,
  Plugin: async ({ path }) => {
    throw new EngineError('render-failed', `${path || '.'}: config management plugins are not supported`, {
      about: path,
    });
  },
};

async function renderOne(
  gathering: Gathering,
  written: Source,
  index: number,
): Promise<{ readonly type: SourceType; readonly manifests: readonly Manifest[] }> {
  const { request, tools } = gathering;
  const tree = await treeOf(gathering, index);
  const path = resolvePath('', written.path ?? '', 'source.path');
  const entries = await tree.list(path);
  if (entries === undefined)
    throw new EngineError('path-not-found', `${path}: no such directory in ${written.repoURL}`, { about: path });
  const facts = factsOf(request, index, gathering.facts);
  const source = await withOverrides(written, { tree, path, entries }, facts, tools.toolbox);
  const type = source.chart === undefined ? await detect(source, tree, path, entries, request.settings) : 'Helm';
  const generation: Generation = {
    request,
    index,
    source,
    tree,
    path,
    entries,
    facts,
    toolbox: tools.toolbox,
    limits: tools.limits,
    sources: tools.sources,
    referenced: async (ref) => {
      const other = request.sources.findIndex((candidate) => candidate.ref === ref);
      const found = request.sources[other];
      return found === undefined ? undefined : { source: found, tree: await treeOf(gathering, other) };
    },
    warn: (warningType, message) => {
      if (gathering.warnings.length < maxWarnings) gathering.warnings.push({ type: warningType, message });
    },
    unversioned: (what) => {
      gathering.unversioned = true;
      gathering.unpinned.add(what);
    },
    restsOn: (remote, revision) => {
      gathering.remotes.push({ source: remote, revision });
      const what = unpinnedSource(remote, revision);
      if (what !== '') gathering.unpinned.add(what);
    },
    breathe: () => breathe(gathering),
  };
  return { type, manifests: await generators[type](generation) };
}

function treeOf(gathering: Gathering, index: number): Promise<TracedTree> {
  let tree = gathering.trees.get(index);
  if (tree === undefined) {
    tree = openTree(gathering, index);
    gathering.trees.set(index, tree);
  }
  return tree;
}

async function openTree({ request, tools }: Gathering, index: number): Promise<TracedTree> {
  const source = request.sources[index];
  const revision = request.revisions[index];
  if (source === undefined || revision === undefined)
    throw new EngineError('internal', `source ${index} of ${request.application.name} has no revision`);
  return traced(await tools.sources.open(source, revision, request.application.project));
}

/** The thread is shared: after this many milliseconds others get their turn. */
const turn = 8;

async function breathe(gathering: Gathering): Promise<void> {
  if (performance.now() - gathering.breathed < turn) return;
  await new Promise((resolve) => setImmediate(resolve));
  gathering.breathed = performance.now();
}
