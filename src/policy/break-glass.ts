// Break-glass: for a limited time a person answers for a change that nobody else has seen.
import { type Application, type JsonObject, parseInstant, stringAt } from '../model/index.ts';

/** Who answers, why, and until when (RFC 3339). */
export type BreakGlass = { readonly by: string; readonly reason: string; readonly until: string };

/** The annotation on an application: JSON with `by`, `reason` and `until`. */
export const breakGlassAnnotation = 'plumbline.dev/break-glass';

/** ms: nobody answers for a change for longer. */
const longest = 24 * 3_600_000;

/** The break-glass that is in force; a text that says why one is not; undefined when there is none. */
export function breakGlassOf(app: Pick<Application, 'annotations'>, now: number): BreakGlass | string | undefined {
  const written = app.annotations[breakGlassAnnotation];
  if (written === undefined || written.trim() === '') return undefined;
  let value: JsonObject;
  try {
    value = JSON.parse(written) as JsonObject;
  } catch {
    return 'break-glass: is not JSON';
  }
  const [by = '', reason = '', until = ''] = ['by', 'reason', 'until'].map((key) => stringAt(value, key)?.trim());
  if (by === '' || reason === '') return 'break-glass: needs who answers (by) and a reason';
  const end = parseInstant(until);
  if (!Number.isFinite(end)) return 'break-glass: until is not a time (RFC 3339)';
  if (end <= now) return `break-glass: ended ${until}`;
  if (end - now > longest) return 'break-glass: until is more than a day away';
  return { by: by.slice(0, 100), reason: reason.slice(0, 500), until };
}
