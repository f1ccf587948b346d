// Writes docs/reference from the tables in the code, so that neither can lie about the other:
//   node scripts/generate-reference.ts
// test/reference.test.ts fails when a page is not what this would write.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { actionKinds } from '../src/actions/index.ts';
import { cliReference } from '../src/cli/index.ts';
import { checkedKinds } from '../src/health/index.ts';
import { errorCodes } from '../src/model/index.ts';

const generated = '<!-- Written by scripts/generate-reference.ts: change the code, then run it. -->';

/** The pages, by their path from the root of the repository. */
export function referencePages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/reference/cli.md', cliReference()],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/health.md', healthPage()],
    ['docs/reference/actions.md', actionsPage()],
  ]);
}

function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return page('Error codes', [
    'Every error that Plumbline answers with carries one of these codes. A code is stable: match on it, never on a message.',
    '',
    '| code | meaning |',
    '|---|---|',
    ...rows,
  ]);
}

function actionsPage(): string {
  const rows = actionKinds().map(([kind, names]) => {
    const [group = '', name = ''] = kind.split('/');
    return `| ${group === '' ? 'core' : `\`${group}\``} | ${name} | ${names.join(', ')} |`;
  });
  return page('Actions', [
    'What `plumb app actions` offers for live objects, beside what `resource.customizations.actions.<group_Kind>` of argocd-cm',
    'adds: `discovery.lua`, `definitions` and `mergeBuiltinActions`, in the forms of Argo CD. Each is a merge patch or a new',
    'object, written as the field manager `plumbline-action`: what it changes of a field that Git names is drift.',
    '',
    '| group | kind | actions |',
    '|---|---|---|',
    ...rows,
  ]);
}

function healthPage(): string {
  const groups = Map.groupBy(checkedKinds(), (key) => key.slice(0, key.indexOf('/')));
  const rows = [...groups].map(([group, keys]) => {
    const kinds = keys.map((key) => key.slice(key.indexOf('/') + 1));
    return `| ${group === '' ? 'core' : `\`${group}\``} | ${kinds.map((kind) => (kind === '*' ? '*every kind*' : kind)).join(', ')} |`;
  });
  return page('Health', [
    'The health of an object is read from the object alone. The words are those of Argo CD, from best to worst:',
    '',
    '| health | meaning |',
    '|---|---|',
    '| Healthy | It works. |',
    '| Suspended | It is paused, by a person or by design, and waits. |',
    '| Progressing | It does not work yet, and may still get there. |',
    '| Missing | It is desired and does not exist. |',
    '| Degraded | It failed, or will not get there by itself. |',
    '| Unknown | It cannot be told. |',
    '',
    'A kind that says nothing about its health (a ConfigMap) has none, and does not count.',
    '',
    '## An application',
    '',
    'has the worst health of the objects that it manages, and names up to three that caused it. Hooks, orphans and objects',
    'annotated `argocd.argoproj.io/ignore-healthcheck: "true"` do not count; neither does a child Application that is',
    'Missing or Unknown. Missing objects only count when all are missing; what a sync in order has not reached yet is',
    'Progressing.',
    '',
    '## An object that is being deleted',
    '',
    'is Progressing (`Pending deletion`, and the finalizers that block it), unless its own check says what is wrong with the deletion.',
    '',
    '## Kinds with a check of their own',
    '',
    'An exact kind goes before a wildcard. [How to add one](../howto/add-a-health-check.md).',
    '',
    '| group | kinds |',
    '|---|---|',
    ...rows,
    '',
    '## All other kinds',
    '',
    'are judged by their conditions, in this order; an object without conditions has no health.',
    '',
    '1. `status.observedGeneration` is not the generation of the object: Progressing.',
    '2. `Stalled`, `Failed`, `Degraded`, `Error` or the like is True: Degraded.',
    '3. `Suspended` or `Paused` is True: Suspended.',
    '4. `Reconciling` is True: Progressing.',
    '5. The first of `Ready`, `Available`, `Healthy`, `Succeeded` and the like that there is: True is Healthy; False is',
    '   Degraded when its reason is a failure (`CreateFailed`, `NotFound`, …) and Progressing otherwise; Unknown is',
    '   Progressing.',
  ]);
}

function page(title: string, lines: readonly string[]): string {
  return `${[generated, `# ${title}`, '', ...lines].join('\n')}\n`;
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '..');
  for (const [path, text] of referencePages()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(path);
  }
}
