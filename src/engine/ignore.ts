// Ignore rules at work: which of them speak of an object, what their jq expressions name, and the manifest that leaves
// those places alone.
import { ignoredPaths, type Path, ruleMatches, spare } from '../diff/index.ts';
import type { Application, IgnoreRule, Json, JsonObject, Manifest, ObjectRef, Settings } from '../model/index.ts';
import type { Cluster, Languages } from '../ports/index.ts';

/** Something of a rule that people have to know. */
export type Finding = { readonly type: string; readonly message: string };

/** The rules of an application, those of the whole system first. */
export function rulesOf(settings: Settings, app: Pick<Application, 'ignoreDifferences'>): readonly IgnoreRule[] {
  return [...settings.ignoreDifferences, ...app.ignoreDifferences];
}

/** The rule about the status of objects that stands in Git (`resource.compareoptions`). */
export function statusRules({ ignoreStatus }: Settings): readonly IgnoreRule[] {
  if (ignoreStatus === 'none') return [];
  const any = { namespace: '', name: '', jsonPointers: ['/status'], jqPathExpressions: [], managers: [] };
  return [
    ignoreStatus === 'all'
      ? { ...any, group: '*', kind: '*' }
      : { ...any, group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
  ];
}

/** The rules that speak of an object. */
export function rulesFor(rules: readonly IgnoreRule[], ref: ObjectRef): readonly IgnoreRule[] {
  return rules.length === 0 ? rules : rules.filter((rule) => ruleMatches(rule, ref));
}

/**
 * The manifest without what the rules name; the manifest itself where no rule speaks of it, or there is no live object.
 * Throws EngineError when the live object cannot be read, or no expression can be run.
 */
export async function spared(
  languages: Languages | undefined,
  cluster: Pick<Cluster, 'read'>,
  manifest: Manifest,
  rules: readonly IgnoreRule[],
  how: 'owned' | 'all',
): Promise<Manifest> {
  const applicable = rulesFor(rules, manifest.ref);
  if (applicable.length === 0) return manifest;
  const live = await cluster.read(manifest.ref);
  if (live === undefined) return manifest;
  const desired = JSON.parse(manifest.body) as JsonObject;
  const named = ignoredPaths(applicable, desired, live);
  const expressions = [...new Set(applicable.flatMap((rule) => rule.jqPathExpressions))];
  const [here, there] = await Promise.all([
    pathsOf(languages, manifest.body, expressions),
    pathsOf(languages, JSON.stringify(live), expressions),
  ]);
  const ignored = { desired: [...named.desired, ...here], live: [...named.live, ...there] };
  if (ignored.desired.length === 0 && ignored.live.length === 0) return manifest;
  return { ...manifest, body: JSON.stringify(spare(desired, live, ignored, how)) };
}

// An expression that fails on an object names nothing in it, as in Argo CD; so does one that cannot be read, which
// `faultsOf` tells.
async function pathsOf(
  languages: Languages | undefined,
  object: string,
  expressions: readonly string[],
): Promise<readonly Path[]> {
  if (languages === undefined || expressions.length === 0) return [];
  const runs = await languages.jq(object, expressions.map(asPaths));
  return runs.flatMap((run) => (run.ok ? parsed(run.value[0]).filter(isPath) : []));
}

function asPaths(expression: string): string {
  return `try [path(${expression}\n)] catch []`;
}

function parsed(text: string | undefined): readonly Json[] {
  const value = JSON.parse(text ?? '[]') as Json;
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function isPath(value: Json): value is Path {
  if (!Array.isArray(value) || value.length === 0) return false;
  return (value as readonly Json[]).every((step) => typeof step === 'string' || typeof step === 'number');
}

const checked = new WeakMap<Languages, Map<string, Promise<string | undefined>>>();
const mostChecked = 2_000;

/** The expressions among the rules that cannot be read, one finding each. */
export async function faultsOf(
  languages: Languages | undefined,
  rules: readonly IgnoreRule[],
): Promise<readonly Finding[]> {
  const expressions = [...new Set(rules.flatMap((rule) => rule.jqPathExpressions))];
  if (languages === undefined || expressions.length === 0) return [];
  const known = checked.get(languages) ?? new Map<string, Promise<string | undefined>>();
  checked.set(languages, known);
  if (known.size > mostChecked) known.clear();
  const faults = expressions.map(async (expression) => {
    const fault = known.get(expression) ?? check(languages, expression);
    known.set(expression, fault);
    const message = await fault;
    return message === undefined
      ? []
      : [{ type: 'ComparisonWarning', message: `ignoreDifferences: ${expression}: ${message}` }];
  });
  return (await Promise.all(faults)).flat();
}

async function check(languages: Languages, expression: string): Promise<string | undefined> {
  try {
    const [run] = await languages.jq('null', [asPaths(expression)]);
    return run?.ok === false ? run.message : undefined;
  } catch {
    // Whether it can be read is not known while nobody can read it; the comparison itself tells of that.
    return undefined;
  }
}
