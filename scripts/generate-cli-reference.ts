// Writes docs/reference/cli.md from the declarations of the commands; with --check it only says whether it is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { cliReference } from '../src/cli/index.ts';

const file = new URL('../docs/reference/cli.md', import.meta.url);
const wanted = cliReference();
if (process.argv.includes('--check')) {
  if (read() !== wanted) {
    console.error('docs/reference/cli.md is not current: run: node scripts/generate-cli-reference.ts');
    process.exitCode = 1;
  }
} else writeFileSync(file, wanted);

function read(): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
