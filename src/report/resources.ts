// One line per object of an application: its sync status, health and wave.
import type { Change, Directives, LiveObject, Manifest, ResourceReport } from '../model/index.ts';

/** How annotations are read: made by a dialect. */
export type ReadDirectives = (side: { readonly steering: Readonly<Record<string, string>> }) => Directives;

/** The objects of both sides, then the hooks. */
export function resourcesOf(
  changes: readonly Change[],
  hooks: readonly { readonly manifest: Manifest; readonly live?: LiveObject }[],
  directives: ReadDirectives,
): readonly ResourceReport[] {
  const rows: ResourceReport[] = [];
  for (const change of changes) {
    const asked = directives(change.desired ?? change.live ?? { steering: {} });
    if (asked.skip) continue;
    const status = change.kind === 'same' ? ('Synced' as const) : ('OutOfSync' as const);
    const health = healthOf(change, asked);
    rows.push({
      ref: change.ref,
      status,
      hook: false,
      requiresPruning: change.kind === 'prune',
      wave: asked.wave,
      ...(health === undefined ? {} : { health }),
      ...(asked.options.delete === 'confirm' || asked.options.prune === 'confirm'
        ? { requiresDeletionConfirmation: true }
        : {}),
      ...(change.fields.length === 0 ? {} : { fields: change.fields }),
    });
  }
  for (const { manifest, live } of hooks) {
    const health = live?.health;
    rows.push({
      ref: manifest.ref,
      status: '',
      hook: true,
      requiresPruning: false,
      wave: directives(manifest).wave,
      ...(health === undefined ? {} : { health }),
    });
  }
  return rows;
}

// An object that is desired and absent is Missing, whatever its kind (Argo CD).
function healthOf(change: Change, asked: Directives): ResourceReport['health'] {
  if (asked.ignoreHealth) return undefined;
  if (change.live === undefined) return { status: 'Missing' };
  return change.live.health;
}
