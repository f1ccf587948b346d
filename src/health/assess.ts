// The health of one live object: the check of its kind, or the generic rule, and deletion above both.

import {
  type Health,
  isJsonObject,
  type Json,
  type KubeObject,
  type ObjectRef,
  splitApiVersion,
} from '../model/index.ts';
import { generic } from './generic.ts';
import { isText, metaOf, textIn } from './read.ts';
import { checkFor } from './registry.ts';

/** Held by the engine itself until a hook has been judged. */
const hookFinalizer = 'argocd.argoproj.io/hook-finalizer';

/** Health of `object`, undefined when its kind says nothing about it. Never throws, whatever the object holds. */
export function assess(object: KubeObject): Health | undefined {
  if (!isJsonObject(object)) return undefined;
  const kind = textIn(object, 'kind');
  const group = groupOf(textIn(object, 'apiVersion'));
  const check = checkFor(group, kind);
  const found = check === undefined ? generic(object) : check(object);
  if (!isDeleting(object)) return found;
  // A kind that speaks of its deletion, or of what goes wrong meanwhile, says more than we can.
  return found?.status === 'Degraded' || speaksOfDeletion(group, kind) ? found : deleting(object);
}

/** The health of an object that is being deleted, undefined for all others. */
export function deletionOf(object: KubeObject): Health | undefined {
  return isJsonObject(object) && isDeleting(object) ? deleting(object) : undefined;
}

/** What holds a deletion back is what a person has to look at. */
function deleting(object: KubeObject): Health {
  const { finalizers } = metaOf(object);
  const held = Array.isArray(finalizers) ? finalizers.filter(isText) : [];
  const why = held.length === 0 ? '' : `; blocked by finalizers: ${held.join(', ')}`;
  return { status: 'Progressing', message: `Pending deletion${why}` };
}

/** `group/Kind` of an object of whatever form. */
export function keyOfKind(object: KubeObject): string {
  return isJsonObject(object) ? `${groupOf(textIn(object, 'apiVersion'))}/${textIn(object, 'kind')}` : '/';
}

/** One object and its health, as `assessAll` gives them. */
export type Assessment = { readonly ref: ObjectRef; readonly health?: Health };

/** The health of each object in its order; a List counts as its items. */
export function assessAll(objects: readonly KubeObject[]): readonly Assessment[] {
  return objects.flatMap(unlisted).map((object) => {
    const health = assess(object);
    const ref = refOfAny(object);
    return health === undefined ? { ref } : { ref, health };
  });
}

function unlisted(object: KubeObject): readonly KubeObject[] {
  const items: Json | undefined = isJsonObject(object) ? object.items : undefined;
  if (!isJsonObject(object) || object.kind !== 'List' || !Array.isArray(items)) return [object];
  return (items as readonly Json[]).filter(isJsonObject).map((item) => item as KubeObject);
}

function refOfAny(object: KubeObject): ObjectRef {
  if (!isJsonObject(object)) return { group: '', version: '', kind: '', namespace: '', name: '' };
  const meta = metaOf(object);
  return {
    ...splitApiVersion(textIn(object, 'apiVersion')),
    kind: textIn(object, 'kind'),
    namespace: textIn(meta, 'namespace'),
    name: textIn(meta, 'name'),
  };
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

function isDeleting(object: KubeObject): boolean {
  const meta = metaOf(object);
  if (textIn(meta, 'deletionTimestamp') === '') return false;
  return !(Array.isArray(meta.finalizers) && meta.finalizers.includes(hookFinalizer));
}

function speaksOfDeletion(group: string, kind: string): boolean {
  return group === 'promoter.argoproj.io' || (group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition');
}
