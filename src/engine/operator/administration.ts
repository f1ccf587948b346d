// What an administrator asks: are the settings right, and what would it mean to take a running Argo CD over.
import type { Component, ImportedApplication, ImportReport, ObjectTally, Operator } from '../../contract/index.ts';
import { argocd } from '../../dialects/index.ts';
import {
  type AppKey,
  type Application,
  asEngineError,
  type Change,
  EngineError,
  isJsonObject,
  listAt,
  type SettingFinding,
  type Settings,
} from '../../model/index.ts';
import type { InstalledProgram } from '../../ports/index.ts';
import type { Inspect, OperatorParts } from './parts.ts';
import { settingFindings } from './setting-findings.ts';

/** The questions and orders of administration. */
export function administration(parts: OperatorParts): Pick<Operator, 'checkSettings' | 'importReport' | 'setArgoCd'> {
  return {
    checkSettings: () => findingsOf(parts),
    importReport: (told) => importReport(parts, told),
    setArgoCd: (running) => setArgoCd(parts, running),
  };
}

const able = <T>(method: T | undefined): T => {
  if (method === undefined) throw new EngineError('internal', 'this cluster cannot be administered');
  return method;
};

async function findingsOf(parts: OperatorParts): Promise<readonly SettingFinding[]> {
  const checked = await able(parts.desk.settings)();
  const { healthScripts, actions, ignoreDifferences } = checked.settings;
  const written = healthScripts.length + actions.length + ignoreDifferences.length > 0;
  return settingFindings(checked, written ? (await parts.depths()).languages : undefined);
}

async function importReport(parts: OperatorParts, told: (done: number, all: number) => void): Promise<ImportReport> {
  const { programs, applicationSets } = await able(parts.desk.installation)();
  const findings = await findingsOf(parts);
  const { inspect, store } = await parts.depths();
  const known = await parts.desk.applications();
  const applications: ImportedApplication[] = [];
  const entries = [...known].sort((a, b) => (a.key < b.key ? -1 : 1)).entries();
  const worker = async (): Promise<void> => {
    for (const [i, app] of entries) {
      applications[i] = await imported(inspect, app);
      told(applications.filter(Boolean).length, known.length);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  const advice = adviceOf(programs, store.settings(), applications);
  return { components: programs, applicationSets, findings, applications, advice };
}

async function imported(inspect: Inspect, app: Application): Promise<ImportedApplication> {
  const common = { key: app.key, automated: app.syncPolicy.automated !== undefined, notes: notesOf(app) };
  try {
    const { changes, holds } = await inspect(app.key as AppKey, {});
    const notes = holds.map(({ message }) => ({ level: 'info' as const, message }));
    return { ...common, notes: [...common.notes, ...notes], objects: tallyOf(changes) };
  } catch (thrown) {
    return { ...common, objects: tallyOf([]), error: asEngineError(thrown).message };
  }
}

function notesOf(app: Application): ImportedApplication['notes'] {
  const notes: { level: 'warning' | 'info'; message: string }[] = [];
  const spec = isJsonObject(app.rawSpec) ? app.rawSpec : {};
  if (app.sources.some((source) => source.plugin !== undefined)) {
    notes.push({ level: 'warning', message: 'a source uses a config management plugin, which is not supported' });
  }
  if (isJsonObject(spec.sourceHydrator)) {
    notes.push({ level: 'warning', message: 'spec.sourceHydrator is not supported' });
  }
  const options = listAt(spec, 'syncPolicy', 'syncOptions').filter((one): one is string => typeof one === 'string');
  const unknown = argocd.unknownSyncOptions(options);
  if (unknown.length > 0) {
    const message = `spec.syncPolicy.syncOptions: nobody knows ${unknown.map((one) => `"${one}"`).join(', ')}`;
    notes.push({ level: 'info', message });
  }
  if (app.skipReconcile) notes.push({ level: 'info', message: 'it is frozen by its annotation skip-reconcile' });
  if (Object.keys(app.annotations).some((key) => key.startsWith('notifications.argoproj.io/'))) {
    const message = 'its notifications go on as long as argocd-notifications-controller runs';
    notes.push({ level: 'info', message });
  }
  return notes;
}

const trackingField = '/metadata/annotations/argocd.argoproj.io~1tracking-id';

function tallyOf(changes: readonly Change[]): ObjectTally {
  const count = (...kinds: readonly Change['kind'][]): number =>
    changes.filter(({ kind }) => kinds.includes(kind)).length;
  const only = changes.filter(
    ({ kind, fields, live }) =>
      kind === 'update' &&
      fields.length > 0 &&
      fields.every(({ path }) => path === trackingField || (path === '/metadata/annotations' && live?.tracking === '')),
  );
  return {
    same: count('same'),
    update: count('update'),
    create: count('create'),
    prune: count('prune'),
    hindered: count('rejected', 'unknown-kind', 'no-namespace', 'foreign'),
    onlyTracking: only.length,
  };
}

function adviceOf(
  programs: readonly InstalledProgram[],
  settings: Settings,
  applications: readonly ImportedApplication[],
): readonly string[] {
  const advice: string[] = [];
  const unmarked = applications.reduce((sum, { objects }) => sum + objects.onlyTracking, 0);
  if (unmarked > 0 && settings.trackingMethod === 'annotation') {
    advice.push(
      `${unmarked} objects lack nothing but the tracking annotation: before 3.0 Argo CD tracked by a label. Set application.resourceTrackingMethod: label in argocd-cm to take them over as they are.`,
    );
  }
  const writers = programs.filter(({ writes, replicas }) => writes && replicas > 0);
  if (writers.length > 0) {
    const names = writers.map(({ name }) => name).join(', ');
    advice.push(
      `${names} still runs: two engines must not write to the same objects. Stop it with: plumb admin import --take-over`,
    );
  }
  return advice;
}

async function setArgoCd(parts: OperatorParts, running: boolean): Promise<readonly Component[]> {
  const { programs } = await able(parts.desk.installation)();
  const writers = programs.filter(({ writes }) => writes);
  if (writers.length === 0) {
    throw new EngineError('not-found', 'no application controller of an Argo CD is there', {
      about: 'try: -n NAMESPACE of the installation',
    });
  }
  const change = able(parts.desk.setRunning);
  for (const program of writers) {
    if (running === program.replicas > 0) continue;
    await change(program, running);
  }
  return (await able(parts.desk.installation)()).programs.filter(({ writes }) => writes);
}
