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
  const renderer = new CachingRenderer(options);
  return {
    render: (request) => renderer.render(request),
    isCurrent: (request) => renderer.isCurrent(request),
    forget: (request) => renderer.forget(request),
    stop: () => renderer.stop(),
  };
}

class CachingRenderer {
  readonly #options: RendererOptions;
  readonly #tools: Tools;
  readonly #cache: RenderCache;
  readonly #flights = new Map<string, Promise<Outcome>>();
  #stopped = false;

  constructor(options: RendererOptions) {
    const { sources, toolbox, clock, limits } = options;
    this.#options = options;
    this.#tools = { sources, toolbox, limits: { ...DEFAULT_LIMITS, ...limits }, now: () => clock?.now() ?? Date.now() };
    this.#cache = new RenderCache(options.cacheBytes ?? defaultCacheBytes);
  }

  async render(request: RenderRequest): Promise<Rendered> {
    if (this.#stopped) throw new EngineError('internal', 'the renderer has stopped');
    const key = requestKey(request);
    const known = await this.#find(key, request);
    this.#options.metrics.count('plumbline_render_cache_total', { result: known === undefined ? 'miss' : 'hit' });
    if (known !== undefined) return answer(known.outcome, true);
    return answer(await this.#fly(key, request), false);
  }

  async isCurrent(request: RenderRequest): Promise<boolean> {
    try {
      return (await this.#find(requestKey(request), request)) !== undefined;
    } catch (error) {
      this.#options.log.debug('cannot tell whether a rendering is current', { error: asEngineError(error).code });
      return false;
    }
  }

  forget(request: RenderRequest): void {
    this.#cache.forget(requestKey(request), request);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cache.clear();
    await this.#tools.toolbox.close();
  }

  async #find(key: string, request: RenderRequest): Promise<Variant | undefined> {
    for (const variant of this.#cache.candidates(key, request)) {
      if (variant.expires !== undefined && variant.expires <= this.#tools.now()) continue;
      if (!(await holds(variant, request, this.#tools.sources))) continue;
      this.#cache.touch(variant);
      return variant;
    }
    return undefined;
  }

  /** Requests for the same at the same time share one rendering. */
  #fly(key: string, request: RenderRequest): Promise<Outcome> {
    const name = flightKey(key, request);
    let flight = this.#flights.get(name);
    if (flight === undefined) {
      flight = this.#renderNow(key, request).finally(() => this.#flights.delete(name));
      this.#flights.set(name, flight);
    }
    return flight;
  }

  async #renderNow(key: string, request: RenderRequest): Promise<Outcome> {
    const { log, metrics } = this.#options;
    const started = performance.now();
    const { variant, keep } = await renderSources(request, this.#tools);
    const outcome = keep && !this.#stopped ? this.#cache.add(key, request, variant) : variant.outcome;
    const result = 'error' in outcome ? outcome.error.code : 'ok';
    const seconds = (performance.now() - started) / 1000;
    metrics.count('plumbline_render_total', { result });
    metrics.observe('plumbline_render_duration_seconds', seconds, { tool: toolOf(outcome) });
    log.debug('rendered', { application: request.application.name, result, seconds, cacheBytes: this.#cache.bytes });
    return outcome;
  }
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
