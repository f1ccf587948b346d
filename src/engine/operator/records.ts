// The records of commits: those that are kept, and those that are still in the status of their applications.
import type { Operator, Proof, RecordFilter, RecordView } from '../../contract/index.ts';
import { argocd } from '../../dialects/index.ts';
import { type Application, at, type CommitRecord, isJsonObject, type JsonObject } from '../../model/index.ts';
import type { OperatorParts } from './parts.ts';

/** A record with what proves it: `{record, signature}` as it was found. */
export type Found = { readonly record: CommitRecord; readonly proof: JsonObject | undefined };

/** Answers `records`. */
export function recordQuestions(parts: OperatorParts): Pick<Operator, 'records'> {
  return {
    async records(filter) {
      const namespace = filter.namespace;
      const applications = await parts.desk.applications(namespace);
      const kept = await findRecords(parts, applications, namespace);
      const found = filter.git === true ? withNotes(kept, await noted(parts, applications, filter)) : kept;
      const wanted = found.filter(({ record }) => fits(record, filter)).slice(0, filter.limit ?? 1_000);
      return Promise.all(wanted.map((one) => viewOf(parts, one)));
    },
  };
}

/** Every record that is known, newest first, each once: in its latest form, and with its proof where it has one. */
export async function findRecords(
  parts: OperatorParts,
  applications: readonly Application[],
  namespace: string | undefined,
): Promise<readonly Found[]> {
  const found = new Map<string, Found>();
  for (const proof of (await parts.evidence?.records(namespace)) ?? []) {
    const record = argocd.readRecord(at(proof, 'record'));
    if (record !== undefined) found.set(keyOf(record), { record, proof });
  }
  for (const { report } of applications) {
    for (const record of [...(report?.verdict?.ended ?? []), ...(report?.verdict ? [report.verdict.record] : [])]) {
      const kept = found.get(keyOf(record));
      const isSame = kept?.record.outcome === record.outcome && kept.record.endedAt === record.endedAt;
      if (!isSame) found.set(keyOf(record), { record, proof: undefined });
    }
  }
  return newestFirst([...found.values()]);
}

function newestFirst(found: readonly Found[]): readonly Found[] {
  const seen = ({ record }: Found): string => record.stages.seen ?? '';
  return found.toSorted((a, b) => (seen(a) < seen(b) ? 1 : seen(a) > seen(b) ? -1 : 0));
}

// What is kept says more than a note: it may have gone on since.
function withNotes(kept: readonly Found[], notes: readonly Found[]): readonly Found[] {
  const known = new Set(kept.map(({ record }) => keyOf(record)));
  const more = new Map(notes.map((one) => [keyOf(one.record), one]));
  return newestFirst([...kept, ...[...more].flatMap(([key, one]) => (known.has(key) ? [] : [one]))]);
}

/** The records in the notes of every repository and environment that the applications have. Throws EngineError. */
async function noted(
  { evidence, depths }: OperatorParts,
  applications: readonly Application[],
  { namespace, environment }: RecordFilter,
): Promise<readonly Found[]> {
  const { sources } = await depths();
  const places = new Map<string, readonly [repository: { repoURL: string; project: string }, environment: string]>();
  for (const { report, sources: all, project } of applications) {
    const place = environment ?? report?.verdict?.record.environment;
    for (const { repoURL, chart } of all) {
      if (chart !== undefined || repoURL.startsWith('oci://') || place === undefined) continue;
      places.set(`${sources.normalize(repoURL)} ${place}`, [{ repoURL, project }, place]);
    }
  }
  const lines = await Promise.all([...places.values()].map(async (one) => (await evidence?.allNotes?.(...one)) ?? []));
  return lines.flat().flatMap((line) => {
    const record = argocd.readRecord(at(line, 'record'));
    if (record === undefined || !isJsonObject(line)) return [];
    const isHere = namespace === undefined || record.application.startsWith(`${namespace}/`);
    return isHere ? [{ record, proof: line }] : [];
  });
}

/** True when a record names this revision. */
export function names(record: CommitRecord, commit: string): boolean {
  const wanted = commit.toLowerCase();
  return record.revisions.some((one) => one === commit || (wanted.length >= 7 && one.startsWith(wanted)));
}

function keyOf(record: CommitRecord): string {
  return `${record.application} ${record.stages.seen ?? ''}`;
}

function fits(record: CommitRecord, { keys, environment, commit }: RecordFilter): boolean {
  return (
    (keys?.includes(record.application) ?? true) &&
    (environment ?? record.environment) === record.environment &&
    (commit === undefined || names(record, commit))
  );
}

async function viewOf(parts: OperatorParts, { record, proof }: Found): Promise<RecordView> {
  return { record, proof: await proofOf(parts, proof) };
}

/** Whether it is genuine; `absent` where there is nothing to check. */
export async function proofOf(parts: OperatorParts, proof: JsonObject | undefined): Promise<Proof> {
  return proof === undefined || parts.evidence === undefined ? 'absent' : parts.evidence.check(proof);
}
