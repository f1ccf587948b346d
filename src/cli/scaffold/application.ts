import { scalar } from './names.ts';

/** One Application as a file. */
export type Wanted = {
  readonly name: string;
  readonly project: string;
  readonly repoURL: string;
  readonly revision: string;
  readonly path: string;
  /** Where its objects go. */
  readonly namespace: string;
  /** Where the Applications themselves are. */
  readonly control: string;
  readonly environment?: string;
  readonly recurse?: boolean;
  /** Comment at its top, without `# `. */
  readonly about: string;
};

/** The text of an Application that syncs itself. */
export function applicationText(wanted: Wanted): string {
  const environment =
    wanted.environment === undefined ? [] : ['  annotations:', `    plumbline.dev/environment: ${wanted.environment}`];
  // Its objects go with it, the namespaces of a whole environment do not.
  const cascade =
    wanted.environment === undefined ? [] : ['  finalizers:', '    - resources-finalizer.argocd.argoproj.io'];
  return `${[
    `# ${wanted.about}`,
    'apiVersion: argoproj.io/v1alpha1',
    'kind: Application',
    'metadata:',
    `  name: ${wanted.name}`,
    `  namespace: ${wanted.control}`,
    ...environment,
    ...cascade,
    'spec:',
    `  project: ${wanted.project}`,
    '  source:',
    `    repoURL: ${scalar(wanted.repoURL)}`,
    `    targetRevision: ${scalar(wanted.revision)}`,
    `    path: ${scalar(wanted.path)}`,
    ...(wanted.recurse ? ['    directory:', '      recurse: true'] : []),
    '  destination:',
    '    server: https://kubernetes.default.svc',
    `    namespace: ${wanted.namespace}`,
    '  syncPolicy:',
    '    automated:',
    '      prune: true',
    '      selfHeal: true',
    ...(wanted.environment === undefined ? [] : ['    syncOptions:', '      - CreateNamespace=true']),
    '    retry:',
    '      limit: 5',
  ].join('\n')}\n`;
}
