/** One answer of a registry for everybody who asks within a minute: many applications run the same images. */
import type { Clock, ImageRegistry } from '../ports/index.ts';

const fresh = 60_000;

/** A registry that is asked once; failures are shared too, so that a struggling registry is left alone. */
export function sharedRegistry(registry: ImageRegistry, clock: Pick<Clock, 'now'>): ImageRegistry {
  const known = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();
  const once = <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    const now = clock.now();
    const found = known.get(key);
    if (found !== undefined && now - found.at < fresh) return found.answer as Promise<T>;
    for (const [old, { at }] of known) if (now - at >= fresh) known.delete(old);
    const answer = ask();
    answer.catch(() => undefined);
    known.set(key, { at: now, answer });
    return answer;
  };
  return {
    tags: (image, project) => once(`${project}\0${image}`, () => registry.tags(image, project)),
    describe: (image, tag, project) =>
      once(`${project}\0${image}\0${tag}`, () => registry.describe(image, tag, project)),
  };
}
