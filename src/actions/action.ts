// The vocabulary of actions: what one is, and the few ways in which they change an object.
import { isJsonObject, type Json, type JsonObject, type KubeObject, sameJson } from '../model/index.ts';

/** A parameter that a person gives with an action, as text. */
export type Param = { readonly name: string; readonly about: string; readonly default?: string };

/** What an action is run with. `now` is RFC 3339, in whole seconds. */
export type ActionInput = { readonly params: Readonly<Record<string, string>>; readonly now: string };

/** One write: a JSON merge patch of the object (its status apart, where that is another resource), or a new object. */
export type Effect =
  | { readonly kind: 'patch'; readonly patch: JsonObject }
  | { readonly kind: 'create'; readonly object: KubeObject };

/** Something that people can do to an object of a kind. */
export type Action = {
  readonly name: string;
  /** One line; starts with a verb, no full stop. */
  readonly about: string;
  readonly params?: readonly Param[];
  /** Why it cannot be done now, undefined when it can. */
  readonly hindered?: (object: KubeObject) => string | undefined;
  /** The writes, or what is wrong with the input. */
  readonly run: (object: KubeObject, input: ActionInput) => readonly Effect[] | string;
};

/** Actions by `group/Kind`. */
export type Actions = Readonly<Record<string, readonly Action[]>>;

/** An action that patches the object in one way. */
export function patching(
  name: string,
  about: string,
  patch: (object: KubeObject, input: ActionInput) => JsonObject,
  hindered?: Action['hindered'],
): Action {
  return {
    name,
    about,
    run: (object, input) => [{ kind: 'patch', patch: patch(object, input) }],
    ...(hindered === undefined ? {} : { hindered }),
  };
}

/** An action that annotates the object; null takes the annotation away. */
export function annotating(
  name: string,
  about: string,
  key: string,
  value: (input: ActionInput) => string | null,
): Action {
  return patching(name, about, (_, input) => ({ metadata: { annotations: { [key]: value(input) } } }));
}

/** Sets one field of the spec to a value, unless it has it. `otherwise` is what an absent field means. */
export function setting(name: string, about: string, field: string, value: Json, otherwise: Json): Action {
  return patching(
    name,
    about,
    () => ({ spec: { [field]: value } }),
    (object) => (sameJson(specOf(object)[field] ?? otherwise, value) ? 'it is so already' : undefined),
  );
}

/** `suspend` and `resume` by a field `suspend` of the spec. */
export const suspendable: readonly Action[] = [
  setting('suspend', 'Stop it until it is resumed', 'suspend', true, false),
  setting('resume', 'Let it go on', 'suspend', false, false),
];

/** Scales by `spec.replicas`. */
export const scale: Action = {
  name: 'scale',
  about: 'Set the number of replicas',
  params: [{ name: 'replicas', about: 'How many; 0 or more' }],
  run: (_, { params }) => {
    const text = params.replicas ?? '';
    if (!/^\d{1,6}$/.test(text)) return 'replicas must be a number, 0 or more';
    return [{ kind: 'patch', patch: { spec: { replicas: Number(text) } } }];
  },
};

/** Restarts the pods of a workload, as `kubectl rollout restart` does. */
export const restart: Action = patching('restart', 'Replace its pods, a few at a time', (_, { now }) => ({
  spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': now } } } },
}));

/** The spec of an object, empty where it has none. */
export function specOf(object: KubeObject): JsonObject {
  return isJsonObject(object.spec) ? object.spec : {};
}

/** The status of an object, empty where it has none. */
export function statusOf(object: KubeObject): JsonObject {
  return isJsonObject(object.status) ? object.status : {};
}

/** The effect that makes `after` of `before`: a merge patch; none where they are equal. */
export function effectsBetween(before: JsonObject, after: JsonObject): readonly Effect[] {
  const patch = difference(before, after);
  return Object.keys(patch).length === 0 ? [] : [{ kind: 'patch', patch }];
}

function difference(before: JsonObject, after: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (sameJson(old, value)) continue;
    patch[key] = isJsonObject(old) && isJsonObject(value) ? difference(old, value) : value;
  }
  return patch;
}
