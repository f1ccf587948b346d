// What every implementation of the cluster ports promises, told by an outside hand that changes things and an engine's
// eye that looks. It runs over the apiserver in memory and over a real one.
import { after, before, describe, test } from 'node:test';
import { answers, deletion, kindsComeAndGo, otherWays, places } from './cluster-answers.ts';
import { residents } from './cluster-residents.ts';
import { type ClusterWorld, Scene } from './cluster-scene.ts';
import { adoption, drift, writes } from './cluster-writes.ts';

/** Runs the suite. */
export function describeCluster(
  name: string,
  open: () => Promise<ClusterWorld>,
  { skip }: { readonly skip: string | false },
): void {
  describe(`cluster: ${name}`, { skip }, () => {
    let world: ClusterWorld;
    let count = 0;
    before(async () => {
      world = await open();
    });
    after(() => world?.close());
    const promise = (title: string, run: (scene: Scene) => Promise<void>): void => {
      test(title, async () => {
        const scene = new Scene(world, `app-${++count}`);
        try {
          await run(scene);
        } finally {
          await scene.clusters.stop();
        }
      });
    };
    for (const part of [writes, drift, adoption, answers, kindsComeAndGo, deletion, otherWays, places, residents])
      part(promise);
  });
}
