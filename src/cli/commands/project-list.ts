import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { outputFlag, writeData } from '../output/data.ts';
import { screenOf } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';

/** `plumb project list`. */
export const projectList = defineCommand({
  name: 'list',
  aliases: ['ls'],
  summary: 'List projects',
  flags: { output: outputFlag('name', 'json', 'yaml') },
  examples: [{ line: 'plumb project list', does: 'Projects, and how many applications are in each' }],
  async run({ flags, globals }, context) {
    return withOperator(context, globals, async (operator) => {
      const views = await operator.listProjects();
      if (
        writeData(
          context,
          flags.output,
          views.map((view) => ({ ...view.project, applications: view.applications })),
        )
      )
        return exit.ok;
      if (flags.output === 'name') for (const { project } of views) context.terminal.out(`${project.name}\n`);
      else {
        writeTable(
          screenOf(context, globals),
          [
            { title: 'NAME' },
            { title: 'APPLICATIONS', align: 'right' },
            { title: 'REPOSITORIES', shrink: 2 },
            { title: 'DESTINATIONS', shrink: 2 },
            { title: 'DESCRIPTION', shrink: 3 },
          ],
          views.map(({ project, applications }) => [
            project.name,
            String(applications),
            project.sourceRepos.join(', '),
            project.destinations.map((one) => `${one.name ?? one.server ?? ''}/${one.namespace}`).join(', '),
            project.description,
          ]),
        );
      }
      return exit.ok;
    });
  },
});
