// What the annotations of one object ask for: its options, its wave, and whether it is a hook (Argo CD's or Helm's).
import { type Directives, type HookDeletePolicy, noDirectives, type SyncOptions } from '../../model/index.ts';
import {
  compareOptionsAnnotation,
  hookAnnotation,
  hookDeletePolicyAnnotation,
  ignoreHealthAnnotation,
  syncOptionsAnnotation,
  syncWaveAnnotation,
} from './annotations.ts';
import { readPartialOptions } from './sync-options.ts';

type Hook = Directives['hooks'][number];
type Steering = Readonly<Record<string, string>>;

const argoHooks: readonly string[] = ['PreSync', 'Sync', 'PostSync', 'SyncFail', 'PreDelete', 'PostDelete'];
const helmHooks: Readonly<Record<string, Hook>> = {
  'pre-install': 'PreSync',
  'pre-upgrade': 'PreSync',
  'post-install': 'PostSync',
  'post-upgrade': 'PostSync',
  'pre-delete': 'PreDelete',
  'post-delete': 'PostDelete',
};
const argoPolicies: readonly string[] = ['HookSucceeded', 'HookFailed', 'BeforeHookCreation'];
const helmPolicies: Readonly<Record<string, HookDeletePolicy>> = {
  'before-hook-creation': 'BeforeHookCreation',
  'hook-succeeded': 'HookSucceeded',
  'hook-failed': 'HookFailed',
};

/** Reads the steering annotations of an object. Argo CD's hook annotation wins over Helm's, object by object. */
export function readDirectives(steering: Steering): Directives {
  if (Object.keys(steering).length === 0) return noDirectives;
  const { hooks, skip } = readHooks(steering);
  const compare = words(steering[compareOptionsAnnotation]);
  return {
    wave: integer(steering[syncWaveAnnotation]) ?? integer(steering['helm.sh/hook-weight']) ?? 0,
    hooks,
    skip,
    hookDelete: hooks.length > 0 ? readDeletePolicies(steering) : [],
    options: readOptions(steering),
    ignoreExtraneous: compare.includes('IgnoreExtraneous') || compare.includes('IgnoreExtraneous=true'),
    ignoreHealth: steering[ignoreHealthAnnotation] === 'true',
  };
}

function readOptions(steering: Steering): Partial<SyncOptions> {
  // Helm's own way of saying that an uninstall leaves the object alone.
  const keep = words(steering['helm.sh/resource-policy']).includes('keep') ? ['Delete=false'] : [];
  return readPartialOptions([...keep, ...words(steering[syncOptionsAnnotation])]);
}

function readHooks(steering: Steering): Pick<Directives, 'hooks' | 'skip'> {
  const own = words(steering[hookAnnotation]);
  const hooks = own.filter((word): word is Hook => argoHooks.includes(word));
  if (hooks.length > 0) return { hooks: [...new Set(hooks)], skip: false };
  if (own.includes('Skip')) return { hooks: [], skip: true };
  const helm = words(steering['helm.sh/hook']);
  // A CRD of Helm 2's kind is an ordinary object.
  if (helm.length === 0 || helm.includes('crd-install')) return { hooks: [], skip: false };
  const mapped = helm.flatMap((word) => (Object.hasOwn(helmHooks, word) ? [helmHooks[word] as Hook] : []));
  // Tests and rollback hooks take part in no phase of a sync: they are never applied.
  return { hooks: [...new Set(mapped)], skip: mapped.length === 0 };
}

function readDeletePolicies(steering: Steering): readonly HookDeletePolicy[] {
  const own = words(steering[hookDeletePolicyAnnotation]).filter((word): word is HookDeletePolicy =>
    argoPolicies.includes(word),
  );
  const helm = words(steering['helm.sh/hook-delete-policy']).flatMap((word) =>
    Object.hasOwn(helmPolicies, word) ? [helmPolicies[word] as HookDeletePolicy] : [],
  );
  const policies = [...new Set([...own, ...helm])];
  return policies.length > 0 ? policies : ['BeforeHookCreation'];
}

function integer(written: string | undefined): number | undefined {
  const trimmed = written?.trim() ?? '';
  if (!/^[+-]?\d{1,10}$/.test(trimmed)) return undefined;
  // `-0` would be another wave than `0` to a strict comparison.
  return Number(trimmed) || 0;
}

function words(list: string | undefined): readonly string[] {
  if (list === undefined) return [];
  return list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
