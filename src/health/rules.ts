// The vocabulary that checks are written in: small rules that answer or pass on, put together by `firstOf`.
// A check for a kind is mostly a line or two of these, so that a person can read what its health means.

import type { Health, HealthStatus, JsonObject, KubeObject } from '../model/index.ts';
import { conditionsOf, dig, hasIn, metaOf, statusOf, textIn, textOf } from './read.ts';

/** The health of an object of one kind; undefined when there is nothing to say (yet). */
export type Check = (object: KubeObject) => Health | undefined;

/** Checks by `group/Kind`; `*` in the group or as the kind matches anything. */
export type Checks = Readonly<Record<string, Check>>;

/** A fixed message, or one made from the condition (or status) that decided and the object it is of. */
export type Say = string | ((found: JsonObject, object: KubeObject) => string);

/** The message of the deciding condition. */
export const itsMessage: Say = (found) => textIn(found, 'message');

/** The reason of the deciding condition. */
export const itsReason: Say = (found) => textIn(found, 'reason');

/** A health; an empty message is left out. */
export function health(status: HealthStatus, message = ''): Health {
  return message === '' ? { status } : { status, message };
}

/** Always the same answer; the last rule of most checks. */
export function otherwise(status: HealthStatus, message = ''): Check {
  const answer = Object.freeze(health(status, message));
  return () => answer;
}

/** The first answer of `checks`, in their order. */
export function firstOf(...checks: readonly Check[]): Check {
  return (object) => {
    for (const check of checks) {
      const found = check(object);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** Answers `status` when a condition of (one of) `type` is `value`; `say` defaults to the condition's message. */
export function when(
  type: string | readonly string[],
  value: string | readonly string[],
  status: HealthStatus,
  say: Say = itsMessage,
): Check {
  const types = typeof type === 'string' ? [type] : type;
  const values = typeof value === 'string' ? [value] : value;
  return find((it) => types.includes(textIn(it, 'type')) && values.includes(textIn(it, 'status')), status, say);
}

/** Answers `status` when a condition has one of `reasons`, whatever its value; of one type where `type` is given. */
export function whenReason(
  reasons: readonly string[],
  status: HealthStatus,
  say: Say = itsMessage,
  type?: string,
): Check {
  return find((it) => reasons.includes(textIn(it, 'reason')) && (type === undefined || it.type === type), status, say);
}

/** Answers `status` for the first condition that `fits`. */
export function find(fits: (condition: JsonObject) => boolean, status: HealthStatus, say: Say = itsMessage): Check {
  return (object) => {
    for (const condition of conditionsOf(object)) {
      if (fits(condition)) return health(status, spoken(say, condition, object));
    }
    return undefined;
  };
}

/** Answers when `test` holds of the object. */
export function given(test: (object: KubeObject) => boolean, status: HealthStatus, say: Say = ''): Check {
  const fixed = typeof say === 'string' ? Object.freeze(health(status, say)) : undefined;
  return (object) => {
    if (!test(object)) return undefined;
    return fixed ?? health(status, spoken(say, statusOf(object), object));
  };
}

/** Progressing while the object has no status at all. */
export function withoutStatus(message: string): Check {
  return given((object) => !hasIn(object, 'status'), 'Progressing', message);
}

/** Progressing while the object reports no condition. */
export function withoutConditions(message: string): Check {
  return given((object) => conditionsOf(object).length === 0, 'Progressing', message);
}

/** Progressing while the controller reports of an older generation than the object has; silent where it reports none. */
export function whenStale(message: string): Check {
  return given(isStale, 'Progressing', message);
}

/** True when `status.observedGeneration` is a number (some controllers keep a hash there) and not the object's. */
export function isStale(object: KubeObject): boolean {
  return differ(statusOf(object), textIn(metaOf(object), 'generation'));
}

function differ(reported: JsonObject, generation: string): boolean {
  const seen = textIn(reported, 'observedGeneration');
  return seen !== generation && generation !== '' && /^-?\d+$/.test(seen);
}

/** True when a condition reports of another generation than the object has; of one type where `type` is given. */
export function isConditionStale(object: KubeObject, type?: string): boolean {
  const generation = textIn(metaOf(object), 'generation');
  return conditionsOf(object).some((it) => differ(it, generation) && (type === undefined || it.type === type));
}

/** What a word in a status means: a status, or a status and what to say. */
export type Meaning = HealthStatus | readonly [HealthStatus, Say];

/**
 * Reads one word at `path` (from the object's root) and answers what `words` says it means; words that are not in the
 * table are passed on. `say` is used where the table gives no message and is '' by default.
 */
export function byWord(path: readonly string[], words: Readonly<Record<string, Meaning>>, say: Say = ''): Check {
  const meanings = new Map(Object.entries(words));
  return (object) => {
    const meaning = meanings.get(textOf(dig(object, path)));
    if (meaning === undefined) return undefined;
    const [status, own] = typeof meaning === 'string' ? [meaning, say] : meaning;
    return health(status, spoken(own, statusOf(object), object));
  };
}

/** The same meaning for many words. */
export function words(meaning: Meaning, ...list: readonly string[]): Readonly<Record<string, Meaning>> {
  return Object.fromEntries(list.map((word) => [word, meaning]));
}

/** The same check for many kinds of a group. */
export function eachKind(group: string, kinds: readonly string[], check: Check): Checks {
  return Object.fromEntries(kinds.map((kind) => [`${group}/${kind}`, check]));
}

/** A rule's message for `found`. */
export function spoken(say: Say, found: JsonObject, object: KubeObject): string {
  return typeof say === 'string' ? say : say(found, object);
}
