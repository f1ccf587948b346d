import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Application, Project, Resident } from '../model/index.ts';
import type { Cluster, Clusters } from '../ports/index.ts';
import { createOrphans } from './orphans.ts';

type Rules = Pick<Project, 'name' | 'orphaned' | 'namespaceDeny'>;

const asking: Rules = { name: 'asks', orphaned: { warn: true, ignore: [] }, namespaceDeny: [] };
const silent: Rules = { name: 'silent', namespaceDeny: [] };

function stray(name: string, tracking = ''): Resident {
  const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name };
  return { ref, uid: name, tracking, createdAt: '', resourceVersion: '1' };
}

/** A small world; `residents` may be changed, `looks` counts how often they were gone through. */
function scene() {
  const apps = new Map<string, Application>();
  const known = new Set<string>();
  const world = {
    residents: [stray('a')] as readonly Resident[] | Promise<readonly Resident[]>,
    looks: 0,
    follows: [] as Parameters<Clusters['follow']>[0][],
  };
  const store = {
    applications: () => [...apps.values()],
    application: (key: string) => apps.get(key),
    project: (name: string) => [asking, silent].find((one) => one.name === name) as Project | undefined,
  };
  const cluster = {
    residents: () => world.residents,
  } as unknown as Cluster;
  const orphans = createOrphans(store, { follow: (wanted) => void world.follows.push(wanted) }, known);
  const declare = (name: string, project = 'asks', more: Partial<Application> = {}): Application => {
    const key = `argocd/${name}`;
    const destination = { server: 'https://kubernetes.default.svc', namespace: 'shop' };
    const app = { key, name, namespace: 'argocd', project, destination, ...more } as unknown as Application;
    apps.set(key, app);
    known.add(name);
    return app;
  };
  const remove = (app: Application): void => {
    apps.delete(app.key);
    known.delete(app.name);
  };
  const findings = (app: Application) => orphans.findings(app, store.project(app.project) as Project, cluster);
  return { world, orphans, declare, remove, findings };
}

const warning = (count: number) => [
  { type: 'OrphanedResourceWarning', message: `Application has ${count} orphaned resources` },
];

test('each namespace of a project that asks is followed, once; others are not', () => {
  const { world, orphans, declare } = scene();
  for (const name of ['one', 'two']) declare(name);
  declare('three', 'silent', { destination: { namespace: 'elsewhere' } });
  declare('four', 'asks', { destination: { namespace: '' } });
  orphans.index();
  orphans.index();
  assert.deepEqual(
    world.follows.map((wanted) => wanted.map(({ destination }) => destination.namespace)),
    [['shop']],
  );
});

test('a project that does not ask hears nothing and is not counted', () => {
  const { orphans, declare, findings } = scene();
  const app = declare('one', 'silent');
  orphans.index();
  assert.deepEqual(findings(app), []);
  assert.deepEqual([...orphans.counts()], []);
});

test('the residents are gone through once for all that live there', () => {
  const { world, orphans, declare, findings } = scene();
  world.residents = new Proxy([stray('a')], {
    get(target, key, all) {
      if (key === 'filter') world.looks++;
      return Reflect.get(target, key, all) as unknown;
    },
  });
  const apps = ['one', 'two', 'three'].map((name) => declare(name));
  orphans.index();
  const first = apps.map(findings);
  const looks = world.looks;
  assert.deepEqual([...first, ...apps.map(findings)], Array(6).fill(warning(1)));
  assert.equal(world.looks, looks, 'looked at by the first alone');
  assert.ok(looks > 0);
});

test('while they are not known yet, what was said before stands', () => {
  const { world, orphans, declare, findings } = scene();
  world.residents = new Promise(() => undefined);
  const conditions = [
    { ...warning(2)[0], since: 'then' },
    { type: 'SyncError', message: '', since: 'then' },
  ];
  const app = declare('one', 'asks', { report: { conditions } as unknown as NonNullable<Application['report']> });
  assert.deepEqual(findings(app), conditions.slice(0, 1), 'not followed yet');
  orphans.index();
  assert.deepEqual(findings(app), conditions.slice(0, 1), 'followed, and not known');
});

test('what belonged to an application that is gone belongs to nobody, and those beside it look again', () => {
  const { world, orphans, declare, remove, findings } = scene();
  world.residents = [stray('a', 'two')];
  const [one, two] = [declare('one'), declare('two')];
  assert.deepEqual([...orphans.index()].sort(), [one.key, two.key]);
  assert.deepEqual(findings(one), []);
  assert.deepEqual([...orphans.index()], [], 'nothing has moved');
  remove(two);
  assert.deepEqual([...orphans.index()], [one.key]);
  assert.deepEqual(findings(one), warning(1));
  assert.deepEqual(
    [...orphans.counts()].map(({ app, count }) => [app.name, count]),
    [['one', 1]],
  );
});
