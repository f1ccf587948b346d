/**
 * What an Application asks for, in its annotations:
 *   plumbline.dev/image-update: "ghcr.io/acme/web=semver:^1; redis=semver:7.x", or `markers`
 *   plumbline.dev/image-write: "direct", or "branch:NAME"
 *   plumbline.dev/image-interval: seconds, or 5m
 */
import { type Application, EngineError } from '../model/index.ts';
import { parseRules, type Rule } from './plan-updates.ts';

export const updateAnnotation = 'plumbline.dev/image-update';
const writeAnnotation = 'plumbline.dev/image-write';
const intervalAnnotation = 'plumbline.dev/image-interval';

export type Wishes = {
  readonly rules: readonly Rule[];
  /** The branch for review; undefined commits directly. */
  readonly review: string | undefined;
  /** ms between two looks. */
  readonly interval: number;
};

const usual = 300_000;
const shortest = 30_000;

/** Reads the annotations. EngineError `usage`. */
export function wishesOf({
  annotations,
  namespace,
  name,
}: Pick<Application, 'annotations' | 'namespace' | 'name'>): Wishes {
  const rules = parseRules(annotations[updateAnnotation] ?? '');
  const write = annotations[writeAnnotation]?.trim() ?? '';
  const branch = /^branch:(\S+)$/.exec(write)?.[1];
  if (write !== '' && write !== 'direct' && branch === undefined)
    throw new EngineError('usage', `${writeAnnotation} must be direct or branch:NAME: ${write.slice(0, 100)}`);
  const review = write === 'direct' ? undefined : (branch ?? `plumbline/images/${namespace}/${name}`);
  return { rules, review, interval: intervalOf(annotations[intervalAnnotation]?.trim() ?? '') };
}

function intervalOf(text: string): number {
  if (text === '') return usual;
  const [, count = '', unit = 's'] = /^(\d{1,6})(s|m|h)?$/.exec(text) ?? [];
  if (count === '')
    throw new EngineError('usage', `${intervalAnnotation} must be like 90s, 5m or 1h: ${text.slice(0, 50)}`);
  return Math.max(shortest, Number(count) * { s: 1_000, m: 60_000, h: 3_600_000 }[unit as 's' | 'm' | 'h']);
}
