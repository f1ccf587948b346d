// AppProject custom resource → model. Roles and tokens belong to the API and are read there.
import {
  annotationsOf,
  type IntegrityPolicy,
  isJsonObject,
  type KindRule,
  type KubeObject,
  labelsOf,
  type Project,
  type SyncWindow,
  stringAt,
} from '../../model/index.ts';
import { compact } from './compact.ts';
import { parseDuration } from './duration.ts';
import { child, children, type Fields, field, flag, items, pathOf, text, textOrNone, texts } from './fields.ts';

/** Reads an AppProject; what is wrong with its form is listed in `problems`. */
export function readProject(resource: KubeObject): Project {
  const problems: string[] = [];
  const written = resource.spec;
  if (!isJsonObject(written)) problems.push('spec: is needed');
  const spec: Fields = { value: isJsonObject(written) ? written : {}, path: 'spec', problems };
  return compact<Project>({
    name: stringAt(resource.metadata, 'name') ?? '',
    description: text(spec, 'description'),
    sourceRepos: texts(spec, 'sourceRepos'),
    destinations: children(spec, 'destinations').map((item) =>
      compact<Project['destinations'][number]>({
        server: textOrNone(item, 'server'),
        name: textOrNone(item, 'name'),
        namespace: text(item, 'namespace'),
      }),
    ),
    clusterAllow: readKinds(spec, 'clusterResourceWhitelist'),
    clusterDeny: readKinds(spec, 'clusterResourceBlacklist'),
    // An empty list allows nothing, an absent one everything.
    namespaceAllow:
      field(spec, 'namespaceResourceWhitelist') === undefined
        ? undefined
        : readKinds(spec, 'namespaceResourceWhitelist'),
    namespaceDeny: readKinds(spec, 'namespaceResourceBlacklist'),
    sourceNamespaces: texts(spec, 'sourceNamespaces'),
    orphaned: readOrphaned(spec),
    windows: children(spec, 'syncWindows').map(readWindow),
    permitOnlyProjectScopedClusters: flag(spec, 'permitOnlyProjectScopedClusters'),
    destinationServiceAccounts: children(spec, 'destinationServiceAccounts').map((item) => ({
      server: text(item, 'server'),
      namespace: text(item, 'namespace'),
      serviceAccount: text(item, 'defaultServiceAccount'),
    })),
    integrity: readIntegrity(spec),
    labels: labelsOf(resource),
    annotations: annotationsOf(resource),
    problems,
  });
}

/** A project that allows everything: what `default` is until somebody declares it otherwise. */
export function allowAllProject(name: string): Project {
  return {
    name,
    description: '',
    sourceRepos: ['*'],
    destinations: [{ server: '*', namespace: '*' }],
    clusterAllow: [{ group: '*', kind: '*' }],
    clusterDeny: [],
    namespaceDeny: [],
    sourceNamespaces: [],
    windows: [],
    permitOnlyProjectScopedClusters: false,
    destinationServiceAccounts: [],
    labels: {},
    annotations: {},
    problems: [],
  };
}

/** The resource of the project that allows everything, as Argo CD creates `default`. */
export function writeAllowAllProject(name: string, namespace: string): KubeObject {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name, namespace },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ server: '*', namespace: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    },
  };
}

function readKinds(spec: Fields, key: string): readonly KindRule[] {
  return children(spec, key).map(readKind);
}

function readKind(item: Fields): KindRule {
  return compact<KindRule>({ group: text(item, 'group'), kind: text(item, 'kind'), name: textOrNone(item, 'name') });
}

function readOrphaned(spec: Fields): Project['orphaned'] {
  const orphaned = child(spec, 'orphanedResources');
  // Absent means that it warns (Argo CD).
  const warn = orphaned !== undefined && (field(orphaned, 'warn') === undefined || flag(orphaned, 'warn'));
  return orphaned && { warn, ignore: readKinds(orphaned, 'ignore') };
}

// The older `signatureKeys` are one policy for every repository.
function readIntegrity(spec: Fields): readonly IntegrityPolicy[] | undefined {
  const integrity = child(spec, 'sourceIntegrity');
  const old = children(spec, 'signatureKeys').map((item) => text(item, 'keyID'));
  const git = integrity && child(integrity, 'git');
  const policies = git && children(git, 'policies');
  if (policies === undefined) return old.length === 0 ? undefined : [{ repos: ['*'], mode: 'head', keys: old }];
  if (old.length > 0) spec.problems.push('spec.signatureKeys: cannot be used together with spec.sourceIntegrity');
  return policies.map(readPolicy);
}

function readPolicy(item: Fields): IntegrityPolicy {
  const methods = ['gpg', 'ssh'].flatMap((name) => child(item, name) ?? []);
  if (methods.length === 0) item.problems.push(`${pathOf(item, 'gpg')}: is needed`);
  const modes = [...new Set(methods.map((method) => text(method, 'mode')))];
  const mode = (['none', 'head', 'strict'] as const).find((one) => modes.length === 1 && one === modes[0]);
  if (mode === undefined) item.problems.push(`${pathOf(item, 'gpg.mode')}: must be none, head or strict`);
  // What cannot be read must not open a door.
  return {
    repos: readRepos(item),
    mode: mode ?? 'strict',
    keys: methods.flatMap((method) => texts(method, 'keys')),
  };
}

// `{url: GLOB}`; the first documents of Argo CD had the glob alone.
function readRepos(item: Fields): readonly string[] {
  return items(item, 'repos').map(({ value, path }) => {
    const url = isJsonObject(value) ? value.url : value;
    if (typeof url === 'string' && url !== '') return url;
    item.problems.push(`${path}.url: is needed`);
    return '*';
  });
}

function readWindow(item: Fields): SyncWindow {
  const kind = text(item, 'kind');
  if (kind !== 'allow' && kind !== 'deny') item.problems.push(`${pathOf(item, 'kind')}: must be allow or deny`);
  const written = text(item, 'duration');
  const duration = parseDuration(written);
  if (duration === undefined || duration < 0)
    item.problems.push(`${pathOf(item, 'duration')}: must be a duration such as 30m or 1h`);
  return {
    // A window of unknown kind must not open a door.
    kind: kind === 'allow' ? 'allow' : 'deny',
    schedule: text(item, 'schedule'),
    duration: Math.max(0, duration ?? 0),
    applications: texts(item, 'applications'),
    namespaces: texts(item, 'namespaces'),
    clusters: texts(item, 'clusters'),
    manualSync: flag(item, 'manualSync'),
    andOperator: flag(item, 'andOperator'),
    syncOverrun: flag(item, 'syncOverrun'),
    timeZone: textOrNone(item, 'timeZone') ?? 'UTC',
    description: text(item, 'description'),
  };
}
