// The promise: a new tag in a registry runs in the cluster, through a commit that changes nothing but the tag; where people
// want to look first it waits on a branch.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { stringAt } from '../../src/model/index.ts';
import { startRegistry } from '../../src/source/testing/oci-registry.ts';
import { resources } from '../harness/kube.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const registry = await startRegistry({ after });
const layers = [{ type: 'application/vnd.oci.image.layer.v1.tar+gzip', bytes: Buffer.from('one') }];
for (const tag of ['1.0.0', '1.0.1']) registry.push('acme/web', tag, layers);
const image = `${registry.host}/acme/web`;
const file = (name: string): string => `# ${name}\nname: ${name}\nimage: ${image}:1.0.0 # the release\n`;
const world = await openWorld({
  files: { 'direct/workload.yaml': file('direct'), 'review/workload.yaml': file('review') },
});
const { kube, repo, target } = world;
const fetched = (): boolean => repo.git('fetch', '-q', 'origin') === '';
const annotations = (write: string) => ({
  'plumbline.dev/image-update': `${image}=semver:^1`,
  'plumbline.dev/image-write': write,
});

test('a new tag is committed, and converges', async () => {
  const first = repo.head();
  const app = await world.declare('direct', { annotations: annotations('direct') });
  await waitFor('the commit', () => fetched() && repo.head('origin/main') !== first, { within: 60_000 });
  const commit = repo.head('origin/main');
  assert.equal(repo.git('diff', '--numstat', first, commit), '1\t1\tdirect/workload.yaml');
  await app.converged(commit, { within: 60_000 });
  const live = await kube.get(resources.deployments, target, 'direct');
  assert.equal(stringAt(live, 'spec', 'template', 'spec', 'containers', '0', 'image'), `${image}:1.0.1`);
  repo.git('reset', '-q', '--hard', 'origin/main');
});

test('for review it waits on a branch', async () => {
  const app = await world.declare('review', { annotations: annotations('branch:images/review') });
  const look = () => fetched() && repo.git('branch', '-r', '--list', 'origin/images/review') !== '';
  await waitFor('the branch', look, { within: 60_000 });
  await app.converged(repo.head('origin/main'), { within: 60_000 });
  const live = await kube.get(resources.deployments, target, 'review');
  assert.equal(stringAt(live, 'spec', 'template', 'spec', 'containers', '0', 'image'), `${image}:1.0.0`);
  assert.match(repo.git('log', '-1', '--format=%B', 'origin/images/review'), /^Images: web 1\.0\.0 → 1\.0\.1/);
});
