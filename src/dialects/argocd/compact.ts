// Leaving out what is absent, so that equal things have equal JSON.

type Loose<T> = { readonly [K in keyof T]: T[K] | undefined } & { readonly [K in keyof T]?: T[K] | undefined };

/** The object without its undefined fields. */
export function compact<T extends object>(fields: Loose<T>): T {
  const all = fields as Readonly<Record<string, unknown>>;
  const out: Record<string, unknown> = {};
  // Called for every object of every status: entries would be lists of pairs for nothing.
  let count = 0;
  for (const key in all) {
    if (all[key] === undefined) continue;
    out[key] = all[key];
    count += 1;
  }
  // V8 keeps an object that grew key by key as a hash table, three times as large; a copy is a plain one again.
  return (count > 10 ? { ...out } : out) as T;
}

/** The list, or undefined when it is empty. */
export function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** The map, or undefined when it is empty. */
export function someMap(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  return Object.keys(map).length > 0 ? map : undefined;
}
