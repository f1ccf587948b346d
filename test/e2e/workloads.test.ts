// The promise: who knows an image and a port needs no Kubernetes. `plumb new` makes what converges, a broken file says its
// line, and what workloads render to is accepted strictly, also where pods must be restricted.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadAll } from 'js-yaml';
import { asEngineError, at, type JsonObject, type KubeObject, listAt, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const golden = fileURLToPath(new URL('../golden/workload', import.meta.url));
const world = await openWorld();
const { kube, repo, namespace } = world;
const work = join(repo.folder, 'work');
const environments = [world.laterTarget('staging'), world.laterTarget('production')] as const;

function plumb(...words: readonly string[]): Promise<string> {
  const env = { ...process.env, PLUMBLINE_CACHE: world.engine.cache, NO_COLOR: '1' };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [main, ...words, '--namespace', namespace], { cwd: work, env }, (error, out, err) =>
      error === null ? resolve(out) : reject(new Error(`${words.join(' ')}: ${out}${err}`)),
    );
  });
}

const web = world.nameOf('web');
const worker = world.nameOf('worker');
const image = 'ghcr.io/acme/web:1.0.0';

test('a repository and two services, made from flags, converge in both environments', async () => {
  const root = world.nameOf('root');
  await plumb('new', 'repo', '.', '--url', repo.url, '--name', root, '--environment', environments.join(','));
  await plumb('new', 'service', web, '--image', image, '--port', '8080', '--health', '/healthz', '--env', 'MODE=on');
  await plumb('new', 'service', worker, '--image', image, '--score', '--replicas', '1');
  const shown = await plumb('render', `services/${web}`, '--environment', environments[1], '--output', 'name');
  assert.match(shown, /PodDisruptionBudget/);
  const commit = repo.push({}, 'what runs where');
  await kube.create(resources.applications, loadAll(readFileSync(join(work, 'root.yaml'), 'utf8'))[0] as JsonObject);
  for (const environment of environments) {
    for (const service of [web, worker]) await converged(`${service}-${environment}`, commit);
  }
  const live = await kube.get(resources.deployments, environments[1], web);
  assert.equal(at(live?.spec, 'replicas'), 2);
  const staged = await kube.get(resources.deployments, environments[0], web);
  assert.equal(at(staged?.spec, 'replicas'), 1);
});

test('a file of one environment changes that environment alone', async () => {
  const overlay = `services/${web}/workload.${environments[0]}.yaml`;
  const text = readFileSync(join(work, overlay), 'utf8').replace('web:1.0.0', 'web:1.1.0');
  const commit = repo.push({ [overlay]: text }, 'a release to staging');
  await converged(`${web}-${environments[0]}`, commit);
  const imageIn = async (environment: string) => {
    const live = await kube.get(resources.deployments, environment, web);
    return stringAt(live, 'spec', 'template', 'spec', 'containers', '0', 'image');
  };
  assert.deepEqual(await Promise.all(environments.map(imageIn)), ['ghcr.io/acme/web:1.1.0', image]);
});

test('a mistake is told with its file and line, and what runs goes on', async () => {
  const file = `services/${web}/workload.yaml`;
  const text = readFileSync(join(work, file), 'utf8');
  repo.push({ [file]: text.replace('port:', 'prot:') }, 'a typing mistake');
  const line = text.split('\n').findIndex((one) => one.startsWith('port:')) + 1;
  const wanted = `${file}:${line}: unknown key: "prot": did you mean "port"?`;
  await waitFor('the mistake is told', async () => {
    const app = await application(`${web}-${environments[0]}`);
    return listAt(app?.status, 'conditions').some((one) => stringAt(one, 'message')?.includes(wanted));
  });
  assert.ok(await kube.get(resources.deployments, environments[0], web));
});

describe('what workloads render to', async () => {
  const target = await world.freshTarget();
  const restricted = await world.freshTarget();
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await kube.patch(resources.namespaces, '', restricted, { metadata: { labels } });
  const plurals: Record<string, string> = { Ingress: 'ingresses' };
  for (const name of readdirSync(golden)) {
    const file = join(golden, name, 'expected.yaml');
    if (!readdirSync(join(golden, name)).includes('expected.yaml')) continue;
    const objects = (loadAll(readFileSync(file, 'utf8')) as KubeObject[]).filter((one) => one !== null);
    test(`is accepted: ${name}`, async () => {
      for (const object of objects) {
        if (name === 'manifest-by-name') continue;
        const plural = plurals[object.kind] ?? `${object.kind.toLowerCase()}s`;
        const root = object.apiVersion === 'v1' ? '/api/v1' : `/apis/${object.apiVersion}`;
        const path = (where: string, kind: string) =>
          `/namespaces/${where}/${kind}?dryRun=All&fieldValidation=Strict&fieldManager=golden`;
        await kube.api.request('POST', root + path(target, plural), { body: object });
        const template = at(object, 'spec', 'template') as JsonObject | undefined;
        if (template === undefined) continue;
        const pod = { apiVersion: 'v1', kind: 'Pod', ...template, metadata: { name: 'one' } };
        const made = await kube.api.request('POST', `/api/v1${path(restricted, 'pods')}`, { body: pod }).then(
          () => '',
          (thrown: unknown) => asEngineError(thrown).message,
        );
        const asksForRoot = stringAt(object.metadata, 'name') === 'two' && name === 'multi';
        assert.equal(made.includes('violates PodSecurity'), asksForRoot, made);
      }
    });
  }
});

function application(name: string): Promise<KubeObject | undefined> {
  return kube.get(resources.applications, namespace, name);
}

async function converged(name: string, commit: string): Promise<void> {
  await waitFor(
    `${name} converges`,
    async () => {
      const status = (await application(name))?.status;
      return (
        stringAt(status, 'sync', 'revision') === commit &&
        stringAt(status, 'sync', 'status') === 'Synced' &&
        stringAt(status, 'health', 'status') === 'Healthy'
      );
    },
    {
      within: 60_000,
      show: async () => `${JSON.stringify((await application(name))?.status)}\n${world.engine.tail(name)}`,
    },
  );
}
