// Annotations of objects in the engine's words, whichever dialect the application speaks.
import { argocd } from '../dialects/index.ts';
import type { Directives } from '../model/index.ts';

/** What the annotations of an object, desired or live, ask for. */
export function directivesOf(side: { readonly steering: Readonly<Record<string, string>> }): Directives {
  return argocd.readDirectives(side.steering);
}
