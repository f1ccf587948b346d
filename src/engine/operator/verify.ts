// Verifying a commit: rendered again from Git, compared with what was recorded and with what is live.
import type { ApplicationVerification, Operator, Proof, VerificationResult } from '../../contract/index.ts';
import { argocd } from '../../dialects/index.ts';
import {
  type AppKey,
  type Application,
  asEngineError,
  at,
  type CommitRecord,
  canonical,
  EngineError,
  isJsonObject,
  type Json,
  type JsonObject,
} from '../../model/index.ts';
import { runsAt } from '../../verdict/index.ts';
import { commitStates } from './commit-state.ts';
import { namespaceOf } from './filter.ts';
import type { OperatorParts } from './parts.ts';
import { type Found, findRecords, names, proofOf } from './records.ts';
import { changeView } from './views.ts';

type Question = {
  readonly parts: OperatorParts;
  readonly app: Application;
  readonly environment: string;
  /** Full SHA. */
  readonly commit: string;
  readonly records: readonly Found[];
};

/** Answers `verify`. */
export function verifyQuestion(parts: OperatorParts): Pick<Operator, 'verify'> {
  const stateOf = commitStates(parts);
  return {
    async verify(asked, filter) {
      const { environment, ...rest } = filter;
      const state = await stateOf(asked, rest);
      const applications = await parts.desk.applications(namespaceOf(rest));
      const records = await findRecords(parts, applications, namespaceOf(rest));
      const commit = state.applications[0]?.commit ?? asked;
      const concerned = applications.filter((app) => {
        const here = app.report?.verdict?.record.environment === environment;
        const follows = state.applications.some((one) => one.key === app.key && one.verdict !== 'not-targeted');
        const recorded = records.some((one) => one.record.application === app.key && names(one.record, commit));
        return here && (rest.keys?.includes(app.key) ?? true) && (follows || recorded);
      });
      if (concerned.length === 0) {
        throw new EngineError('not-found', `no application of ${environment} has to do with this commit: ${asked}`);
      }
      const results = await Promise.all(
        concerned.map((app) => verifyOne({ parts, app, environment, commit, records })),
      );
      return {
        asked,
        environment,
        applications: [...results].sort((a, b) => (a.key < b.key ? -1 : 1)),
        proven: results.every((one) => one.result === 'converged'),
      };
    },
  };
}

async function verifyOne(question: Question): Promise<ApplicationVerification> {
  const { parts, app, environment, commit, records } = question;
  const own = records.filter(({ record }) => record.application === app.key && record.environment === environment);
  const state = app.report?.verdict;
  // A commit that changed nothing of the application is proven by the record that it left as it was.
  const reached = state !== undefined && runsAt(state).some((one) => one.startsWith(commit));
  const found =
    own.find(({ record }) => names(record, commit)) ??
    (reached ? own[0] : undefined) ??
    (await unchangedBy(question, own));
  const common = { key: app.key, environment };
  const nothing = { ...common, kept: 'absent', note: 'absent', digest: '', changes: [] } as const;
  if (found === undefined)
    return { ...nothing, result: 'unproven', message: 'nothing is recorded of this commit here' };
  const { record } = found;
  const [kept, note] = await Promise.all([proofOf(parts, found.proof), noteOf(question, found)]);
  const looked = await lookAgain(question, record.revisions);
  const facts = { kept, note: note.proof, digest: looked.digest, record };
  const verdict = judge(question, record, { kept, note }, looked);
  const changes = verdict.result === 'tampered-cluster' ? looked.changes : [];
  return { ...common, ...facts, ...verdict, changes };
}

// A commit without a record of its own changed nothing of the application: rendered, it is what an earlier one desired.
async function unchangedBy(question: Question, own: readonly Found[]): Promise<Found | undefined> {
  if (own.length === 0 || question.app.sources.length !== 1) return undefined;
  const { digest } = await lookAgain(question, [question.commit]);
  return digest === '' ? undefined : own.find(({ record }) => record.digest === digest);
}

type Verdict = { readonly result: VerificationResult; readonly message: string };
type Note = { readonly proof: Proof; readonly why: string };
type Looked = {
  readonly digest: string;
  readonly changes: ApplicationVerification['changes'];
  /** Why it could not be made. */
  readonly failure: string;
};

