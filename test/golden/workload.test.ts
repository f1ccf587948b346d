// Workloads: each folder of test/golden/workload is input/, and expected.yaml or error.txt. After a change that is meant,
// PLUMBLINE_GOLDEN=write writes what comes out now: read the difference before it is committed.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { dump } from 'js-yaml';
import { defaultSettings, EngineError } from '../../src/model/index.ts';
import { createRenderer, createToolbox, localSources } from '../../src/render/index.ts';

const folder = join(import.meta.dirname, 'workload');
const write = process.env.PLUMBLINE_GOLDEN === 'write';
const nothing = (): void => undefined;

async function render(name: string): Promise<{ readonly file: string; readonly text: string }> {
  const options = join(folder, name, 'case.json');
  const more = existsSync(options) ? (JSON.parse(readFileSync(options, 'utf8')) as { environment?: string }) : {};
  const toolbox = createToolbox({ binary: () => Promise.reject(new Error('workloads need no toolbox')) });
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const metrics = { count: nothing, observe: nothing };
  const sources = localSources('file:///repo', join(folder, name, 'input'));
  const renderer = createRenderer({ sources, toolbox, log, metrics });
  const application = { name: 'a', namespace: 'argocd', project: 'p', trackingName: 'a', destinationNamespace: 'demo' };
  try {
    const { manifests, sourceTypes } = await renderer.render({
      application: { ...application, ...more },
      sources: [{ repoURL: 'file:///repo', path: '', targetRevision: '' }],
      revisions: ['here'],
      kubeVersion: 'v1.37.0',
      apiVersions: [],
      settings: defaultSettings,
    });
    const documents = manifests.map(({ body, origin }) => `# ${origin}\n${dump(JSON.parse(body), { lineWidth: -1 })}`);
    return { file: 'expected.yaml', text: `# ${sourceTypes.join()}\n---\n${documents.join('---\n')}` };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { file: 'error.txt', text: `${error.code}\n${error.message.replaceAll('; ', '\n')}\n` };
  } finally {
    await renderer.stop();
  }
}

describe('workloads', () => {
  for (const name of readdirSync(folder)) {
    test(name, async () => {
      const { file, text } = await render(name);
      const path = join(folder, name, file);
      if (write) {
        for (const old of ['expected.yaml', 'error.txt']) rmSync(join(folder, name, old), { force: true });
        writeFileSync(path, text);
      }
      assert.ok(existsSync(path), `came to ${file}: ${text}`);
      assert.equal(text, readFileSync(path, 'utf8'));
    });
  }
});
