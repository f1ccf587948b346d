// What a sync would do, with nothing written: the same two worlds, the same comparison, the same plan.
import { canonical, EngineError, type Json, type Manifest } from '../model/index.ts';
import { deniedBy } from './allow.ts';
import { createClaims } from './claims.ts';
import { arrange, type Desired, desire, target } from './desire.ts';
import type { Engine, Ports } from './engine.ts';
import { admit } from './integrity.ts';
import type { Inspect } from './operator/parts.ts';
import { projectOf } from './project.ts';
import { see } from './see.ts';

/** Makes an inspector over a started store. */
export function createInspect(ports: Ports): Inspect {
  const claims = createClaims((tracking) => ports.store.applications().some((app) => app.trackingName === tracking));
  const engine: Engine = { ...ports, claims, memos: new Map(), courier: { send: () => undefined }, commits: new Map() };
  return async (key, want) => {
    const app = ports.store.application(key);
    if (app === undefined) throw new EngineError('not-found', `there is no application ${key}`, { about: key });
    const project = projectOf(engine, app);
    const cluster = await ports.clusters.get(app.destination, app.project);
    const declared = await target(engine, app);
    const asked =
      want.revisions === undefined ? declared : { ...declared, sources: app.sources, revisions: want.revisions };
    const options = app.syncPolicy.options;
    const desired =
      want.manifests === undefined
        ? await desire(engine, app, cluster, asked, options)
        : await given(engine, app, cluster, want.manifests);
    const view = await see(engine, app, cluster, desired, { preflight: true, hooks: [] });
    // Manifests that came along are only looked at here.
    const unsigned = want.manifests === undefined ? (await admit(engine, app, desired, false)).holds : [];
    const holds = [...desired.holds, ...deniedBy(engine, app, project, cluster, desired), ...unsigned];
    return {
      changes: view.changes,
      holds,
      manifests: [...desired.manifests, ...desired.hooks],
      revisions: desired.revisions,
      digest: desired.rendered.digest,
    };
  };
}

async function given(
  engine: Engine,
  app: Parameters<typeof arrange>[1],
  cluster: Parameters<typeof arrange>[2],
  manifests: readonly Manifest[],
): Promise<Desired> {
  const made = await arrange(engine, app, cluster, manifests, app.syncPolicy.options);
  const digest = canonical(manifests.map((manifest) => manifest.digest) as Json);
  const rendered = { manifests, digest, sourceTypes: [], warnings: [], cached: false };
  const now = engine.clock.now();
  return { sources: app.sources, revisions: [], rendered, ...made, times: { seen: now, rendered: now }, holds: [] };
}
