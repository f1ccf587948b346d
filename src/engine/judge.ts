// When and under which name the verdicts of an application are told, and whose commit it is.
import { argocd } from '../dialects/index.ts';
import { type Application, formatInstant, type Project, type Report, type VerdictRules } from '../model/index.ts';
import { parseSilence, silentUntil } from '../policy/index.ts';
import type { Cluster, RevisionInfo } from '../ports/index.ts';
import { runsAt } from '../verdict/index.ts';
import type { Engine } from './engine.ts';
import { environmentAnnotation } from './render-for.ts';

const durations = {
  diffAfter: 'plumbline.dev/diff-after',
  diffEvery: 'plumbline.dev/diff-every',
  quietFor: 'plumbline.dev/quiet-for',
  stalledAfter: 'plumbline.dev/stalled-after',
} as const;

type Findings = readonly { readonly type: string; readonly message: string }[];

/** Annotations of an application or its project that cannot be read: the system's settings count instead. */
export function misreadAnnotations(engine: Engine, app: Application, project: Project): Findings {
  const told = (annotation: string, why: string) => [{ type: 'AnnotationWarning', message: `${annotation}: ${why}` }];
  const annotations = { ...project.annotations, ...app.annotations };
  const misread = Object.values(durations).filter((name) => {
    const written = annotations[name];
    return written !== undefined && argocd.parseDuration(written) === undefined;
  });
  const silent = readSilence(engine, annotations[silentAnnotation] ?? '').problems;
  return [
    ...misread.flatMap((name) => told(name, `must be a duration such as 120s: ${annotations[name]?.slice(0, 40)}`)),
    ...silent.flatMap((problem) => told(silentAnnotation, problem)),
  ];
}

/** The system's rules, overridden by the project's annotations and those by the application's. */
export function rulesOf(engine: Engine, app: Application, project: Project, cluster: Cluster): VerdictRules {
  const annotations = { ...project.annotations, ...app.annotations };
  const rules: Record<string, unknown> = { ...engine.store.settings().verdict };
  for (const [name, annotation] of Object.entries(durations)) {
    const written = annotations[annotation];
    const ms = written === undefined ? undefined : argocd.parseDuration(written);
    if (ms !== undefined) rules[name] = ms;
  }
  const environment = annotations[environmentAnnotation] ?? `${cluster.name}/${app.project}`;
  const until = silenceOf(engine, annotations[silentAnnotation] ?? engine.store.settings().silent ?? '');
  return {
    ...(rules as Omit<VerdictRules, 'environment'>),
    environment,
    ...(until === undefined ? {} : { silentUntil: formatInstant(until) }),
  };
}

/** The annotation on an application or project that names its silent times; '' is none. */
const silentAnnotation = 'plumbline.dev/silent';

type Silence = ReturnType<typeof parseSilence>;
const silences = new Map<string, Silence>();

function readSilence(engine: Engine, text: string): Silence {
  if (text.trim() === '') return { times: [], problems: [] };
  const known = silences.get(text);
  if (known !== undefined) return known;
  const read = parseSilence(text, argocd.parseDuration, engine.zones);
  for (const problem of read.problems) engine.log.warn('silent time not understood', { problem });
  if (silences.size > 200) silences.clear();
  silences.set(text, read);
  return read;
}

function silenceOf(engine: Engine, text: string): number | undefined {
  return silentUntil(readSilence(engine, text).times, engine.clock.now(), engine.zones);
}

/** Who made the newest revision: asked once for each revision, and only when it is new to the application. */
export async function commitOf(engine: Engine, app: Application, report: Report): Promise<RevisionInfo | undefined> {
  const [revision] = report.sync.revisions;
  const [source] = report.sync.sources;
  if (revision === undefined || source === undefined) return undefined;
  const known = app.report?.verdict;
  if (known !== undefined && runsAt(known)[0] === revision) return undefined;
  if (known?.record.digest === report.desiredDigest) return undefined;
  const key = `${source.repoURL}@${revision}`;
  const before = engine.commits.get(key);
  const asked = before ?? engine.sources.info(source, revision, app.project).catch(() => undefined);
  if (before === undefined) {
    if (engine.commits.size > 200) engine.commits.clear();
    engine.commits.set(key, asked);
  }
  return asked;
}
