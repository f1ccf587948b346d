/** What a caller may do about an error: nothing, try again with growing pauses, or try again after a known time. */
export type Retry = 'never' | 'backoff' | { readonly after: number };

/**
 * Every code the engine can answer with, and what it means. docs/reference/errors.md is generated from this table.
 * A code is stable: scripts match on it, never on a message.
 */
export const errorCodes = {
  'app-invalid': 'The Application cannot be read: a field is missing or has the wrong form.',
  'project-not-found': 'The Application names a project that does not exist.',
  'not-permitted': 'The project does not allow this source, destination or kind of object.',
  'cluster-not-found': 'No cluster is known under that server address or name.',
  'cluster-unreachable': 'The cluster does not answer.',
  'cluster-denied': 'The cluster refused the credentials, or they lack the right to do this.',
  'cluster-config': 'The credentials or settings of the cluster cannot be read.',
  'repo-unreachable': 'The repository does not answer.',
  'repo-denied': 'The repository refused the credentials.',
  'repo-not-found': 'There is no repository at that address.',
  'repo-config': 'The address or the credentials of the repository cannot be used.',
  'revision-not-found': 'The repository has no such branch, tag, commit or version.',
  'path-not-found': 'The revision has no such path.',
  'path-outside': 'A path or a link leads out of the repository.',
  'chart-not-found': 'The chart repository has no such chart or version.',
  'lfs-pointer': 'A file is a Git LFS pointer, and LFS is not enabled for the repository.',
  'manifest-invalid': 'A manifest cannot be read, or is not a Kubernetes object.',
  'render-failed': 'The tool that renders the manifests reported an error.',
  'render-timeout': 'Rendering took longer than its limit.',
  'render-limit': 'The input or the result of rendering is larger than its limit.',
  'remote-base': 'A kustomization names a base outside the repository.',
  'missing-dependencies': 'A chart names dependencies that are not there and cannot be fetched.',
  'toolbox-failed': 'The process that holds the renderers ended unexpectedly.',
  'object-rejected': 'The cluster rejected an object.',
  'object-conflict': 'The object was changed at the same time by someone else.',
  'object-not-found': 'The object does not exist.',
  'kind-unknown': 'The cluster does not know this kind of object.',
  'shared-object': 'Another application owns the object.',
  throttled: 'The other side asks to slow down.',
  usage: 'The command line cannot be understood.',
  'not-found': 'There is nothing by that name.',
  'already-exists': 'There is something by that name already.',
  busy: 'Another operation is running.',
  'timed-out': 'The condition did not come true in time.',
  'forge-unreachable': 'The forge (GitHub, GitLab, Gitea, …) does not answer.',
  'forge-denied': 'The forge refused the credentials.',
  'webhook-refused': 'The receiver of an alert did not take it.',
  'webhook-invalid': 'The webhook cannot be read, or its signature is wrong.',
  'settings-invalid': 'A setting cannot be read; its default is used.',
  internal: 'A mistake in Plumbline itself.',
} as const;

/** A stable error code. */
export type ErrorCode = keyof typeof errorCodes;

/**
 * The one error of the engine. `about` names the input (a file and line, an object, a repository); the message reads
 * `what: where: which input` on one line, without secrets and timestamps, so that conditions made of it never flap.
 */
export class EngineError extends Error {
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly about: string;

  constructor(
    code: ErrorCode,
    message: string,
    more: { readonly about?: string; readonly retry?: Retry; readonly cause?: unknown } = {},
  ) {
    super(oneLine(message), more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'EngineError';
    this.code = code;
    this.retry = more.retry ?? 'never';
    this.about = more.about ?? '';
  }
}

/** Any thrown thing as an EngineError; foreign errors become `internal` and may be tried again. */
export function asEngineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new EngineError('internal', message, { retry: 'backoff', cause: thrown });
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
