/** What a commit of new images says. */
import type { Update } from './plan-updates.ts';

/** Old and new tag of each image with their digests, the policy, and where; the application at the end. */
export function messageOf(updates: readonly Update[], application: string): string {
  const [first] = updates;
  const short = (image: string): string => image.slice(image.lastIndexOf('/') + 1);
  const title =
    updates.length === 1 && first !== undefined
      ? `Images: ${short(first.image)} ${first.from} → ${first.to}`
      : `Images: ${updates.length} updates (${updates.map((one) => short(one.image)).join(', ')})`;
  const blocks = updates.map((update) => {
    const at = (tag: string, digest: string): string => (digest === '' ? tag : `${tag} (${digest})`);
    const places = update.places.map(({ file, line }) => `  ${file}:${line}`);
    const change = `  ${at(update.from, update.fromDigest)}\n  → ${at(update.to, update.toDigest)}`;
    return [`${update.image} by ${update.policy}`, change, ...places].join('\n');
  });
  const trailer = application === '' ? [] : [`Plumbline-Application: ${application}`];
  return `${[title.length > 100 ? `${title.slice(0, 99)}…` : title, ...blocks, ...trailer].join('\n\n')}\n`;
}
