// Which differences do not count: Argo CD's ignoreDifferences. What a rule names is spared before the server is asked
// (spare.ts); this is about the rest, and about rules that only speak of what was answered.
import { type FieldChange, type IgnoreRule, matchesGlob, type ObjectRef } from '../model/index.ts';

/** The fields of a change that still count after the rules have been applied. */
export function countedFields(
  ref: ObjectRef,
  fields: readonly FieldChange[],
  rules: readonly IgnoreRule[],
): readonly FieldChange[] {
  const applicable = rules.filter((rule) => ruleMatches(rule, ref));
  if (applicable.length === 0) return fields;
  return fields.filter((field) => !applicable.some((rule) => covers(rule, field)));
}

/** True when a rule speaks of this object; '' matches everything. */
export function ruleMatches(rule: IgnoreRule, ref: ObjectRef): boolean {
  return (
    matches(rule.group, ref.group, '') &&
    matches(rule.kind, ref.kind) &&
    matches(rule.namespace, ref.namespace) &&
    matches(rule.name, ref.name)
  );
}

/** A short mark of rules: what is known of an object under other rules has to be asked again. '' for no rules. */
export function rulesMark(rules: readonly IgnoreRule[]): string {
  if (rules.length === 0) return '';
  let hash = 0x811c9dc5;
  const text = JSON.stringify(rules);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}

// In a rule, an empty group is the core group; `*` is any group. All other empty fields match anything.
function matches(pattern: string, value: string, empty?: ''): boolean {
  if (pattern === '') return empty === undefined || value === '';
  return matchesGlob(pattern, value);
}

function covers(rule: IgnoreRule, field: FieldChange): boolean {
  if (field.owner !== undefined && rule.managers.includes(field.owner)) return true;
  return rule.jsonPointers.some((pointer) => field.path === pointer || field.path.startsWith(`${pointer}/`));
}
