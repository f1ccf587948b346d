/** What a registry asks for in WWW-Authenticate. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string; readonly scope: string };

/** Reads `Bearer realm="…",service="…",scope="…"` or `Basic …`; undefined for anything else. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  if (header === undefined) return undefined;
  const bearer = /\bbearer\s+(.*)$/i.exec(header)?.[1];
  if (bearer === undefined) return /\bbasic\b/i.test(header) ? { scheme: 'basic' } : undefined;
  const fields = new Map<string, string>();
  for (const match of bearer.matchAll(/([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi)) {
    fields.set((match[1] ?? '').toLowerCase(), match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '');
  }
  const realm = fields.get('realm') ?? '';
  if (!/^https?:\/\//.test(realm)) return undefined;
  return { scheme: 'bearer', realm, service: fields.get('service') ?? '', scope: fields.get('scope') ?? '' };
}
