// The records of commits: those that are kept, and those that are still in the status of their applications.
import type { Operator, Proof, RecordFilter, RecordView } from '../../contract/index.ts';
import { argocd } from '../../dialects/index.ts';
import { type Application, at, type CommitRecord, type JsonObject } from '../../model/index.ts';
import type { OperatorParts } from './parts.ts';

/** A record with what proves it: `{record, signature}` as it was found. */
export type Found = { readonly record: CommitRecord; readonly proof: JsonObject | undefined };

/** Answers `records`. */
export function recordQuestions(parts: OperatorParts): Pick<Operator, 'records'> {
  return {
    async records(filter) {
      const namespace = filter.namespace;
      const found = await findRecords(parts, await parts.desk.applications(namespace), namespace);
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
  const seen = ({ record }: Found): string => record.stages.seen ?? '';
  return [...found.values()].sort((a, b) => (seen(a) < seen(b) ? 1 : seen(a) > seen(b) ? -1 : 0));
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
