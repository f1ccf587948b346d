// Whether what is to be written is signed as the project asks: has Git's signatures read, and asks policy.
import { type Application, asEngineError, type Hold, type Project } from '../model/index.ts';
import { integrityHold, type SignaturePolicy, signaturePolicy, unsigned } from '../policy/index.ts';
import type { Engine } from './engine.ts';
import { type Admitted, admitWish, type Wish } from './four-eyes.ts';
import { projectOf } from './project.ts';

/** ms: what could not be read is looked at again after this long. */
const patience = 20_000;

/**
 * Asks whether a wish may be written: by its signatures, and by who has seen it. Where nothing is to be written,
 * signatures are looked at all the same: what is not signed must not pass for converged.
 */
export async function admit(engine: Engine, app: Application, wish: Wish, writes = true): Promise<Admitted> {
  const project = projectOf(engine, app);
  const found = await Promise.all(wish.sources.map((_, i) => verify(engine, app, project, wish, i)));
  const holds = found.flatMap((hold) => (hold === undefined ? [] : [hold]));
  if (holds.length > 0) return { holds, again: engine.clock.now() + patience };
  return writes ? admitWish(engine, app, wish) : { holds: [] };
}

async function verify(
  engine: Engine,
  app: Application,
  project: Project,
  wish: Wish,
  i: number,
): Promise<Hold | undefined> {
  const source = wish.sources[i];
  const policy = source && signaturePolicy(project, source.repoURL);
  if (source === undefined || policy === undefined) return undefined;
  if (wish.local === true) return unsigned('local manifests are in no commit, and nobody has signed them');
  try {
    const facts = await engine.sources.signatures?.(source, wish.revisions[i] ?? '', asked(policy), app.project);
    // Charts and artifacts of registries have no commits: these policies are about Git alone, as in Argo CD.
    return facts === undefined ? undefined : integrityHold(project, policy, source.repoURL, facts);
  } catch (thrown) {
    const { code, message } = asEngineError(thrown);
    return unsigned(`signatures of ${source.repoURL} cannot be read: ${code}: ${message}`);
  }
}

function asked({ mode, keys }: SignaturePolicy): { readonly strict: boolean; readonly keys: readonly string[] } {
  return { strict: mode === 'strict', keys };
}
