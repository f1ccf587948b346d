import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merge, one, operatorOver, resource, synced, three, two } from '../../../test/doubles/fake-desk.ts';
import { EngineError, type JsonObject, type KubeObject } from '../../model/index.ts';
import type { Sources } from '../../ports/index.ts';

test('a commit has a verdict in every application that follows a repository which has it', async () => {
  const line = [one, two, three];
  const sources = {
    normalize: (url: string) => url,
    resolve: async (source: { repoURL: string; targetRevision: string }) => {
      if (source.targetRevision === 'main' && source.repoURL !== 'dead') return { revision: three, found: 'main' };
      if (source.repoURL === 'dead') throw new EngineError('repo-unreachable', 'x');
      if (source.targetRevision === 'old') return { revision: one, found: 'old' };
      throw new EngineError('revision-not-found', 'x');
    },
    descends: async (_: unknown, { ancestor, revision }: { ancestor: string; revision: string }) => {
      const [a, b] = [line.findIndex((sha) => sha.startsWith(ancestor)), line.indexOf(revision)];
      return a < 0 || b < 0 ? undefined : a <= b;
    },
  } as unknown as Sources;
  const at = (revision: string, more: JsonObject = {}): JsonObject =>
    merge(synced, { sync: { status: 'Synced', revision }, ...more }) as JsonObject;
  const dead: JsonObject = { source: { repoURL: 'dead', path: 'x', targetRevision: 'main' } };
  const hold = (reason: string): JsonObject => ({
    plumbline: { holds: [{ reason, message: `because of ${reason}` }] },
  });
  const cases: readonly (readonly [reason: string, object: KubeObject, commit: string, verdict: string | undefined])[] =
    [
      ['it runs it', resource('web', { status: at(two) }), two, 'converged'],
      ['it runs a descendant', resource('web', { status: at(three) }), one, 'converged'],
      ['a short SHA', resource('web', { status: at(three) }), three.slice(0, 9), 'converged'],
      ['a branch', resource('web', { status: at(three) }), 'main', 'converged'],
      ['not compared yet', resource('web', { status: at(one) }), three, 'pending'],
      ['never looked at', resource('web'), three, 'pending'],
      [
        'out of sync',
        resource('web', { status: at(three, { sync: { status: 'OutOfSync', revision: three } }) }),
        three,
        'progressing',
      ],
      [
        'not healthy',
        resource('web', { status: at(three, { health: { status: 'Progressing' } }) }),
        three,
        'progressing',
      ],
      ['a sync is asked for', resource('web', { status: at(three), operation: { sync: {} } }), three, 'progressing'],
      [
        'a hold that a person ends',
        resource('web', {
          status: at(three, { sync: { status: 'OutOfSync', revision: three }, ...hold('manual-sync') }),
        }),
        three,
        'held',
      ],
      [
        'it gave up',
        resource('web', { status: at(three, { sync: { status: 'OutOfSync', revision: three }, ...hold('gave-up') }) }),
        three,
        'stalled',
      ],
      [
        'it cannot be compared',
        resource('web', { status: at(one, { conditions: [{ type: 'ComparisonError', message: 'x' }] }) }),
        three,
        'stalled',
      ],
      ['what held the commit before it', resource('web', { status: at(two, hold('four-eyes')) }), three, 'pending'],
      ['what stalled the commit before it', resource('web', { status: at(two, hold('gave-up')) }), three, 'pending'],
      [
        'it is frozen',
        resource('web', {
          status: at(one),
          metadata: { annotations: { 'argocd.argoproj.io/skip-reconcile': 'true' } },
        }),
        three,
        'held',
      ],
      [
        'it follows another branch',
        resource('web', { status: at(one), spec: { source: { repoURL: 'r', path: 'x', targetRevision: 'old' } } }),
        three,
        'not-targeted',
      ],
      ['another repository', resource('web', { status: at(three) }), 'f'.repeat(40), undefined],
      ['a name that it does not know', resource('web', { status: at(three) }), 'nope', undefined],
      ['a repository that does not answer', resource('web', { status: at(one), spec: dead }), two, 'pending'],
      ['one that never has', resource('web', { spec: dead }), two, undefined],
      [
        'a chart has no commits',
        resource('web', { status: at(three), spec: { source: { repoURL: 'r', chart: 'x', targetRevision: '1.0.0' } } }),
        three,
        undefined,
      ],
    ];
  for (const [reason, object, commit, verdict] of cases) {
    const { operator } = operatorOver([object], { sources });
    const { applications } = await operator.commitState(commit, {});
    assert.equal(applications[0]?.verdict, verdict, reason);
    assert.equal(applications[0]?.unsure === true, reason === 'it cannot be compared', reason);
  }
});

test('where Git may not be asked, others on the same branch are waited for', async () => {
  const sources = {
    normalize: (url: string) => url,
    resolve: async () => Promise.reject(new EngineError('repo-denied', 'x')),
    descends: async () => undefined,
  } as unknown as Sources;
  const at = (revision: string): JsonObject => merge(synced, { sync: { status: 'Synced', revision } }) as JsonObject;
  const branch = (targetRevision: string): JsonObject => ({ source: { repoURL: 'r', path: 'x', targetRevision } });
  const objects = [
    resource('there', { status: at(three), spec: branch('main') }),
    resource('behind', { status: at(one), spec: branch('main') }),
    resource('elsewhere', { status: at(two), spec: branch('old') }),
  ];
  const { applications } = await operatorOver(objects, { sources }).operator.commitState(three, {});
  assert.deepEqual(
    applications.map(({ key, verdict }) => `${key} ${verdict}`),
    ['argocd/there converged', 'argocd/behind pending'],
  );
});
