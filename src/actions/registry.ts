// Which kind has which actions of ours.
import type { Action, Actions } from './action.ts';
import { argo } from './argo.ts';
import { data } from './data.ts';
import { numa } from './numa.ts';
import { operators } from './operators.ts';
import { platforms } from './platforms.ts';
import { workloads } from './workloads.ts';

const all: Actions = { ...workloads, ...argo, ...operators, ...data, ...numa, ...platforms };
const none: readonly Action[] = [];

/** Our actions for a kind. */
export function builtInActions(group: string, kind: string): readonly Action[] {
  const key = `${group}/${kind}`;
  return Object.hasOwn(all, key) ? (all[key] ?? none) : none;
}

/** Every kind that has actions of ours, as `group/Kind`, with their names. */
export function actionKinds(): readonly (readonly [kind: string, names: readonly string[]])[] {
  return Object.entries(all)
    .map(([kind, actions]) => [kind, actions.map((action) => action.name)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
