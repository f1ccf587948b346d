/** The Renderer port: answers from the cache where nothing that was read has changed, renders otherwise. */
import { asEngineError, EngineError } from '../model/index.ts';
import type { Clock, Log, Metrics, Rendered, Renderer, RenderRequest, Sources } from '../ports/index.ts';
import { type Outcome, RenderCache, type Variant } from './cache.ts';
import { renderSources, type Tools } from './render-sources.ts';
import { flightKey, requestKey } from './request-key.ts';
import { DEFAULT_LIMITS, type Limits, type Toolbox } from './toolbox/protocol.ts';
import { sameTrace } from './trace.ts';

export type RendererOptions = {
  readonly sources: Sources;
  readonly toolbox: Toolbox;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock?: Pick<Clock, 'now'>;
  /** The most bytes of results that are kept, 64 MiB without it. */
  readonly cacheBytes?: number;
  /** Of each request to the toolbox; what is left out is as in `DEFAULT_LIMITS`. */
  readonly limits?: Limits;
};

const defaultCacheBytes = 64 << 20;

/** A renderer; `stop` closes the toolbox. */
export function createRenderer(options: RendererOptions): Renderer {
  const { sources, toolbox, log, metrics } = options;
  const now = options.clock === undefined ? Date.now : () => options.clock?.now() ?? Date.now();
  const tools: Tools = { sources, toolbox, limits: { ...DEFAULT_LIMITS, ...options.limits }, now };
  const cache = new RenderCache(options.cacheBytes ?? defaultCacheBytes);
  const flights = new Map<string, Promise<Outcome>>();
  let stopped = false;

  const find = async (key: string, request: RenderRequest): Promise<Variant | undefined> => {
    for (const variant of cache.candidates(key, request)) {
      if (variant.expires !== undefined && variant.expires <= now()) continue;
      if (!(await holds(variant, request, sources))) continue;
      cache.touch(variant);
      return variant;
    }
    return undefined;
  };

  const renderNow = async (key: string, request: RenderRequest): Promise<Outcome> => {
    const started = performance.now();
    const { variant, keep } = await renderSources(request, tools);
    const outcome = keep && !stopped ? cache.add(key, request, variant) : variant.outcome;
    const result = 'error' in outcome ? outcome.error.code : 'ok';
    const seconds = (performance.now() - started) / 1000;
    metrics.count('plumbline_render_total', { result });
    metrics.observe('plumbline_render_duration_seconds', seconds, { tool: toolOf(outcome) });
    log.debug('rendered', { application: request.application.name, result, seconds, cacheBytes: cache.bytes });
    return outcome;
  };

  const fly = (key: string, request: RenderRequest): Promise<Outcome> => {
    const flight = flightKey(key, request);
    let outcome = flights.get(flight);
    if (outcome === undefined) {
      outcome = renderNow(key, request).finally(() => flights.delete(flight));
      flights.set(flight, outcome);
    }
    return outcome;
  };

  return {
    render: async (request) => {
      if (stopped) throw new EngineError('internal', 'the renderer has stopped');
      const key = requestKey(request);
      const known = await find(key, request);
      metrics.count('plumbline_render_cache_total', { result: known === undefined ? 'miss' : 'hit' });
      if (known !== undefined) return answer(known.outcome, true);
      return answer(await fly(key, request), false);
    },
    isCurrent: async (request) => {
      try {
        return (await find(requestKey(request), request)) !== undefined;
      } catch (error) {
        log.debug('cannot tell whether a rendering is current', { error: asEngineError(error).code });
        return false;
      }
    },
    forget: (request) => cache.forget(requestKey(request), request),
    stop: async () => {
      stopped = true;
      cache.clear();
      await toolbox.close();
    },
  };
}

function answer(outcome: Outcome, cached: boolean): Rendered {
  if ('error' in outcome) throw outcome.error;
  return { ...outcome.rendered, cached };
}

function toolOf(outcome: Outcome): string {
  return 'error' in outcome ? '' : outcome.rendered.sourceTypes.join('+');
}

/** Revisions that are remembered as agreeing with a trace. */
const agreedPerSource = 4;

/** True when everything that `variant` rests on is the same in `request`. Its facts are already known to be. */
async function holds(variant: Variant, request: RenderRequest, sources: Sources): Promise<boolean> {
  const { project } = request.application;
  for (const [index, trace] of variant.traces) {
    const source = request.sources[index];
    const revision = request.revisions[index];
    if (source === undefined || revision === undefined) return false;
    const agreed = variant.agreed.get(index) ?? [];
    if (agreed.includes(revision)) continue;
    if (!(await sameTrace(await sources.open(source, revision, project), trace))) return false;
    variant.agreed.set(index, [...agreed.slice(1 - agreedPerSource), revision]);
  }
  for (const remote of variant.remotes) {
    // A repository that does not answer has not moved as far as anyone knows.
    const resolved = await sources.resolve(remote.source, project).catch(() => undefined);
    if (resolved !== undefined && resolved.revision !== remote.revision) return false;
  }
  return true;
}
