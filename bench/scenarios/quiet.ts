// Waiting until the engine has nothing left to do.
import { pause, type Scene } from '../scene.ts';
import { passesOf } from './bulk.ts';

const stretch = 700;

/** Resolves when for a moment neither a pass was made nor an Application written. */
export async function quiet(scene: Scene, timeout = 60_000): Promise<void> {
  const limit = performance.now() + timeout;
  for (;;) {
    const [passes, writes] = [await passesOf(scene), scene.applications.writes];
    await pause(stretch);
    if ((await passesOf(scene)) === passes && scene.applications.writes === writes) return;
    if (performance.now() > limit) throw new Error(`the engine does not come to rest in ${timeout / 1000} s`);
  }
}
