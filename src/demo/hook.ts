// Makes a bare repository tell the engine of every push, as a forge does.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Whom to tell, and with which secret the webhook is signed. */
export type Hook = {
  /** Where the engine takes webhooks. */
  readonly address: string;
  readonly secret: string;
  /** The address of the repository, as Applications name it. */
  readonly url: string;
};

/** Writes the post-receive hook of a bare repository. The secret is in it: only its owner may read it. */
export async function installHook(origin: string, hook: Hook): Promise<void> {
  const program = join(import.meta.dirname, 'post-receive.ts');
  const folder = join(origin, 'hooks');
  await mkdir(folder, { recursive: true });
  const settings = join(folder, 'plumbline.json');
  await writeFile(settings, `${JSON.stringify(hook, undefined, 2)}\n`, { mode: 0o600 });
  const script = [
    '#!/bin/sh',
    '# Tells the engine that the repository has moved, as a forge would: by a signed webhook.',
    `exec ${quoted(process.execPath)} --disable-warning=ExperimentalWarning ${quoted(program)} ${quoted(settings)}`,
  ];
  const file = join(folder, 'post-receive');
  await writeFile(file, `${script.join('\n')}\n`);
  await chmod(file, 0o700);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
