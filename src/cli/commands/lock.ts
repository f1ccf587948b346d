import type { Project } from '../../model/index.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { outputFlag, writeData } from '../output/data.ts';
import { screenOf } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';
import { span } from '../output/text.ts';

/** The annotation on a project that says how it is locked. */
const annotation = 'plumbline.dev/lock';

const hint = "The engine's own account may still change everything; try it as another: kubectl --as=ann …\n";

/** `plumb lock`. */
export const lock = defineCommand({
  name: 'lock',
  summary: 'Refuse changes that do not come from Git: show how projects are locked, or lock one',
  details:
    'Where a project is locked nobody but the engine changes the objects of its applications: the apiserver itself refuses (deny) or warns (warn), and names the repository, path and commit to change instead. The engine keeps the admission policies; no webhook runs.',
  args: [{ name: 'PROJECT', about: 'Only this project', completes: 'project' }],
  flags: {
    mode: {
      kind: 'string',
      value: 'MODE',
      choices: ['off', 'warn', 'deny'],
      about: 'Lock the project this way from now on',
    },
    output: outputFlag('name', 'json', 'yaml'),
  },
  examples: [
    { line: 'plumb lock', does: 'How is each project locked?' },
    { line: 'plumb lock payments --mode warn', does: 'Warn whoever changes something directly' },
    { line: 'plumb lock payments --mode deny', does: 'Refuse it' },
  ],
  async run({ args, flags, globals }, context) {
    return withOperator(context, globals, async (operator) => {
      const [name] = args;
      const { mode } = flags;
      const projects = await chosen();
      const rows = projects.map((project) => ({ project: project.name, mode: modeOf(project) }));
      if (writeData(context, flags.output, rows)) return exit.ok;
      if (flags.output === 'name') for (const row of rows) context.terminal.out(`${row.project}\n`);
      else {
        const cells = rows.map((row) => [row.project, span(row.mode, row.mode === 'off' ? 'dim' : 'good')]);
        writeTable(screenOf(context, globals), [{ title: 'PROJECT' }, { title: 'LOCK' }], cells);
        // Whoever tries it with the account that the engine runs with is never refused, and wonders.
        if (mode === 'warn' || mode === 'deny') context.terminal.err(hint);
      }
      return exit.ok;

      async function chosen(): Promise<readonly Project[]> {
        if (mode === 'off' || mode === 'warn' || mode === 'deny')
          return [await operator.lockProject(name ?? 'default', mode)];
        if (name !== undefined) return [await operator.getProject(name)];
        return (await operator.listProjects()).map((view) => view.project);
      }
    });
  },
});

function modeOf({ annotations }: Project): string {
  const written = annotations[annotation];
  return written === 'warn' || written === 'deny' ? written : 'off';
}
