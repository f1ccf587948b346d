import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Alert, type Application, type CommitRecord, type Json, stringAt } from '../model/index.ts';
import { commentMarker, commentService } from './comment-service.ts';
import { TestForge } from './forges/test-forge.ts';

const sha = '1'.repeat(40);
const forges: TestForge[] = [];
after(() => {
  for (const forge of forges) forge.stop();
});

test('one comment for each environment, with every application, changed as they go', async () => {
  const list = 'GET /api/repos/o/r/issues/7/comments';
  const forge = await TestForge.start({
    [`GET /api/repos/o/r/commits/${sha}/pull`]: { body: { number: 7 } },
    [list]: { body: [] },
    'POST /api/repos/o/r/issues/7/comments': { status: 201, body: { id: 3 } },
    'PATCH /api/repos/o/r/issues/comments/3': { body: {} },
  });
  forges.push(forge);
  const recordOf = (application: string, more: Partial<CommitRecord>): CommitRecord => ({
    environment: 'prod',
    application,
    repository: 'r',
    path: '',
    revisions: [sha],
    digest: '',
    stages: { seen: '2026-01-01T00:00:00Z' },
    outcome: 'open',
    changes: [],
    before: [],
    rollback: false,
    ...more,
  });
  const appOf = (record: CommitRecord): Application => {
    const [namespace = '', name = ''] = record.application.split('/');
    const verdict = { record, stalled: record.outcome === 'stalled', outbox: [], lived: [] };
    return {
      key: record.application,
      namespace,
      name,
      project: 'p',
      sources: [{ targetRevision: 'main' }],
      report: { verdict },
    } as unknown as Application;
  };
  const a = appOf(recordOf('argocd/a', { outcome: 'converged', endedAt: '2026-01-01T00:00:02Z' }));
  const blocked = { what: '@everybody: image | not found', advice: 'push' };
  let b = appOf(recordOf('argocd/b', {}));
  const service = commentService({
    settings: { forges: [{ host: forge.host, kind: 'gitea', api: `http://${forge.host}/api` }], link: '' },
    login: async () => forge.access('o/r'),
    applications: () => [a, b],
    normalize: (url) => url,
    pauses: new Map(),
    now: () => 0,
  });
  const alertOf = (app: Application, kind: Alert['kind']): Alert => {
    const record = app.report?.verdict?.record as CommitRecord;
    return { id: '1', kind, at: '1970-01-01T00:00:00Z', record, differences: [], message: '' };
  };
  await service.tell(alertOf(a, 'converged'), a);
  await service.tell(alertOf(a, 'converged'), a);
  const [first] = forge.written;
  const text = stringAt(first?.body as Json, 'body') ?? '';
  assert.ok(text.startsWith(commentMarker('prod')));
  assert.match(text, /argocd\/a \| ✅ converged \| 2 s/);
  assert.match(text, /argocd\/b \| ⏳ open/);
  forge.answer(list, { body: [{ id: 3, body: text }] });
  b = appOf(recordOf('argocd/b', { outcome: 'stalled', blocked }));
  await service.tell(alertOf(b, 'stalled'), b);
  assert.deepEqual(
    forge.written.map((one) => one.method),
    ['POST', 'PATCH'],
  );
  const second = stringAt(forge.written[1]?.body as Json, 'body') ?? '';
  assert.match(second, /argocd\/b \| ❌ stalled/);
  assert.doesNotMatch(second, /@everybody/);
});
