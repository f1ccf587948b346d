/** One object named twice by an application: the last one counts, as in Argo CD, and a warning says so. */
import type { Manifest } from '../model/index.ts';

export type Deduplicated = {
  readonly manifests: readonly Manifest[];
  readonly warnings: readonly { readonly type: string; readonly message: string }[];
};

/** `defaultNamespace` is asked for only where an object with and one without a namespace might be the same. */
export function withoutRepeats(manifests: readonly Manifest[], defaultNamespace: () => string): Deduplicated {
  const named = new Map<string, Set<string>>();
  for (const { ref } of manifests) {
    if (ref.name === '') continue;
    const namespaces = named.get(nameKey(ref));
    if (namespaces === undefined) named.set(nameKey(ref), new Set([ref.namespace]));
    else namespaces.add(ref.namespace);
  }
  if ([...named.values()].every((set) => set.size === 1) && named.size === namedCount(manifests))
    return { manifests, warnings: [] };
  return dropEarlier(manifests, named, defaultNamespace);
}

function dropEarlier(
  manifests: readonly Manifest[],
  named: ReadonlyMap<string, ReadonlySet<string>>,
  defaultNamespace: () => string,
): Deduplicated {
  const last = new Map<string, { index: number; count: number }>();
  const keyOf = ({ ref }: Manifest): string => {
    const namespaces = named.get(nameKey(ref));
    const ambiguous = namespaces !== undefined && namespaces.size > 1 && namespaces.has('');
    return `${nameKey(ref)}/${ref.namespace === '' && ambiguous ? defaultNamespace() : ref.namespace}`;
  };
  for (const [index, manifest] of manifests.entries()) {
    if (manifest.ref.name === '') continue;
    const known = last.get(keyOf(manifest));
    last.set(keyOf(manifest), { index, count: (known?.count ?? 0) + 1 });
  }
  const kept = manifests.filter(
    (manifest, index) => manifest.ref.name === '' || last.get(keyOf(manifest))?.index === index,
  );
  const warnings = [...last.values()].flatMap(({ index, count }) => {
    const ref = manifests[index]?.ref;
    if (count === 1 || ref === undefined) return [];
    const message = `Resource ${ref.group}/${ref.kind}/${ref.namespace}/${ref.name} appeared ${count} times among application resources.`;
    return [{ type: 'RepeatedResourceWarning', message }];
  });
  return { manifests: kept, warnings };
}

function nameKey(ref: Manifest['ref']): string {
  return `${ref.group}/${ref.kind}/${ref.name}`;
}

function namedCount(manifests: readonly Manifest[]): number {
  let count = 0;
  for (const { ref } of manifests) if (ref.name !== '') count++;
  return count;
}
