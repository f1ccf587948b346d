// Runs many files of tests in one process: those that touch nothing but what they are given need no process of their own.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

for (const file of process.argv.slice(2)) await import(pathToFileURL(resolve(file)).href);
