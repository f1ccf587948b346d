import { asEngineError, EngineError } from '../../model/index.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { outputFlag, writeData } from '../output/data.ts';
import { screenOf } from '../output/screen.ts';
import { clean, count, span } from '../output/text.ts';
import { resolvePath } from '../places.ts';

/** `plumb image update`. */
export const imageUpdate = defineCommand({
  name: 'update',
  summary: 'Put newer tags of images into the files of a directory, by policy; nothing else in them changes',
  details:
    'Finds images in manifests, kustomizations, chart values and workloads. What is wanted is said by --image, or in the files by a comment behind the image: `# plumbline:image policy=semver:^1.2`. Policies: semver:RANGE, newest (by the time it was made), numeric, calver, alphabetical; each takes `match REGEX`. Registries are read with the logins that docker login keeps in its file, else anonymously. Nothing is committed. The engine does the same by itself for Applications with the annotation plumbline.dev/image-update, with the credentials of its repositories, and commits.',
  args: [{ name: 'DIR', about: 'The directory; the working directory unless given', completes: 'directory' }],
  flags: {
    image: { kind: 'list', value: 'IMAGE=POLICY', about: 'An image to keep new, and which tags are wanted' },
    'dry-run': { kind: 'boolean', about: 'Only look; exits 1 when there is anything new' },
    output: outputFlag('json', 'yaml'),
  },
  examples: [
    { line: "plumb image update services --image 'ghcr.io/acme/web=semver:^1'", does: 'The newest 1.x' },
    { line: "plumb image update --image 'redis=semver:^8 match ^(.*)-alpine$'", does: 'Of a variant' },
    { line: 'plumb image update --dry-run', does: 'What the markers in the files would change' },
  ],
  async run({ args, flags, globals }, context) {
    const directory = resolvePath(context, args[0] ?? '.');
    const write = !flags['dry-run'];
    const { updates, problems } = await context.actions.updateImages({ directory, rules: flags.image, write });
    for (const { about, error } of problems) {
      const { code, message } = asEngineError(error);
      context.terminal.err(
        `warning [${code}]: ${clean(message)}${message.includes(about) ? '' : ` (${clean(about)})`}\n`,
      );
    }
    const ending = problems.length > 0 ? exit.error : flags['dry-run'] && updates.length > 0 ? exit.differs : exit.ok;
    const told = problems.map(({ about, error }) => ({
      about,
      code: asEngineError(error).code,
      message: error.message,
    }));
    if (writeData(context, flags.output, { updates, problems: told })) return ending;
    const screen = screenOf(context, globals);
    for (const { image, from, to, toDigest, places } of updates) {
      screen.line(
        span(clean(image), 'strong'),
        `  ${clean(from)} → ${clean(to)}  `,
        span(toDigest.slice(0, 19), 'dim'),
      );
      for (const { file, line } of places) screen.line(span(`  ${clean(file)}:${line}`, 'dim'));
    }
    if (updates.length === 0) screen.line('Nothing is newer.');
    else
      screen.line(
        `${count(updates.length, 'image')} ${write ? 'changed; look at it with git diff' : 'can be changed'}.`,
      );
    if (problems.length > 0 && updates.length === 0) {
      const { code, message } = asEngineError(problems[0]?.error);
      throw new EngineError(code, message);
    }
    return ending;
  },
});
