// The top-level `operation` of an Application: a sync that somebody asked for.
import type { JsonObject, Operation, Source } from '../../model/index.ts';
import { compact, some } from './compact.ts';
import { digestOf } from './digest.ts';
import { child, children, type Fields, flag, text, textOrNone, texts } from './fields.ts';
import { readRetry, writeRetry } from './retry.ts';
import { readSource, writeSource } from './source.ts';
import { readSyncOptions, writeSyncOptions } from './sync-options.ts';

/** Under this name an operation's `info` may carry an id of its own. */
export const operationIdInfo = 'plumbline.dev/operation-id';

/** An operation without `sync` asks for nothing and reads as undefined. */
export function readOperation(at: Fields): Operation | undefined {
  const sync = child(at, 'sync');
  if (sync === undefined) return undefined;
  const initiator = child(at, 'initiatedBy');
  const retry = child(at, 'retry');
  const strategy = child(sync, 'syncStrategy');
  const forced = (['hook', 'apply'] as const).some((key) => {
    const kind = strategy && child(strategy, key);
    return kind !== undefined && flag(kind, 'force');
  });
  const info = readInfo(at);
  const options = texts(sync, 'syncOptions');
  const only = children(sync, 'resources').map((item) => ({
    group: text(item, 'group'),
    kind: text(item, 'kind'),
    namespace: text(item, 'namespace'),
    name: text(item, 'name'),
  }));
  return compact<Operation>({
    id: info.find((item) => item.name === operationIdInfo)?.value || digestOf(at.value),
    initiatedBy: {
      username: initiator ? text(initiator, 'username') : '',
      automated: initiator ? flag(initiator, 'automated') : false,
    },
    revisions: readRevisions(sync),
    sources: some(readOverride(sync)),
    prune: flag(sync, 'prune'),
    dryRun: flag(sync, 'dryRun'),
    only: some(only),
    options: options.length > 0 ? readSyncOptions(options) : undefined,
    force: forced,
    retry: retry && Object.keys(retry.value).length > 0 ? readRetry(retry) : undefined,
    info: info.filter((item) => item.name !== operationIdInfo),
    manifests: some(texts(sync, 'manifests')),
  });
}

/** The operation in Argo CD's form. `many` chooses `sources` and `revisions` over `source` and `revision`. */
export function writeOperation(operation: Operation, many: boolean): JsonObject {
  const { revisions, sources, initiatedBy } = operation;
  const sync = compact<JsonObject>({
    ...(many
      ? { revisions: some(revisions), sources: sources?.map(writeSource) }
      : { revision: revisions[0] || undefined, source: sources?.[0] && writeSource(sources[0]) }),
    prune: operation.prune || undefined,
    dryRun: operation.dryRun || undefined,
    syncStrategy: operation.force ? { hook: { force: true } } : undefined,
    resources: operation.only?.map(({ group, kind, namespace, name }) =>
      compact<JsonObject>({ group: group || undefined, kind, name, namespace: namespace || undefined }),
    ),
    manifests: operation.manifests,
    syncOptions: operation.options && writeSyncOptions(operation.options),
  });
  const initiator = compact<JsonObject>({
    username: initiatedBy.username || undefined,
    automated: initiatedBy.automated || undefined,
  });
  return compact<JsonObject>({
    sync,
    initiatedBy: Object.keys(initiator).length > 0 ? initiator : undefined,
    info: some(operation.info),
    retry: operation.retry && writeRetry(operation.retry),
  });
}

/** `info` of an operation or a spec. */
export function readInfo(at: Fields): readonly { readonly name: string; readonly value: string }[] {
  return children(at, 'info').map((item) => ({ name: text(item, 'name'), value: text(item, 'value') }));
}

/** `revisions`, or the one `revision`, of anything that has them. */
export function readRevisions(at: Fields): readonly string[] {
  const many = texts(at, 'revisions');
  if (many.length > 0) return many;
  const one = textOrNone(at, 'revision');
  return one === undefined ? [] : [one];
}

/** `sources`, or the one `source`, of anything that may have them. */
export function readOverride(at: Fields): readonly Source[] {
  const many = children(at, 'sources');
  if (many.length > 0) return many.map(readSource);
  const one = child(at, 'source');
  // Go writes an empty struct where nothing was meant.
  return one === undefined || (textOrNone(one, 'repoURL') ?? '') === '' ? [] : [readSource(one)];
}
