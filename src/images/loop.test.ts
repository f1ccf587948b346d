// The loop over a real registry's answers and a real repository: what is committed, and what is left alone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { readApplication } from '../dialects/argocd/index.ts';
import type { Application, Notice } from '../model/index.ts';
import { createSources } from '../source/index.ts';
import { startRegistry } from '../source/testing/oci-registry.ts';
import { testDirectory, WorkRepository } from '../source/testing/work-repository.ts';
import { startImageLoop } from './loop.ts';

type Test = Parameters<typeof testDirectory>[0] & Parameters<typeof startRegistry>[0];
const layers = (text: string) => [{ type: 'application/vnd.oci.image.layer.v1.tar+gzip', bytes: Buffer.from(text) }];
const silent = { debug() {}, info() {}, warn() {}, error() {} };

async function scene(t: Test, annotations: Readonly<Record<string, string>>, more: { permits?: boolean } = {}) {
  const dir = testDirectory(t);
  const registry = await startRegistry(t);
  const image = `${registry.host}/acme/web`;
  for (const tag of ['1.0.0', '1.1.0']) registry.push('acme/web', tag, layers(tag));
  const work = new WorkRepository(`${dir}/work`);
  const workload = (tag: string): string => `# a comment\nname: web\nimage: ${image}:${tag} # the release\nport: 80\n`;
  work.commit({
    'web/workload.yaml': workload('1.0.0'),
    'web/workload.live.yaml': `image: ${image}:1.0.0\n`,
    'other/workload.yaml': workload('1.0.0'),
  });
  execFileSync('git', ['clone', '-q', '--bare', work.dir, `${dir}/bare.git`], { stdio: 'pipe' });
  const bare = (...args: readonly string[]) =>
    execFileSync('git', ['--git-dir', `${dir}/bare.git`, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  let now = Date.UTC(2026, 0, 1);
  const clock = {
    now: () => now,
    after: (ms: number, run: () => void) => {
      if (ms < 5_000) setImmediate(run);
      return () => undefined;
    },
  };
  const sources = createSources({
    cacheDir: `${dir}/cache`,
    clock,
    random: { next: () => 0.5 },
    log: silent,
    metrics: { count() {}, observe() {} },
    settings: () => ({ pollInterval: 1, pollJitter: 0, helmValuesFileSchemes: [] }),
    credentials: () => [],
    trust: () => ({ tlsCerts: {}, knownHosts: '' }),
    env: { PATH: process.env.PATH ?? '' },
  });
  t.after(() => sources.stop());
  const app: Application = readApplication(
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: {
        name: 'web',
        namespace: 'argocd',
        annotations: { 'plumbline.dev/image-update': `${image}=semver:^1`, ...annotations },
      },
      spec: {
        project: 'default',
        source: { repoURL: `file://${dir}/bare.git`, path: 'web', targetRevision: 'main' },
        destination: { server: 'https://kubernetes.default.svc', namespace: 'staging' },
      },
    },
    { controlNamespace: 'argocd' },
  );
  const notices: Notice[] = [];
  const loop = startImageLoop({
    store: {
      applications: () => [app],
      application: () => app,
      project: () => undefined,
      notify: (_, some) => void notices.push(...some),
    },
    sources,
    registry: sources.images,
    files: sources.files,
    permits: () => more.permits ?? true,
    proposeAt: async (_, { branch, base }) => `https://forge.example/${base}...${branch}`,
    clock,
    random: { next: () => 0.5 },
    log: silent,
    metrics: { count() {}, observe() {} },
  });
  t.after(() => loop.stop());
  const later = async (ms: number) => {
    now += ms;
    await loop.look();
  };
  const said = () => notices.map((notice) => notice.reason);
  const messages = () => notices.map((notice) => notice.message);
  return { registry, image, bare, later, messages, said };
}

test('a new tag is committed to the branch, in the files of the application alone', async (t) => {
  const { registry, bare, later, said } = await scene(t, { 'plumbline.dev/image-write': 'direct' });
  await later(0);
  assert.deepEqual(said(), ['ImagesUpdated']);
  assert.equal(
    bare('diff', '--name-only', 'main~1', 'main'),
    'web/workload.yaml',
    'neither another environment nor another service',
  );
  assert.equal(bare('diff', '--numstat', 'main~1', 'main').split('\t').slice(0, 2).join(), '1,1');
  assert.match(bare('show', 'main:web/workload.yaml'), /:1\.1\.0 # the release$/m);
  assert.match(
    bare('log', '-1', '--format=%B', 'main'),
    /^Images: web 1\.0\.0 → 1\.1\.0\n[\s\S]*sha256:[\s\S]*Plumbline-Application: argocd\/web$/,
  );
  await later(600_000);
  assert.equal(bare('rev-list', '--count', 'main'), '2', 'nothing new, nothing committed');
  registry.push('acme/web', '1.2.0', layers('1.2.0'));
  await later(1_000);
  assert.equal(bare('rev-list', '--count', 'main'), '2', 'not before its interval is over');
  await later(600_000);
  assert.match(bare('show', 'main:web/workload.yaml'), /:1\.2\.0 # the release$/m);
});

test('for review it goes to a branch, once', async (t) => {
  const { registry, bare, later, said, messages } = await scene(t, {
    'plumbline.dev/image-write': 'branch:images/web',
  });
  await later(0);
  assert.match(messages()[0] ?? '', /; propose it: https:\/\/forge\.example\/main\.\.\.images\/web$/);
  await later(600_000);
  assert.deepEqual(said(), ['ImagesUpdated']);
  assert.equal(bare('rev-list', '--count', 'main'), '1');
  const first = bare('rev-parse', 'images/web');
  registry.push('acme/web', '1.2.0', layers('1.2.0'));
  await later(600_000);
  assert.notEqual(bare('rev-parse', 'images/web'), first);
  assert.equal(bare('rev-list', '--count', 'main..images/web'), '1', 'one commit on top of the newest');
});

test("the environment's own file is changed where it names the image", async (t) => {
  const { bare, later } = await scene(t, {
    'plumbline.dev/image-write': 'direct',
    'plumbline.dev/environment': 'live',
  });
  await later(0);
  assert.equal(bare('diff', '--name-only', 'main~1', 'main'), 'web/workload.live.yaml');
});

test('what goes wrong is said once, and asked less often', async (t) => {
  const { registry, bare, later, said } = await scene(t, { 'plumbline.dev/image-write': 'direct' });
  registry.state.login = 'Basic closed';
  await later(0);
  const asked = registry.requests.length;
  await later(60_000);
  assert.equal(registry.requests.length, asked);
  await later(300_000);
  assert.deepEqual(said(), ['ImageUpdateFailed']);
  registry.state.login = '';
  await later(3_600_000);
  assert.deepEqual(said(), ['ImageUpdateFailed', 'ImagesUpdated']);
  assert.equal(bare('rev-list', '--count', 'main'), '2');
});

const wrong: readonly { reason: string; annotations: Readonly<Record<string, string>>; permits?: boolean }[] = [
  { reason: 'a repository that the project does not allow', annotations: {}, permits: false },
  { reason: 'a policy that is none', annotations: { 'plumbline.dev/image-update': 'x=maybe' } },
  { reason: 'a place to write that is none', annotations: { 'plumbline.dev/image-write': 'somewhere' } },
  { reason: 'a branch that is none', annotations: { 'plumbline.dev/image-write': 'branch:--mirror' } },
  { reason: 'an interval that is none', annotations: { 'plumbline.dev/image-interval': 'soon' } },
  { reason: 'an image that stands nowhere', annotations: { 'plumbline.dev/image-update': 'nowhere=newest' } },
];
for (const { reason, annotations, permits } of wrong)
  test(`nothing is written for ${reason}`, async (t) => {
    const { bare, later, said } = await scene(t, annotations, permits === undefined ? {} : { permits });
    await later(0);
    assert.deepEqual(said(), ['ImageUpdateFailed']);
    assert.equal(bare('for-each-ref', '--format=%(refname)'), 'refs/heads/main');
    assert.equal(bare('rev-list', '--count', 'main'), '1');
  });
