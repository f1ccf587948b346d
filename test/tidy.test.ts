// The repository tests its own shape: docs/architecture.md is the lint configuration.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

type Room = { readonly kind: string; readonly imports: ReadonlySet<string> };

/** The rooms of the table in docs/architecture.md. */
function readRooms(): ReadonlyMap<string, Room> {
  const rooms = new Map<string, Room>();
  for (const line of readFileSync(join(root, 'docs/architecture.md'), 'utf8').split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const [, name = '', kind = '', imports = '', job = ''] = cells;
    if (cells.length < 6 || job === '' || !/^[a-z]+$/.test(name) || name === 'room') continue;
    rooms.set(name, { kind, imports: new Set(imports.split(/\s+/).filter(Boolean)) });
  }
  return rooms;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

const rooms = readRooms();
const files = filesBelow(src);
const isTest = (file: string): boolean => file.endsWith('.test.ts') || /\/test-[^/]*$/.test(file);
const product = files.filter((file) => !isTest(file));
const roomOf = (file: string): string => relative(src, file).split('/')[0] ?? '';
const named = (file: string): string => relative(root, file);
const importPattern = /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)/g;

function importsOf(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? '');
}

/** Source without comments, strings and templates' text: good enough to look for names. */
function bare(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/[^\n]*/g, '')
    .replace(/'(?:\\.|[^'\\\n])*'/g, "''")
    .replace(/`(?:\\.|[^`\\])*`/g, '``');
}

test('every folder of src is a room of the table, and every room a folder', () => {
  const folders = readdirSync(src).filter((name) => statSync(join(src, name)).isDirectory());
  assert.deepEqual(
    folders.filter((name) => !rooms.has(name)),
    [],
  );
});

test('a room imports only what the table allows, and only through an index', () => {
  const faults: string[] = [];
  for (const file of product) {
    const room = roomOf(file);
    if (room.endsWith('.ts')) continue;
    for (const path of importsOf(file)) {
      if (!path.startsWith('.')) continue;
      const target = resolve(dirname(file), path);
      if (!target.startsWith(src)) faults.push(`${named(file)}: leaves src: ${path}`);
      const other = roomOf(target);
      if (other === room) continue;
      if (!rooms.get(room)?.imports.has(other)) faults.push(`${named(file)}: ${room} may not import ${other}`);
      if (relative(join(src, other), target) !== 'index.ts') faults.push(`${named(file)}: enters ${other} by ${path}`);
    }
  }
  assert.deepEqual(faults, []);
});

test('no file imports itself by a detour', () => {
  const done = new Set<string>();
  const faults: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) faults.push([...trail.slice(trail.indexOf(file)), file].map(named).join(' → '));
    if (trail.includes(file) || done.has(file)) return;
    for (const path of importsOf(file).filter((one) => one.startsWith('.'))) {
      visit(resolve(dirname(file), path), [...trail, file]);
    }
    done.add(file);
  };
  for (const file of product) visit(file, []);
  assert.deepEqual(faults, []);
});

test('pure rooms are pure', () => {
  const faults: string[] = [];
  const impure =
    /\b(?:Date\s*\(|new Date|Date\.|Math\.random|process\.|fetch\s*\(|console\.|setTimeout|setInterval|setImmediate|queueMicrotask|async |await )/;
  for (const file of product) {
    if (rooms.get(roomOf(file))?.kind !== 'pure') continue;
    for (const path of importsOf(file)) {
      if (!path.startsWith('.')) faults.push(`${named(file)}: imports ${path}`);
    }
    // The calendar lives in one place, and reads no clock.
    if (file.endsWith('model/instant.ts')) continue;
    const found = impure.exec(bare(readFileSync(file, 'utf8')));
    if (found !== null) faults.push(`${named(file)}: ${found[0]}`);
  }
  assert.deepEqual(faults, []);
});

test('the engine knows no effect: no node module, no timer, no package', () => {
  const faults: string[] = [];
  for (const file of product.filter((one) => roomOf(one) === 'engine')) {
    for (const path of importsOf(file)) if (!path.startsWith('.')) faults.push(`${named(file)}: imports ${path}`);
    const found = /\b(?:setTimeout|setInterval|Math\.random|Date\.now)/.exec(bare(readFileSync(file, 'utf8')));
    if (found !== null) faults.push(`${named(file)}: ${found[0]}`);
  }
  assert.deepEqual(faults, []);
});

test('ports and contract hold types only', () => {
  const faults = product
    .filter((file) => ['ports', 'contract'].includes(roomOf(file)))
    .filter((file) => /^export (?:async )?(?:function|const|let|class)/m.test(readFileSync(file, 'utf8')));
  assert.deepEqual(faults.map(named), []);
});

test('each index opens with its job, its imports and what it never does', () => {
  const faults = [...rooms.keys()].filter((room) => {
    const index = join(src, room, 'index.ts');
    const [job = '', may = '', never = ''] = readFileSync(index, 'utf8').split('\n');
    return !(job.startsWith('// Job: ') && may.startsWith('// May import: ') && never.startsWith('// Never: '));
  });
  assert.deepEqual(faults, []);
});

test('files are small: 400 lines at the most, the median at most 110; main.ts at most 150', () => {
  const sizes = product.map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length }));
  assert.deepEqual(
    sizes.filter(({ lines }) => lines > 401).map(({ file, lines }) => `${named(file)}: ${lines}`),
    [],
  );
  const sorted = sizes.map(({ lines }) => lines).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  assert.ok(median <= 110, `the median file has ${median} lines`);
  const main = sizes.find(({ file }) => named(file) === 'src/main.ts');
  assert.ok(main === undefined || main.lines <= 151, `src/main.ts has ${main?.lines} lines`);
});

test('names say what a thing is', () => {
  const forbidden = /(?:^|[/-])(?<!cert-)(?:util|utils|helper|helpers|common|misc|manager|base|types)(?:$|[/.-])/;
  assert.deepEqual(
    files.map((file) => relative(src, file)).filter((name) => forbidden.test(name)),
    [],
  );
});

test('no file says `any`, has a default export or an enum', () => {
  const faults = files.filter((file) => {
    const text = bare(readFileSync(file, 'utf8'));
    return /:\s*any\b|\bas any\b|<any>|^export default|^(?:export )?(?:const )?enum /m.test(text);
  });
  assert.deepEqual(faults.map(named), []);
});

test('every ADR has a number, a title that is the decision, and is one page', () => {
  const folder = join(root, 'docs/decisions');
  const faults: string[] = [];
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.md'))) {
    const text = readFileSync(join(folder, name), 'utf8');
    if (!/^\d{4}-[a-z0-9-]+\.md$/.test(name)) faults.push(`${name}: name`);
    if (!/^# \d+\. /.test(text)) faults.push(`${name}: title`);
    if (text.split('\n').length > 70) faults.push(`${name}: longer than a page`);
  }
  assert.deepEqual(faults, []);
});
