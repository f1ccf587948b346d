// Sources and a Renderer over repositories that exist only in memory: a commit is a map from paths to objects.
import { createHash } from 'node:crypto';
import { annotationsOf, EngineError, type KubeObject, type Manifest, refOf } from '../../src/model/index.ts';
import type { Renderer, RenderRequest, Resolved, Sources } from '../../src/ports/index.ts';

/** A commit: what lies under each path. */
export type Commit = { readonly revision: string; readonly trees: ReadonlyMap<string, readonly KubeObject[]> };

/** A repository in memory and its handles. */
export type FakeGit = {
  readonly sources: Sources;
  readonly renderer: Renderer;
  /** Moves the branch to a new commit and tells nobody. */
  commit(trees: ReadonlyMap<string, readonly KubeObject[]>): Commit;
  /** Moves the branch to any commit, older ones included (a force-push). */
  reset(commit: Commit): void;
  head(): Commit;
  /** Tells the listeners: a webhook or a poll. */
  announce(): void;
  /** While set, every request fails. */
  outage: boolean;
  /** How often something was rendered anew. */
  renders: number;
};

const repo = 'https://git.example/repo';

/** Makes a repository with one empty commit. */
export function createFakeGit(now: () => number): FakeGit {
  let count = 0;
  const commits = new Map<string, Commit>();
  const listeners: ((change: { readonly repo: string; readonly refs: readonly string[] }) => void)[] = [];
  const make = (trees: Commit['trees']): Commit => {
    count += 1;
    const revision = createHash('sha1').update(String(count)).digest('hex');
    const commit = { revision, trees };
    commits.set(revision, commit);
    return commit;
  };
  let head = make(new Map());
  let known: { readonly commit: Commit; readonly at: number } | undefined;
  const cache = new Map<string, Awaited<ReturnType<Renderer['render']>>>();
  const unreachable = (): EngineError =>
    new EngineError('repo-unreachable', `${repo}: no answer`, { retry: 'backoff' });

  const resolve = async (target: string): Promise<Resolved> => {
    if (commits.has(target)) return { revision: target, found: '' };
    if (git.outage) {
      if (known === undefined) throw unreachable();
      const since = new Date(known.at).toISOString();
      return { revision: known.commit.revision, found: 'main', stale: { since, message: 'no answer' } };
    }
    known = { commit: head, at: now() };
    return { revision: head.revision, found: 'main' };
  };
  const sources: Sources = {
    resolve: (source) => resolve(source.targetRevision),
    open: () => Promise.reject(new Error('not in a simulation')),
    info: () => Promise.resolve(undefined),
    chart: () => Promise.reject(new Error('not in a simulation')),
    fetch: () => Promise.reject(new Error('not in a simulation')),
    onChange: (listener) => void listeners.push(listener),
    wake: () => Promise.resolve([repo]),
    watchOnly: () => undefined,
    normalize: (url) => url,
    stop: () => Promise.resolve(),
  };
  const renderer: Renderer = {
    async render(request) {
      const key = keyOf(request, commits);
      const hit = cache.get(key);
      if (hit !== undefined) return { ...hit, cached: true };
      git.renders += 1;
      const manifests = request.sources.flatMap((source, i) =>
        (commits.get(request.revisions[i] ?? '')?.trees.get(source.path ?? '') ?? []).map((object) =>
          manifestOf(object, i),
        ),
      );
      const digest = hash(manifests.map((manifest) => manifest.digest).join());
      const rendered = { manifests, digest, sourceTypes: ['Directory'], warnings: [], cached: false };
      cache.set(key, rendered);
      return rendered;
    },
    isCurrent: (request) => Promise.resolve(cache.has(keyOf(request, commits))),
    forget: (request) => void cache.delete(keyOf(request, commits)),
    stop: () => Promise.resolve(),
  };
  const git: FakeGit = {
    sources,
    renderer,
    outage: false,
    renders: 0,
    commit(trees) {
      head = make(trees);
      return head;
    },
    reset(commit) {
      head = commit;
    },
    head: () => head,
    announce() {
      for (const listener of listeners) listener({ repo, refs: ['refs/heads/main'] });
    },
  };
  return git;
}

function keyOf(request: RenderRequest, commits: ReadonlyMap<string, Commit>): string {
  const content = request.sources.map((source, i) =>
    JSON.stringify(commits.get(request.revisions[i] ?? '')?.trees.get(source.path ?? '') ?? []),
  );
  return `${request.application.name} ${hash(content.join())}`;
}

/** A manifest made of an object, as the real renderer makes it. */
export function manifestOf(object: KubeObject, source = 0): Manifest {
  const body = JSON.stringify(object);
  const steering = Object.fromEntries(
    Object.entries(annotationsOf(object)).filter(([key]) =>
      /^(argocd\.argoproj\.io|helm\.sh|plumbline\.dev)\//.test(key),
    ),
  );
  return { ref: refOf(object), digest: hash(body), body, steering, origin: '', source };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
