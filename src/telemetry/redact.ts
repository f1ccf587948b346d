// The one function that takes secrets out of what is about to leave the process as text.
const secretKey = /pass(word|wd)?$|secret|token|authorization|private.?key|credential|cookie/i;
const urlCredentials = /([a-z][a-z0-9+.-]*:\/\/)([^\s/@:]+)(:[^\s/@]*)?@/gi;
const bearer = /\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi;

/** A copy of the fields without secrets: by the names of fields, and by the form of what they hold. */
export function redact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    out[key] = secretKey.test(key) ? '[redacted]' : redactValue(value);
  }
  return out;
}

/** Text without credentials in URLs and without bearer tokens. */
export function redactText(text: string): string {
  return text.replace(urlCredentials, '$1[redacted]@').replace(bearer, '$1 [redacted]');
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redactValue);
  if (value instanceof Error) return redactText(value.message);
  if (typeof value === 'object' && value !== null) return redact(value as Record<string, unknown>);
  return value;
}
