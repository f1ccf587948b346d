import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argocd } from '../dialects/index.ts';
import { EngineError, type JsonObject, type KubeObject } from '../model/index.ts';
import type { DeskEvent, KubeApi, WatchHandlers } from '../ports/index.ts';
import { createDesk } from './desk.ts';

const application: KubeObject = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'guestbook', namespace: 'argocd' },
  spec: {
    project: 'default',
    source: { repoURL: 'https://example.org/r.git', path: 'x' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
  },
};

type Asked = { readonly line: string; readonly body: unknown };

function deskOver(answer: (line: string) => JsonObject | EngineError) {
  const asked: Asked[] = [];
  let handlers: WatchHandlers | undefined;
  let watched = '';
  const api: KubeApi = {
    server: 'https://x',
    request: async (method, path, options) => {
      asked.push({ line: `${method} ${path}`, body: options?.body });
      const given = answer(`${method} ${path}`);
      if (given instanceof EngineError) throw given;
      return given;
    },
    watch: (path, given) => {
      watched = path;
      handlers = given;
      return () => {
        handlers = undefined;
      };
    },
  };
  const desk = createDesk(api, { dialect: argocd, controlNamespace: 'argocd' });
  return { desk, asked, watched: () => watched, handlers: () => handlers };
}

test('a list is read page by page, and its items get their kind back', async () => {
  const { kind: _, apiVersion: __, ...item } = application;
  const { desk, asked } = deskOver((line) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationList',
    metadata: line.includes('continue=') ? {} : { continue: 'a b' },
    items: [item],
  }));
  const found = await desk.applications('team-a');
  assert.deepEqual(
    found.map((one) => one.key),
    ['argocd/guestbook', 'argocd/guestbook'],
  );
  assert.deepEqual(
    asked.map((one) => one.line),
    [
      'GET /apis/argoproj.io/v1alpha1/namespaces/team-a/applications?limit=500',
      'GET /apis/argoproj.io/v1alpha1/namespaces/team-a/applications?limit=500&continue=a%20b',
    ],
  );
});

test('what the apiserver refuses is said in words of applications', async () => {
  const cases: readonly {
    readonly reason: string;
    readonly error: EngineError;
    readonly code: string;
    readonly ask: (desk: ReturnType<typeof deskOver>['desk']) => Promise<unknown>;
  }[] = [
    {
      reason: 'a missing object is a missing application',
      error: new EngineError('object-not-found', 'x'),
      code: 'not-found',
      ask: (desk) => desk.application('argocd/nope'),
    },
    {
      reason: 'so it is for a patch',
      error: new EngineError('object-not-found', 'x'),
      code: 'not-found',
      ask: (desk) => desk.patchApplication('argocd/nope', {}),
    },
    {
      reason: 'a conflict of a creation is a taken name',
      error: new EngineError('object-conflict', 'x'),
      code: 'already-exists',
      ask: (desk) => desk.createApplication(application),
    },
    {
      reason: 'a conflict of a patch stays one: somebody was faster',
      error: new EngineError('object-conflict', 'x'),
      code: 'object-conflict',
      ask: (desk) => desk.patchApplication('argocd/guestbook', {}),
    },
    {
      reason: 'a cluster without the resources says so',
      error: new EngineError('kind-unknown', 'x'),
      code: 'kind-unknown',
      ask: (desk) => desk.applications(),
    },
  ];
  for (const { reason, error, code, ask } of cases) {
    const { desk } = deskOver(() => error);
    await assert.rejects(ask(desk), { code }, reason);
  }
});

test('a patch is a merge patch of the one resource', async () => {
  const { desk, asked } = deskOver(() => application);
  await desk.patchApplication('argocd/guestbook', { operation: { sync: {} } });
  assert.deepEqual(asked, [
    {
      line: 'PATCH /apis/argoproj.io/v1alpha1/namespaces/argocd/applications/guestbook',
      body: { operation: { sync: {} } },
    },
  ]);
});

test('a watch tells applications, not resources', () => {
  const { desk, handlers, watched } = deskOver(() => application);
  const events: DeskEvent[] = [];
  const stop = desk.watch(undefined, (event) => events.push(event));
  assert.equal(watched(), '/apis/argoproj.io/v1alpha1/applications');
  handlers()?.put(application);
  handlers()?.synced();
  handlers()?.gone({ namespace: 'argocd', name: 'guestbook' });
  assert.deepEqual(
    events.map((event) => (event.kind === 'put' ? event.application.key : event.kind)),
    ['argocd/guestbook', 'synced', 'gone'],
  );
  stop();
  assert.equal(handlers(), undefined);
});
