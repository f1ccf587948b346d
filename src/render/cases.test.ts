/** Every plain, kustomize, helm, jsonnet and app case from public repositories renders to what the peers make of it. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { type DirectoryOptions, defaultSettings, EngineError, type HelmOptions, type Source } from '../model/index.ts';
import type { RenderRequest } from '../ports/index.ts';
import { canonicalText, parseJson, type Value } from './exact-json.ts';
import { localSources } from './local-sources.ts';
import { toManifests } from './manifest.ts';
import { parentOf } from './paths.ts';
import { createRenderer } from './renderer.ts';
import { noMetrics, quietLog } from './test-repositories.ts';
import { testToolbox } from './toolbox/test-trees.ts';
import { readYaml } from './yaml/read-yaml.ts';

type Case = {
  readonly name: string;
  readonly kind: string;
  readonly entry: string | readonly string[];
  readonly expectedError?: string;
  readonly total?: number;
  readonly directory?: DirectoryOptions;
  readonly helm?: {
    readonly release: string;
    readonly namespace: string;
    readonly kubeVersion: string;
    readonly apiVersions: readonly string[];
    readonly valueFiles: readonly string[];
    readonly includeCRDs: boolean;
  };
  readonly features: readonly string[];
  readonly nondeterministicLines?: readonly string[];
};

const shared = process.env.PLUMBLINE_SHARED ?? resolve(import.meta.dirname, '../../../shared');
const folder = join(shared, 'cases');
const present = existsSync(folder);
const kinds = new Set(['plain', 'kustomize', 'helm', 'jsonnet', 'app']);
const cases = !present
  ? []
  : readdirSync(folder)
      .filter((name) => existsSync(join(folder, name, 'case.json')))
      .map((name) => JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8')) as Case)
      .filter((one) => kinds.has(one.kind));

const toolbox = testToolbox();
const temporary = mkdtempSync(join(tmpdir(), 'plumbline-cases-'));
let passed = 0;

/** The source that the case describes, its paths from the case's folder. */
async function sourceOf(one: Case): Promise<Source> {
  const entry = typeof one.entry === 'string' ? one.entry : (one.entry[0] ?? '');
  const base = { repoURL: one.name, targetRevision: '' };
  if (one.kind === 'app') {
    // The Application's own directory options; where it lies is where its source lies.
    const written = await readYaml(readFileSync(join(folder, one.name, entry), 'utf8'), toolbox);
    const spec = parseJson(canonicalText(written.documents[0]?.value ?? null)) as {
      spec?: { source?: { directory?: { exclude?: string; include?: string; recurse?: boolean } } };
    };
    const options = spec.spec?.source?.directory;
    const parsed = Array.isArray(one.entry);
    const name = entry.slice(entry.lastIndexOf('/') + 1);
    const directory = parsed ? { recurse: false, include: name } : { recurse: false, ...options };
    return { ...base, path: parentOf(entry), directory };
  }
  if (one.helm !== undefined) {
    const helm: HelmOptions = {
      valueFiles: one.helm.valueFiles.map((file) => `/${file}`),
      parameters: [],
      fileParameters: [],
      releaseName: one.helm.release,
      namespace: one.helm.namespace,
      kubeVersion: one.helm.kubeVersion,
      apiVersions: one.helm.apiVersions,
      passCredentials: false,
      ignoreMissingValueFiles: false,
      skipCrds: !one.helm.includeCRDs,
      skipTests: false,
      skipSchemaValidation: false,
    };
    return { ...base, path: entry, helm };
  }
  if (one.kind !== 'plain' || one.directory === undefined) return { ...base, path: entry };
  const { recurse = false, jsonnet, ...rest } = one.directory as Partial<DirectoryOptions>;
  const withDefaults = jsonnet && Object.assign({ extVars: [], tlas: [], libs: [] }, jsonnet);
  return { ...base, path: entry, directory: { recurse, ...rest, ...(withDefaults && { jsonnet: withDefaults }) } };
}

async function expectedOf(one: Case): Promise<string[]> {
  const json = join(folder, one.name, 'expected.json');
  const values: Value[] = existsSync(json)
    ? (parseJson(readFileSync(json, 'utf8')) as Value[])
    : (await readYaml(readFileSync(join(folder, one.name, 'expected.yaml'), 'utf8'), toolbox)).documents.map(
        (d) => d.value,
      );
  return values.flatMap((value) => toManifests(value, { label: '', source: 0 })).map((manifest) => manifest.body);
}

/** The case's files; where its links came as files that hold their targets, a copy in which they are links again. */
function filesOf(one: Case): string {
  const original = join(folder, one.name);
  if (!one.features.includes('symlinks')) return original;
  const copy = join(temporary, one.name);
  cpSync(original, copy, { recursive: true, verbatimSymlinks: true });
  for (const name of readdirSync(copy, { recursive: true, encoding: 'utf8' })) {
    const file = join(copy, name);
    if (!statSync(file).isFile() || statSync(file).size > 300) continue;
    const target = readFileSync(file, 'utf8').trim();
    if (!target.startsWith('../') || !existsSync(join(dirname(file), target))) continue;
    rmSync(file);
    symlinkSync(target, file);
  }
  return copy;
}

/**
 * Bodies in any order. What varies from one rendering to the next is masked; for Helm nulls are left out: since 4.1 it
 * drops those of a chart's own values, the one behind the cases did not.
 */
function comparable(bodies: readonly string[], one: Case): string[] {
  const steady = (body: string): string => {
    if (one.helm === undefined) return body;
    const text = JSON.stringify(JSON.parse(body, (_key, value: unknown) => value ?? undefined));
    return one.nondeterministicLines === undefined ? text : text.replace(/-[a-z0-9]{5}(?=")/g, '-<varies>');
  };
  return bodies.map(steady).sort();
}

describe('cases from public repositories', { skip: present ? false : `no cases at ${folder}` }, () => {
  for (const one of cases) {
    test(one.name, async () => {
      const sources = localSources(one.name, filesOf(one));
      const renderer = createRenderer({ sources, toolbox, log: quietLog, metrics: noMetrics });
      const source = await sourceOf(one);
      const request: RenderRequest = {
        application: {
          name: 'app',
          namespace: 'argocd',
          project: '',
          trackingName: 'app',
          destinationNamespace: 'demo',
        },
        sources: [source],
        revisions: ['here'],
        kubeVersion: '1.31.0',
        apiVersions: [],
        settings: defaultSettings,
      };
      if (one.expectedError !== undefined) {
        await assert.rejects(renderer.render(request), (e) => e instanceof EngineError && e.code === 'path-outside');
      } else {
        const { manifests } = await renderer.render(request);
        assert.deepEqual(
          comparable(
            manifests.map((m) => m.body),
            one,
          ),
          comparable(await expectedOf(one), one),
        );
        assert.equal(manifests.length, one.total);
      }
      passed++;
    });
  }
  after(async () => {
    console.log(`cases: ${passed} of ${cases.length}`);
    rmSync(temporary, { recursive: true, force: true });
    await toolbox.close();
  });
});
