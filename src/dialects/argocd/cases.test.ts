// Every Application and AppProject of the shared cases reads without problems, and its sources survive status.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { loadAll } from 'js-yaml';
import type { Json, KubeObject, Report } from '../../model/index.ts';
import { readApplication, readProject, readReport, writeStatus } from './index.ts';

const shared = process.env.PLUMBLINE_SHARED ?? join(import.meta.dirname, '../../../../shared');
const cases = join(shared, 'cases');
const present = existsSync(cases);

function objectsOf(kind: string): readonly { readonly name: string; readonly object: KubeObject }[] {
  if (!present) return [];
  return readdirSync(cases)
    .filter((folder) => /^(app|appset|helm-argocd)-/.test(folder) && existsSync(join(cases, folder, 'expected.yaml')))
    .flatMap((folder) => [join(folder, 'expected.yaml'), ...entryOf(folder)].map((file) => ({ folder, file })))
    .flatMap(({ folder, file }) =>
      loadAll(readFileSync(join(cases, file), 'utf8'))
        .map((document) => JSON.parse(JSON.stringify(document)) as KubeObject | null)
        .filter((object): object is KubeObject => object?.kind === kind)
        .map((object, i) => ({ name: `${folder} ${i} ${String(object.metadata.name)}`, object })),
    );
}

/** Cases that render an Application's source name its file as their entry. */
function entryOf(folder: string): readonly string[] {
  const { entry } = JSON.parse(readFileSync(join(cases, folder, 'case.json'), 'utf8')) as { entry: unknown };
  return typeof entry === 'string' && folder.startsWith('app-') ? [join(folder, entry)] : [];
}

const skip = present ? false : `no shared cases at ${cases}`;

describe('Applications of the shared cases', { skip }, () => {
  const applications = objectsOf('Application');
  test('there are some', () => assert.ok(applications.length >= 20, `${applications.length}`));
  for (const { name, object } of applications)
    test(name, () => {
      const application = readApplication(object, { controlNamespace: 'argocd' });
      assert.deepEqual(application.problems, []);
      assert.ok(application.sources.length > 0);
      const report = reportOf(application.sources);
      const status = writeStatus(report, application, { controlNamespace: 'argocd' });
      assert.deepEqual(readReport(JSON.parse(JSON.stringify(status)) as Json), report);
    });
});

describe('AppProjects of the shared cases', { skip }, () => {
  const projects = objectsOf('AppProject');
  test('there are some', () => assert.ok(projects.length >= 1, `${projects.length}`));
  for (const { name, object } of projects)
    test(name, () => {
      const project = readProject(object);
      assert.deepEqual(project.problems, []);
      assert.equal(project.name, object.metadata.name);
    });
});

function reportOf(sources: Report['sync']['sources']): Report {
  const revisions = sources.map((_, i) => `${i}`.repeat(40));
  return {
    sync: { status: 'Synced', revisions, sources },
    health: { status: 'Healthy', since: '2026-01-02T03:04:05Z' },
    resources: [],
    conditions: [],
    history: [
      {
        id: 0,
        revisions,
        sources,
        deployedAt: '2026-01-02T03:04:05Z',
        deployStartedAt: '2026-01-02T03:04:04Z',
        initiatedBy: { username: '', automated: true },
      },
    ],
    summary: { images: [], urls: [], isAppOfApps: false },
    sourceTypes: sources.map(() => 'Directory'),
    holds: [],
    reconciledAt: '2026-01-02T03:04:05Z',
  };
}