// What was written down comes first: a record that cannot be trusted proves nothing.
function judge(
  question: Question,
  record: CommitRecord,
  proofs: { readonly kept: Proof; readonly note: Note },
  looked: Looked,
): Verdict {
  const { kept, note } = proofs;
  if (isForged(kept)) return { result: 'tampered-record', message: `the kept record is ${wordsOf(kept)}` };
  if (isForged(note.proof)) return { result: 'tampered-note', message: note.why };
  if (record.outcome !== 'converged') return unfinished(record);
  const replaced = replacedBy(question.app, record);
  if (replaced !== undefined) return replaced;
  if (kept === 'unchecked' || note.proof === 'unchecked') {
    return { result: 'unproven', message: 'the public keys may not be read here: ConfigMap plumbline-public-key' };
  }
  if (looked.failure !== '') return { result: 'unproven', message: looked.failure };
  if (looked.digest !== record.digest) {
    const message = 'rendered again from Git it is not what was recorded: the application or its tools are others now';
    return { result: 'rendering-differs', message };
  }
  if (looked.changes.length > 0) {
    return { result: 'tampered-cluster', message: `${looked.changes.length} objects of the cluster differ from Git` };
  }
  return { result: 'converged', message: `live since ${record.endedAt ?? ''}` };
}

function unfinished(record: CommitRecord): Verdict {
  if (record.outcome === 'superseded') {
    return { result: 'superseded', message: 'a newer commit came before it had converged' };
  }
  if (record.outcome === 'stalled') return { result: 'stalled', message: record.blocked?.what ?? 'it cannot converge' };
  return { result: 'open', message: 'it is on its way' };
}

/** Who took the place of a record that had converged, undefined where it is what should be live. */
function replacedBy(app: Application, record: CommitRecord): Verdict | undefined {
  const state = app.report?.verdict;
  const current = state?.record;
  if (state === undefined || current === undefined || current.stages.seen === record.stages.seen) return undefined;
  if (current.digest === record.digest && current.outcome === 'converged') return undefined;
  const now = runsAt(state)[0]?.slice(0, 7) ?? '';
  if (current.rollback) return { result: 'rolled-back', message: `the application went back to ${now}` };
  return { result: 'superseded', message: `${now} is live since` };
}

/** The rendering of revisions from Git, and what is live compared with it. */
async function lookAgain({ parts, app }: Question, revisions: readonly string[]): Promise<Looked> {
  try {
    const { inspect } = await parts.depths();
    const { digest = '', changes } = await inspect(app.key, { revisions });
    return { digest, changes: changes.filter((one) => one.kind !== 'same').map(changeView), failure: '' };
  } catch (thrown) {
    return { digest: '', changes: [], failure: asEngineError(thrown).message };
  }
}

/** What the note on the commit says of the application: every line of it must be genuine. */
async function noteOf({ parts, app, environment }: Question, { record, proof }: Found): Promise<Note> {
  const absent: Note = { proof: 'absent', why: '' };
  const [commit = ''] = record.revisions;
  if (parts.evidence === undefined || !/^[0-9a-f]{40,64}$/.test(commit)) return absent;
  const repository = { repoURL: record.repository, project: app.project };
  let lines: readonly Json[];
  try {
    lines = await parts.evidence.notes(repository, environment, commit);
  } catch {
    return absent;
  }
  let found = absent;
  for (const line of lines.filter(isJsonObject).filter((one) => at(one, 'record', 'application') === app.key)) {
    const state = await parts.evidence.check(line);
    if (isForged(state)) return { proof: state, why: `the note on ${commit.slice(0, 7)} is ${wordsOf(state)}` };
    if (says(line, app.key, record)) found = { proof: state, why: '' };
    if (state === 'unsigned' && at(proof, 'signature') !== undefined) {
      return { proof: 'invalid', why: `the note on ${commit.slice(0, 7)} has lost its signature` };
    }
    if (says(line, app.key, record) && proof !== undefined && !agree(line, proof)) {
      return { proof: 'invalid', why: `the note on ${commit.slice(0, 7)} says something else than the kept record` };
    }
  }
  return found;
}

function says(line: JsonObject, key: AppKey, record: CommitRecord): boolean {
  const read = argocd.readRecord(at(line, 'record'));
  return read?.application === key && read.stages.seen === record.stages.seen && read.endedAt === record.endedAt;
}

function agree(line: JsonObject, proof: JsonObject): boolean {
  return canonical(at(line, 'record') ?? null) === canonical(at(proof, 'record') ?? null);
}

function isForged(proof: Proof): boolean {
  return proof === 'invalid' || proof === 'unknown-key';
}

function wordsOf(proof: Proof): string {
  return proof === 'invalid' ? 'not what was signed' : 'signed by a key that is not published here';
}
