// Which projects others inherit from, and by which labels.
import { at, listAt, objectAt, type Settings, stringAt } from '../model/index.ts';
import { readYaml, type SettingsReader } from './setting-values.ts';

// `globalProjects`: label selectors (matchLabels, and matchExpressions with one value) and the project they inherit.
/** Reads them; what is not understood is a problem. */
export function readGlobalProjects(reader: SettingsReader): Settings['globalProjects'] {
  const entries = listAt({ list: readYaml(reader, 'globalProjects', reader.data.globalProjects ?? '') ?? [] }, 'list');
  return entries.flatMap((entry) => {
    const project = stringAt(entry, 'projectName');
    if (project === undefined) return [];
    const labels: Record<string, string> = {};
    const selector = at(entry, 'labelSelector');
    for (const [key, value] of Object.entries(objectAt(selector, 'matchLabels'))) labels[key] = String(value);
    for (const expression of listAt(selector, 'matchExpressions')) {
      const [value, ...others] = listAt(expression, 'values');
      const key = stringAt(expression, 'key');
      if (stringAt(expression, 'operator') === 'In' && key !== undefined && others.length === 0)
        labels[key] = String(value);
      else reader.problems.push(`argocd-cm: globalProjects: only In with one value is understood: ${project}`);
    }
    return [{ project, labels }];
  });
}
