// Who writes objects for a living: ourselves, and those from whom we take objects over.

/** The field manager under which everything is applied. */
export const fieldManager = 'plumbline';

/** Field managers whose fields become ours when we write an object: kubectl, Helm, other GitOps engines. */
export const earlierAppliers: ReadonlySet<string> = new Set([
  'kubectl-client-side-apply',
  'kubectl-last-applied',
  'kubectl',
  'before-first-apply',
  'helm',
  'argocd-controller',
  'argocd',
  'argocd-application-controller',
  'kustomize-controller',
  'helm-controller',
]);
