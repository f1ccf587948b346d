// Which projects others inherit from, and by which labels.
import {
  at,
  type GlobalProject,
  isJsonObject,
  type Json,
  type LabelExpression,
  listAt,
  objectAt,
  type Settings,
  stringAt,
} from '../model/index.ts';
import { readYaml, type SettingsReader } from './setting-values.ts';

const key = 'globalProjects';
const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

/**
 * Reads label selectors and the projects that they inherit. An entry that cannot be read is a problem and counts for
 * nobody: half of a selector would let more projects inherit than were meant.
 */
export function readGlobalProjects(reader: SettingsReader): Settings['globalProjects'] {
  const written = readYaml(reader, key, reader.data[key] ?? '') ?? [];
  if (!Array.isArray(written)) {
    reader.problems.push(`${key}: must be a list`);
    return [];
  }
  return written.flatMap((entry: Json, i) => readEntry(reader, entry, `${key}: entry ${i + 1}`) ?? []);
}

function readEntry(reader: SettingsReader, entry: Json, where: string): GlobalProject | undefined {
  const project = stringAt(entry, 'projectName');
  if (!isJsonObject(entry) || project === undefined) {
    reader.problems.push(`${where}: needs a projectName and a labelSelector`);
    return undefined;
  }
  const selector = at(entry, 'labelSelector');
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(objectAt(selector, 'matchLabels'))) labels[name] = String(value);
  const expressions = listAt(selector, 'matchExpressions').map(readExpression);
  const whole = expressions.filter((one) => one !== undefined);
  if (whole.length === expressions.length) {
    return { project, labels, ...(whole.length === 0 ? {} : { expressions: whole }) };
  }
  reader.problems.push(`${where}: an expression needs a key, one of ${operators.join(', ')}, and values: ${project}`);
  return undefined;
}

function readExpression(written: Json): LabelExpression | undefined {
  const [name, said] = [stringAt(written, 'key'), stringAt(written, 'operator')];
  const operator = operators.find((one) => one === said);
  const values = listAt(written, 'values').map(String);
  const lists = operator === 'In' || operator === 'NotIn';
  if (name === undefined || operator === undefined || lists !== values.length > 0) return undefined;
  return { key: name, operator, values };
}
