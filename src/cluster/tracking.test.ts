import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSettings, type JsonObject, refOf, type Settings } from '../model/index.ts';
import { trackingOf } from './tracking.ts';

const id = 'argocd.argoproj.io/tracking-id';
const rows: readonly {
  readonly reason: string;
  readonly settings?: Partial<Settings>;
  readonly namespace?: string;
  readonly metadata: JsonObject;
  readonly app: string;
}[] = [
  { reason: 'its own id', metadata: { annotations: { [id]: 'app:apps/X:ns/x' } }, app: 'app' },
  {
    reason: 'an application in another namespace',
    metadata: { annotations: { [id]: 'team_app:apps/X:ns/x' } },
    app: 'team_app',
  },
  { reason: 'another name', metadata: { annotations: { [id]: 'app:apps/X:ns/y' } }, app: '' },
  { reason: 'another namespace', metadata: { annotations: { [id]: 'app:apps/X:other/x' } }, app: '' },
  { reason: 'another kind', metadata: { annotations: { [id]: 'app:apps/Y:ns/x' } }, app: '' },
  {
    reason: 'cluster-scoped: any namespace',
    namespace: '',
    metadata: { annotations: { [id]: 'app:apps/X:dest/x' } },
    app: 'app',
  },
  { reason: 'a name with a colon', metadata: { name: 'a:b', annotations: { [id]: 'app:apps/X:ns/a:b' } }, app: 'app' },
  { reason: 'nonsense', metadata: { annotations: { [id]: 'app' } }, app: '' },
  { reason: 'no string', metadata: { annotations: { [id]: 3 } }, app: '' },
  { reason: 'a label does not count', metadata: { labels: { 'app.kubernetes.io/instance': 'app' } }, app: '' },
  {
    reason: 'the label counts where it is asked for',
    settings: { trackingMethod: 'label' },
    metadata: { labels: { 'app.kubernetes.io/instance': 'app' }, annotations: { [id]: 'other:apps/X:ns/x' } },
    app: 'app',
  },
  {
    reason: 'another installation',
    settings: { installationId: 'one' },
    metadata: { annotations: { [id]: 'app:apps/X:ns/x', 'argocd.argoproj.io/installation-id': 'two' } },
    app: '',
  },
  {
    reason: 'our installation',
    settings: { installationId: 'one' },
    metadata: { annotations: { [id]: 'app:apps/X:ns/x', 'argocd.argoproj.io/installation-id': 'one' } },
    app: 'app',
  },
];

for (const { reason, settings, namespace = 'ns', metadata, app } of rows) {
  test(`tracking: ${reason}`, () => {
    const object = { apiVersion: 'apps/v1', kind: 'X', metadata: { name: 'x', namespace, ...metadata } };
    assert.equal(trackingOf(object, refOf(object), { ...defaultSettings, ...settings }).app, app);
  });
}
