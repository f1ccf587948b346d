/** Every Helm, Kustomize and Jsonnet case from public repositories renders to the objects that the tools themselves give. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { type FileSource, type JsonnetVariable, type Toolbox, ToolboxError } from './protocol.ts';
import { casesFolder, diskTree, testToolbox } from './test-trees.ts';

type Case = {
  readonly entry: string;
  readonly kind: string;
  readonly expectedError?: string | null;
  readonly total: number | null;
  readonly helm?: {
    readonly release: string;
    readonly namespace: string;
    readonly kubeVersion: string;
    readonly apiVersions: readonly string[];
    readonly valueFiles: readonly string[];
    readonly includeCRDs: boolean;
  } | null;
  readonly directory?: { readonly jsonnet?: { readonly tlas?: readonly JsonnetVariable[] } };
};

const toolbox = testToolbox();
after(() => toolbox.close());

async function render(of: Case, fs: FileSource, box: Toolbox): Promise<readonly unknown[]> {
  if (of.helm) {
    const { release, namespace, kubeVersion, apiVersions, valueFiles, includeCRDs } = of.helm;
    const values = valueFiles.map((file) => ({ file }));
    const options = { release, namespace, kubeVersion, apiVersions, values, includeCrds: includeCRDs };
    const { docs } = await box.helm({ fs, chart: of.entry, ...options });
    return docs.map((doc) => JSON.parse(doc.json));
  }
  if (of.kind === 'plain') {
    const names = ((await fs.list(of.entry)) ?? []).map(({ name }) => `${of.entry}/${name}`);
    const tlas = of.directory?.jsonnet?.tlas ?? [];
    const outputs = await Promise.all(names.map((file) => box.jsonnet({ fs, file, tlas })));
    return outputs.flatMap(({ json }) => JSON.parse(json));
  }
  return (await box.kustomize({ fs, root: of.entry })).docs.map((doc) => JSON.parse(doc.json));
}

/**
 * Objects as comparable texts: keys sorted, order of the objects ignored, random endings of names masked. Fields that
 * are null are left out: Helm since 4.1 drops nulls of a chart's own values, the Helm behind the cases did not.
 */
function canonical(objects: readonly unknown[]): string[] {
  const text = (value: unknown): string =>
    JSON.stringify(value, (key, it: unknown) => {
      if (key === 'name' && typeof it === 'string') return it.replace(/-test-[a-z0-9]{5}$/, '-test-*');
      if (typeof it !== 'object' || it === null || Array.isArray(it)) return it;
      const fields = Object.entries(it).filter(([, field]) => field !== null);
      return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
    });
  return objects.map(text).sort();
}

const isFolder = existsSync(casesFolder);
const names = isFolder ? readdirSync(casesFolder).filter((name) => /^(helm|kustomize|jsonnet)-/.test(name)) : [];

describe('cases from public repositories', { skip: isFolder ? false : 'the cases are not here' }, () => {
  for (const name of names) {
    test(name, async () => {
      const folder = join(casesFolder, name);
      const of = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as Case;
      const rendering = render(of, diskTree(folder), toolbox);
      if (of.expectedError) {
        await assert.rejects(rendering, (error) => error instanceof ToolboxError && error.code === 'load-restriction');
        return;
      }
      const actual = await rendering;
      const { docs } = await toolbox.yaml({ text: readFileSync(join(folder, 'expected.yaml')) });
      const expected = docs.map((doc): unknown => JSON.parse(doc.json));
      assert.equal(actual.length, of.total);
      assert.deepEqual(canonical(actual), canonical(expected));
    });
  }
});
