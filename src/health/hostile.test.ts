// Objects come from outside: no form of them may make a check throw. Real cases are bent at random, by a seed, so that
// a failure can be played again (PLUMBLINE_SEED).

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import type { KubeObject } from '../model/index.ts';
import { assess, assessAll, checkedKinds } from './index.ts';

const shared = process.env.PLUMBLINE_SHARED ?? join(import.meta.dirname, '../../../shared');
const root = join(shared, 'cases/health');
const seed = Number(process.env.PLUMBLINE_SEED ?? 20260101);
const rounds = 40;

const poison: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  Number.NaN,
  '',
  'True',
  'constructor',
  '__proto__',
  [],
  {},
  [null],
  [[]],
  [7, 'x'],
  { type: 'Ready' },
  [{ type: 7, status: {}, reason: [], message: null }],
  JSON.parse('{"__proto__": {"status": "Degraded"}, "constructor": "x"}'),
];

const statuses = new Set([undefined, 'Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown']);

function judge(object: unknown, what: string): void {
  let got: ReturnType<typeof assess>;
  try {
    got = assess(object as KubeObject);
    assessAll([object as KubeObject]);
  } catch (error) {
    throw new Error(`threw on ${what} (seed ${seed}): ${JSON.stringify(object)}`, { cause: error });
  }
  assert.ok(statuses.has(got?.status), `status of ${what}: ${got?.status}`);
  assert.ok(got?.message === undefined || typeof got.message === 'string', `message of ${what}`);
}

test('every kind survives every wrong form of its parts', () => {
  for (const key of checkedKinds()) {
    const slash = key.indexOf('/');
    const group = key.slice(0, slash).replace('*', 'x');
    const apiVersion = group === '' ? 'v1' : `${group}/v1`;
    const kind = key.slice(slash + 1).replace('*', 'AnyPolicy');
    judge({ apiVersion, kind }, key);
    for (const bad of poison) {
      judge({ apiVersion, kind, metadata: bad, spec: bad, status: bad }, key);
      judge({ apiVersion, kind, metadata: {}, status: { conditions: bad, phase: bad, state: bad, health: bad } }, key);
    }
  }
});

test('what is no object at all is survived', () => {
  for (const bad of poison) judge(bad, 'a bare value');
  for (const bad of poison) judge({ apiVersion: bad, kind: bad, metadata: bad }, 'a nameless kind');
});

const skip = existsSync(root) ? false : `no health cases at ${root}`;

test('bent real objects are survived', { skip }, () => {
  const random = mulberry(seed);
  for (const [name, object] of realObjects()) {
    for (let round = 0; round < rounds; round++) {
      const bent = structuredClone(object) as Record<string, unknown>;
      const times = 1 + Math.floor(random() * 4);
      for (let i = 0; i < times; i++) bend(bent, random);
      judge(bent, name);
    }
  }
});

function realObjects(): readonly (readonly [string, unknown])[] {
  const folders = readdirSync(root).filter((it) => statSync(join(root, it)).isDirectory());
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((file) => {
      try {
        return [[`${folder}/${file}`, load(readFileSync(join(root, folder, file), 'utf8'))] as const];
      } catch {
        return [];
      }
    }),
  );
}

/** Puts a wrong value at a random place of `value`, or takes something away. */
function bend(value: Record<string, unknown>, random: () => number): void {
  let here: Record<string, unknown> = value;
  for (;;) {
    const keys = Object.keys(here).filter((key) => !(here === value && (key === 'apiVersion' || key === 'kind')));
    const key = keys[Math.floor(random() * keys.length)];
    if (key === undefined) return;
    const below = here[key];
    if (typeof below === 'object' && below !== null && random() < 0.75) {
      here = below as Record<string, unknown>;
      continue;
    }
    if (random() < 0.2 && !Array.isArray(here)) delete here[key];
    else here[key] = structuredClone(poison[Math.floor(random() * poison.length)]);
    return;
  }
}

/** mulberry32: small, seeded, good enough to choose by. */
function mulberry(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
