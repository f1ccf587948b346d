// The annotation, label and finalizer keys of Argo CD that have a meaning here, and our own.

export const refreshAnnotation = 'argocd.argoproj.io/refresh';
export const skipReconcileAnnotation = 'argocd.argoproj.io/skip-reconcile';
export const syncOptionsAnnotation = 'argocd.argoproj.io/sync-options';
export const syncWaveAnnotation = 'argocd.argoproj.io/sync-wave';
export const hookAnnotation = 'argocd.argoproj.io/hook';
export const hookDeletePolicyAnnotation = 'argocd.argoproj.io/hook-delete-policy';
export const compareOptionsAnnotation = 'argocd.argoproj.io/compare-options';
export const ignoreHealthAnnotation = 'argocd.argoproj.io/ignore-healthcheck';
/** A rollback that holds against automated sync: JSON, see `readPin`. */
export const pinAnnotation = 'plumbline.dev/rollback-pin';

/** Cascades the deletion of an application to its objects; `/background` and `/foreground` may follow. */
export const resourcesFinalizer = 'resources-finalizer.argocd.argoproj.io';

/** How objects of a deleted application go, by its finalizers. */
export function cascadeOf(finalizers: readonly string[]): 'none' | 'foreground' | 'background' {
  if (finalizers.includes(`${resourcesFinalizer}/background`)) return 'background';
  if (finalizers.includes(resourcesFinalizer) || finalizers.includes(`${resourcesFinalizer}/foreground`))
    return 'foreground';
  return 'none';
}

/** True for a finalizer that is ours to remove. */
export function isOurFinalizer(finalizer: string): boolean {
  const ours = [
    resourcesFinalizer,
    'pre-delete-finalizer.argocd.argoproj.io',
    'post-delete-finalizer.argocd.argoproj.io',
  ];
  return ours.some((own) => finalizer === own || finalizer.startsWith(`${own}/`));
}

/** True for an annotation that other programs write without meaning anything for the application. */
export function isNoise(annotation: string): boolean {
  return (
    annotation === 'kubectl.kubernetes.io/last-applied-configuration' ||
    annotation.startsWith('notified.notifications.argoproj.io')
  );
}
