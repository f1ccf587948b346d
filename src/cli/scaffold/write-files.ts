import { join } from 'node:path/posix';
import type { CliContext } from '../context.ts';
import type { Globals } from '../flags.ts';
import { screenOf } from '../output/screen.ts';
import { span } from '../output/text.ts';
import type { Files } from './names.ts';

/** Writes what is not there yet, and says of each file what became of it. Nothing that exists is touched. */
export async function writeFiles(
  context: CliContext,
  globals: Globals,
  directory: string,
  files: Files,
): Promise<{ readonly written: number; readonly kept: number }> {
  const screen = screenOf(context, globals);
  let kept = 0;
  for (const [path, text] of files) {
    const isNew = await context.writeNewFile(join(directory, path), text);
    if (!isNew) kept++;
    screen.line(
      isNew ? span('  new   ', 'good') : span('  kept  ', 'dim'),
      span(isNew ? path : `${path}: it is there already`),
    );
  }
  return { written: files.size - kept, kept };
}
