// The Workbench: rendering and comparing on this machine, without a cluster.
import type { RenderInput, RenderOutput, Workbench } from '../../contract/index.ts';
import { argocd } from '../../dialects/index.ts';
import { defaultSettings, isJsonObject, type KubeObject } from '../../model/index.ts';
import type { Renderer, Sources } from '../../ports/index.ts';
import { manifestChanges } from './manifest-changes.ts';

/** Sources and a renderer over them, in which these repositories are read from working trees. */
export type Bench = { readonly sources: Sources; readonly renderer: Renderer };

/** What a workbench is made of. */
export type WorkbenchParts = {
  readonly bench: (workingTrees: NonNullable<RenderInput['workingTrees']>) => Promise<Bench>;
  /** Kubernetes version that charts see when nobody says. */
  readonly kubeVersion: string;
  readonly normalize: (url: string) => string;
  readonly checkout: Pick<Workbench, 'workingTree' | 'localCommit'>;
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
    workingTree: (directory) => parts.checkout.workingTree(directory),
    localCommit: (directory, name) => parts.checkout.localCommit(directory, name),
    sameRepository: (a, b) => parts.normalize(a) === parts.normalize(b),
    close: () => parts.close(),
  };
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
  const rendered = await renderer.render({
    application: input.application,
    sources: input.sources,
    revisions,
    kubeVersion: input.kubeVersion ?? parts.kubeVersion,
    apiVersions: input.apiVersions ?? [],
    settings: defaultSettings,
  });
  const { manifests, sourceTypes, warnings } = rendered;
  const local = new Set(trees.map((tree) => tree.repoURL));
  const shown = input.sources.map((source, i) => (local.has(source.repoURL) ? 'working-tree' : (revisions[i] ?? '')));
  return { manifests, revisions: shown, sourceTypes, warnings };
}
