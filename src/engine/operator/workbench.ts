// The Workbench: rendering and comparing on this machine, without a cluster.
import type { HealthAnswer, RenderInput, RenderOutput, Workbench } from '../../contract/index.ts';
import { argocd } from '../../dialects/index.ts';
import { defaultSettings, isJsonObject, type JsonObject, type KubeObject, type Settings } from '../../model/index.ts';
import type { CheckedSettings, Languages, Renderer, Sources } from '../../ports/index.ts';
import { createAssessor } from '../assessor.ts';
import { manifestChanges } from './manifest-changes.ts';
import { settingFindings } from './setting-findings.ts';

/** Sources and a renderer over them, in which these repositories are read from working trees. */
export type Bench = { readonly sources: Sources; readonly renderer: Renderer };

/** What a workbench is made of. */
export type WorkbenchParts = {
  readonly bench: (workingTrees: NonNullable<RenderInput['workingTrees']>) => Promise<Bench>;
  /** Kubernetes version that charts see when nobody says. */
  readonly kubeVersion: string;
  readonly normalize: (url: string) => string;
  readonly checkout: Pick<Workbench, 'workingTree' | 'localCommit'>;
  readonly readObjects: Workbench['readObjects'];
  readonly languages: Languages;
  /** What settings as resources mean, and what is wrong with them. */
  readonly checkSettings: (resources: readonly KubeObject[]) => CheckedSettings;
  readonly close: () => Promise<void>;
};

/** A workbench over these parts; closing it closes them. */
export function createWorkbench(parts: WorkbenchParts): Workbench {
  return {
    render: (input) => render(parts, input),
    compare: manifestChanges,
    readApplications: (resources) =>
      resources.flatMap((resource) => {
        const isOne = resource.kind === 'Application' && String(resource.apiVersion).startsWith('argoproj.io/');
        if (!isOne || !isJsonObject(resource.metadata)) return [];
        return [argocd.readApplication(resource as KubeObject, { controlNamespace: '' })];
      }),
    readObjects: (text, file) => parts.readObjects(text, file),
    health: (objects, config) => health(parts, objects, config),
    checkSettings: async (resources) => {
      const objects = resources.filter((one) => isJsonObject(one.metadata)) as unknown as readonly KubeObject[];
      return settingFindings(parts.checkSettings(objects), parts.languages);
    },
    workingTree: (directory) => parts.checkout.workingTree(directory),
    localCommit: (directory, name) => parts.checkout.localCommit(directory, name),
    sameRepository: (a, b) => parts.normalize(a) === parts.normalize(b),
    close: () => parts.close(),
  };
}

async function health(
  parts: WorkbenchParts,
  objects: readonly JsonObject[],
  config: Readonly<Record<string, string>>,
): Promise<HealthAnswer> {
  const settings = settingsOf(parts, config);
  const assess = createAssessor(parts.languages, () => settings);
  // Whatever is not an object of Kubernetes has no health, and judging it does no harm.
  const judged = await Promise.all(objects.map((object) => assess(object as KubeObject)));
  return { health: judged, problems: settings.problems };
}

function settingsOf(parts: WorkbenchParts, config: Readonly<Record<string, string>>): Settings {
  const argocd: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' }, data: config };
  return parts.checkSettings([argocd]).settings;
}

async function render(parts: WorkbenchParts, input: RenderInput): Promise<RenderOutput> {
  const trees = input.workingTrees ?? [];
  const { sources, renderer } = await parts.bench(trees);
  const { project } = input.application;
  const resolved = await Promise.all(
    input.sources.map((source, i) => {
      const revision = input.revisions?.[i] ?? '';
      return sources.resolve(revision === '' ? source : { ...source, targetRevision: revision }, project);
    }),
  );
  const revisions = resolved.map((one) => one.revision);
  const own = input.config === undefined ? defaultSettings : settingsOf(parts, input.config);
  const rendered = await renderer.render({
    application: input.application,
    sources: input.sources,
    revisions,
    kubeVersion: input.kubeVersion ?? parts.kubeVersion,
    apiVersions: input.apiVersions ?? [],
    settings: { ...own, ...input.settings },
  });
  const { manifests, sourceTypes } = rendered;
  const warnings = [...own.problems.map((message) => ({ type: 'settings', message })), ...rendered.warnings];
  const local = new Set(trees.map((tree) => tree.repoURL));
  const shown = input.sources.map((source, i) => (local.has(source.repoURL) ? 'working-tree' : (revisions[i] ?? '')));
  return { manifests, revisions: shown, sourceTypes, warnings };
}
