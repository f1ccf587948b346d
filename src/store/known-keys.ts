// Which keys of Argo CD's ConfigMaps are known: those that are read here, and those that Argo CD has and nothing here
// needs (yet). A key that is neither is most often a typing error.

/** What is known of a key. */
export type KeyKnown = 'used' | 'unused' | 'unknown';

const used: ReadonlySet<string> = new Set([
  'application.instanceLabelKey',
  'application.resourceTrackingMethod',
  'application.sync.impersonation.enabled',
  'globalProjects',
  'helm.enable',
  'helm.valuesFileSchemes',
  'installationID',
  'jsonnet.enable',
  'kustomize.buildOptions',
  'kustomize.enable',
  'plumbline.alerts.webhooks',
  'plumbline.forges',
  'plumbline.link',
  'plumbline.records.keep',
  'plumbline.records.maxAge',
  'plumbline.verdict.diffAfter',
  'plumbline.verdict.diffEvery',
  'plumbline.verdict.quietFor',
  'plumbline.verdict.silent',
  'plumbline.verdict.stalledAfter',
  'plumbline.writeback.comments',
  'plumbline.writeback.notes',
  'plumbline.writeback.refPrefix',
  'plumbline.writeback.refs',
  'plumbline.writeback.statuses',
  'resource.compareoptions',
  'resource.customizations',
  'resource.exclusions',
  'resource.inclusions',
  'resource.sensitive.mask.annotations',
  'timeout.reconciliation',
  'timeout.reconciliation.jitter',
]);

/** Keys of argocd-cm that Argo CD reads (util/settings of v3) and we do not. */
const unused: ReadonlySet<string> = new Set([
  'additionalUrls',
  'admin.enabled',
  'application.allowedNodeLabels',
  'application.links',
  'application.sync.impersonation.enforced',
  'application.sync.requireOverridePrivilegeForRevisionSync',
  'cluster.inClusterEnabled',
  'commit.author.email',
  'commit.author.name',
  'configManagementPlugins',
  'dex.auth.connectorId',
  'dex.config',
  'exec.enabled',
  'exec.shells',
  'extension.config',
  'ga.anonymizeusers',
  'ga.trackingid',
  'help.chatText',
  'help.chatUrl',
  'oidc.config',
  'oidc.tls.insecure.skip.verify',
  'passwordPattern',
  'project.links',
  'repositories',
  'repository.credentials',
  'resource.customLabels',
  'resource.excludeEventLabelKeys',
  'resource.ignoreResourceUpdatesEnabled',
  'resource.includeEventLabelKeys',
  'resource.links',
  'resource.respectRBAC',
  'server.maxPodLogsToRender',
  'sourceHydrator.commitMessageTemplate',
  'sourceHydrator.readmeMessageTemplate',
  'statusbadge.enabled',
  'statusbadge.url',
  'timeout.hard.reconciliation',
  'ui.bannercontent',
  'ui.bannerpermanent',
  'ui.bannerposition',
  'ui.bannerurl',
  'ui.cssurl',
  'ui.loginButtonText',
  'ui.view.resources.disabled',
  'url',
  'users.anonymous.enabled',
  'users.session.duration',
  'webhook.maxPayloadSizeMB',
  'webhook.refresh.jitter',
  'webhook.refresh.jitter.threshold',
]);

const usedFamilies = ['kustomize.buildOptions.', 'kustomize.path.', 'kustomize.version.', 'resource.customizations.'];
const unusedFamilies = ['accounts.', 'extension.config.', 'help.download.', 'server.rbac.'];

const usedParams: ReadonlySet<string> = new Set([
  'application.namespaces',
  'reposerver.max.combined.directory.manifests.size',
]);

/** The components that argocd-cmd-params-cm starts: each has many keys, and new ones with every version. */
const paramFamilies = [
  'applicationsetcontroller.',
  'commit.server',
  'commitserver.',
  'controller.',
  'dexserver.',
  'hydrator.',
  'log.format.',
  'notificationscontroller.',
  'otlp.',
  'redis.',
  'repo.server',
  'reposerver.',
  'server.',
];

/** What is known of a key of argocd-cm. */
export function configKey(key: string): KeyKnown {
  if (used.has(key) || usedFamilies.some((family) => key.startsWith(family))) return 'used';
  return unused.has(key) || unusedFamilies.some((family) => key.startsWith(family)) ? 'unused' : 'unknown';
}

/** What is known of a key of argocd-cmd-params-cm. */
export function paramKey(key: string): KeyKnown {
  if (usedParams.has(key)) return 'used';
  return paramFamilies.some((family) => key.startsWith(family)) ? 'unused' : 'unknown';
}

/** The known key that was most likely meant, undefined where none is near. */
export function nearestKey(key: string): string | undefined {
  const small = key.toLowerCase();
  let [best, least]: [string | undefined, number] = [undefined, 3];
  for (const known of [...used, ...unused, ...usedParams]) {
    const distance = distanceWithin(small, known.toLowerCase(), least);
    if (distance < least) [best, least] = [known, distance];
  }
  return best;
}

// Levenshtein's distance, `limit` where it is at least that.
function distanceWithin(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return Math.min(limit, row[b.length] ?? limit);
}
