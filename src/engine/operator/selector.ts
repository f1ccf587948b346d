// Label selectors as kubectl reads them, for filters of applications.
import { EngineError } from '../../model/index.ts';

type Requirement = (labels: Readonly<Record<string, string>>) => boolean;

/** A test of labels: `team=web,tier!=db,env in (a,b),env notin (c),managed,!old`. EngineError `usage`. */
export function readSelector(text: string): Requirement {
  const parts = text.match(/[^,(]+(\([^)]*\))?/g)?.map((part) => part.trim()) ?? [];
  const requirements = parts.filter((part) => part !== '').map((part) => readRequirement(part, text));
  return (labels) => requirements.every((holds) => holds(labels));
}

function readRequirement(part: string, whole: string): Requirement {
  const set = /^([\w./-]+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(part);
  if (set !== null) {
    const [, key = '', how, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (labels) => {
      const value = labelAt(labels, key);
      return how === 'in'
        ? value !== undefined && values.includes(value)
        : value === undefined || !values.includes(value);
    };
  }
  const equality = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(part);
  if (equality !== null) {
    const [, key = '', how, wanted = ''] = equality;
    return (labels) => (labelAt(labels, key) === wanted) !== (how === '!=');
  }
  const presence = /^(!?)\s*([\w./-]+)$/.exec(part);
  if (presence === null) {
    throw new EngineError('usage', `not a label selector: ${whole}`, { about: 'form: team=web,tier!=db,env in (a,b)' });
  }
  const [, not, key = ''] = presence;
  return (labels) => (labelAt(labels, key) !== undefined) !== (not === '!');
}

function labelAt(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
