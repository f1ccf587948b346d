// Translates what an apiserver refuses into the engine's errors: the one place that reads Status objects.
import { EngineError, type ErrorCode, isJsonObject, type Json, numberAt, objectAt, stringAt } from '../model/index.ts';
import type { Answer } from './transport.ts';

/** What a Status object says. */
export type Refusal = {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  /** The resource and the name it speaks of; '' where it names none. */
  readonly kind: string;
  readonly name: string;
  /** Machine-readable causes (`NamespaceTerminating`, `FieldValueInvalid`, `UnexpectedServerResponse`, …). */
  readonly causes: readonly string[];
};

const longestMessage = 2_000;

/** Reads an answer that is not a success; answers that are no Status (proxies, load balancers) keep their number only. */
export function readRefusal(answer: Answer): Refusal {
  const body = parse(answer.text);
  if (!isJsonObject(body) || stringAt(body, 'kind') !== 'Status') {
    const message = answer.status === 404 ? '404 page not found' : `HTTP ${answer.status}`;
    return { status: answer.status, reason: '', message, kind: '', name: '', causes: [] };
  }
  const details = objectAt(body, 'details');
  const causes = Array.isArray(details.causes) ? (details.causes as readonly Json[]) : [];
  return {
    status: answer.status,
    reason: stringAt(body, 'reason') ?? '',
    message: tidy(stringAt(body, 'message') ?? `HTTP ${answer.status}`),
    kind: stringAt(details, 'kind') ?? '',
    name: stringAt(details, 'name') ?? '',
    causes: causes.map((cause) => stringAt(cause, 'reason') ?? ''),
  };
}

/** The refusal as an error of the engine. `doing` says what was tried (`apply Deployment web/frontend`). */
export function refusalError(answer: Answer, doing: string): EngineError {
  const refusal = readRefusal(answer);
  // A namespace that is missing is what was asked for, or what an object that is written would need.
  const itself = / Namespace /.test(`${doing} `) || /\/namespaces\/[^/]+$/.test(doing);
  const code = itself && isMissingNamespace(refusal) ? 'object-not-found' : codeOf(refusal);
  return new EngineError(code, `${doing}: ${refusal.message}`, { about: doing, retry: retryOf(refusal, code, answer) });
}

/** True when the answer says that the path itself is not served: an unknown kind or version. */
export function isUnknownPath(refusal: Refusal): boolean {
  return refusal.status === 404 && refusal.name === '' && (refusal.reason === 'NotFound' || refusal.reason === '');
}

/** True when the namespace of the object is missing. */
export function isMissingNamespace(refusal: Refusal): boolean {
  return refusal.status === 404 && refusal.kind === 'namespaces' && refusal.name !== '';
}

function codeOf(refusal: Refusal): ErrorCode {
  switch (refusal.status) {
    case 401:
      return 'cluster-denied';
    case 403:
      // RBAC and admission share the number; RBAC always names the user and the verb.
      return / cannot [a-z]+ (resource|path) |User ".*" cannot /.test(refusal.message)
        ? 'cluster-denied'
        : 'object-rejected';
    case 404:
      if (isUnknownPath(refusal)) return 'kind-unknown';
      return isMissingNamespace(refusal) ? 'object-rejected' : 'object-not-found';
    case 409:
      return 'object-conflict';
    case 429:
      return 'throttled';
    case 500:
      return blamesObject(refusal.message) ? 'object-rejected' : 'cluster-unreachable';
    default:
      return refusal.status >= 500 || refusal.status === 408 ? 'cluster-unreachable' : 'object-rejected';
  }
}

function retryOf(refusal: Refusal, code: ErrorCode, answer: Answer): EngineError['retry'] {
  if (code === 'throttled') return answer.retryAfter > 0 ? { after: answer.retryAfter } : 'backoff';
  if (code === 'cluster-unreachable' || code === 'object-conflict' || code === 'cluster-denied') return 'backoff';
  if (refusal.message.includes(webhookFailure) || isMissingNamespace(refusal)) return 'backoff';
  // A namespace that is just beginning or ending will soon answer otherwise.
  const passing = refusal.causes.includes('NamespaceTerminating') || refusal.message.includes(accountFailure);
  return passing ? 'backoff' : 'never';
}

const accountFailure = 'error looking up service account';
const webhookFailure = 'failed calling webhook';

/**
 * True for the text of a 500 that trying again at once will not cure: an admission webhook that does not answer, or an
 * apply that does not fit the schema (a server answers 500 to that, not 422).
 */
export function blamesObject(text: string): boolean {
  return text.includes(webhookFailure) || /failed to (create typed|convert) /.test(text);
}

/**
 * True when only server-side apply refuses the manifest, for its stricter view of the schema: one key twice in a list
 * (kubectl warns and goes on), or an unknown field where nobody wants to hear of those.
 */
export function isTooStrict(answer: Answer, validate: boolean): boolean {
  if (answer.status !== 500 || !answer.text.includes('failed to create typed')) return false;
  if (answer.text.includes('duplicate entries for key')) return true;
  return !validate && answer.text.includes('field not declared in schema');
}

/** True when an admission webhook has effects beyond the object, and so refuses dry runs. */
export function refusesDryRun(refusal: Refusal): boolean {
  return refusal.status === 400 && refusal.message.includes('does not support dry run');
}

/** The numeric `code` of a Status inside a watch event. */
export function codeOfStatus(object: Json): number {
  return numberAt(object, 'code') ?? 0;
}

function tidy(message: string): string {
  // A schema error prints the value in question, which may be a secret.
  const line = message
    .replace(/\s+/g, ' ')
    .replace(/, got &value\.valueUnstructured\{.*\}/g, '')
    .trim();
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line;
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
