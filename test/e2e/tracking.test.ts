// The promise: objects say whose they are in Argo CD's three ways, and a change of the way loses none of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const method = 'application.resourceTrackingMethod';
const world = await openWorld({
  files: { 'app/all.yaml': text(configMap('a'), configMap('b')) },
  settings: { [method]: 'label' },
});
const { kube, repo, target, namespace } = world;
const annotation = 'argocd.argoproj.io/tracking-id';
const label = 'app.kubernetes.io/instance';

async function marks(name: string) {
  const live = await kube.get(resources.configMaps, target, name);
  return {
    annotation: stringAt(live?.metadata, 'annotations', annotation),
    label: stringAt(live?.metadata, 'labels', label),
  };
}

test('label, then both, then annotation: the same objects, and pruning works in each', async () => {
  const app = await world.declare('app');
  await app.converged(repo.head());
  const id = (name: string) => `${app.name}:/ConfigMap:${target}/${name}`;
  assert.deepEqual(await marks('a'), { annotation: undefined, label: app.name });
  const uid = (await kube.get(resources.configMaps, target, 'a'))?.metadata.uid;

  let round = 0;
  for (const [name, wanted] of Object.entries({
    'annotation+label': { annotation: id('a'), label: app.name },
    annotation: { annotation: id('a'), label: undefined },
    label: { annotation: undefined, label: app.name },
  })) {
    const add = repo.push({ [`app/round-${round}.yaml`]: text(configMap(`round-${round}`)) });
    await app.converged(add);
    await kube.patch(resources.configMaps, namespace, 'argocd-cm', { data: { [method]: name } });
    const look = async () => {
      const now = await marks('a');
      return now.annotation === wanted.annotation && now.label === wanted.label;
    };
    await waitFor(`${name}: marks are changed`, look, {
      show: async () => `${JSON.stringify(await marks('a'))}\n${await app.show()}`,
    });
    const remove = repo.push({ [`app/round-${round}.yaml`]: null });
    await app.converged(remove);
    assert.equal(await kube.get(resources.configMaps, target, `round-${round}`), undefined, `${name}: pruned`);
    assert.equal((await kube.get(resources.configMaps, target, 'a'))?.metadata.uid, uid);
    round += 1;
  }
});
