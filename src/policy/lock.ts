// Locks as data: admission policies of Kubernetes by which nobody but the engine changes what an application keeps.
// There is no webhook to run: the apiserver itself evaluates them, with one parameter ConfigMap for each mode.
import type { Application, KubeObject, Project, Settings } from '../model/index.ts';

/** What happens to a direct change of an object of ours. */
export type LockMode = 'off' | 'warn' | 'deny';

/** One application that is locked in a cluster. */
export type Locked = {
  /** The name under which its objects are tracked. */
  readonly tracking: string;
  readonly mode: Exclude<LockMode, 'off'>;
  /** Where a change belongs: repository, path, branch and commit. */
  readonly place: string;
  /** Users and groups that may go on changing its objects; `*` at the end stands for anything. */
  readonly exempt: readonly string[];
  /** The group whose members may change anything, and are recorded. */
  readonly breakGlass: string;
};

/** Whose locks these are, and whom they let through. */
export type LockSetting = {
  /** Tells installations in one cluster apart. */
  readonly installation: string;
  readonly tracking: Pick<Settings, 'trackingMethod' | 'instanceLabelKey'>;
  /** Users under whose names the engine writes. */
  readonly engine: readonly string[];
};

/** The annotation on a project that says how its objects are locked. */
export const lockAnnotation = 'plumbline.dev/lock';
/** Its annotation that names users and groups which are let through, with commas. */
export const lockExemptAnnotation = 'plumbline.dev/lock-exempt';
/** Its annotation that names the break-glass group. */
export const lockGroupAnnotation = 'plumbline.dev/lock-break-glass-group';

/** The namespace of the parameters: it is in every cluster, and few may write there. */
export const lockNamespace = 'kube-system';
const usualGroup = 'plumbline:break-glass';
const version = 'admissionregistration.k8s.io/v1';

/** How a project is locked; what is not understood locks nothing and is a problem. */
export function lockModeOf(project: Pick<Project, 'annotations'>): LockMode {
  const written = project.annotations[lockAnnotation]?.trim().toLowerCase();
  return written === 'warn' || written === 'deny' ? written : 'off';
}

/** An application as it is locked; undefined when it is not. */
export function lockedBy(app: Application, project: Project): Locked | undefined {
  const mode = lockModeOf(project);
  if (mode === 'off' || app.deletion !== undefined) return undefined;
  const exempt = (project.annotations[lockExemptAnnotation] ?? '').split(',').map((one) => one.trim());
  return {
    tracking: app.trackingName,
    mode,
    place: placeOf(app),
    exempt: exempt.filter((one) => /^[^\s'"\\]+$/.test(one)),
    breakGlass: project.annotations[lockGroupAnnotation]?.trim() || usualGroup,
  };
}

function placeOf(app: Application): string {
  const [source] = app.sources;
  if (source === undefined) return 'its source';
  const repository = source.repoURL.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
  const what = source.chart === undefined ? `path ${source.path || '.'}` : `chart ${source.chart}`;
  const revision = app.report?.sync.revisions[0] ?? '';
  const now = /^[0-9a-f]{40,64}$/.test(revision) ? revision.slice(0, 7) : revision;
  const target = source.targetRevision === '' ? 'HEAD' : source.targetRevision;
  const more = app.sources.length > 1 ? ` and ${app.sources.length - 1} more` : '';
  return `${repository}, ${what}, at ${target}${now === '' ? '' : ` (now ${now})`}${more}`.replace(/\s+/g, ' ');
}

/** The name of the policy, and the beginning of the names of what belongs to it. */
export function lockName(installation: string): string {
  return `plumbline-lock-${installation}`;
}

/** Everything that the locks of one cluster consist of, in the order in which it is to be applied. */
export function lockObjects(setting: LockSetting, locked: readonly Locked[]): readonly KubeObject[] {
  const modes = (['deny', 'warn'] as const).filter((mode) => locked.some((one) => one.mode === mode));
  if (modes.length === 0) return [];
  return [
    ...modes.map((mode) => parameters(setting, mode, locked)),
    policy(setting),
    ...modes.map((mode) => binding(setting, mode)),
  ];
}

// One entry for each application: where a change belongs, who is let through, the break-glass group.
function parameters(setting: LockSetting, mode: 'warn' | 'deny', locked: readonly Locked[]): KubeObject {
  const data: Record<string, string> = {};
  const sorted = [...locked].sort((a, b) => (a.tracking < b.tracking ? -1 : 1));
  for (const { tracking, mode: own, place, exempt, breakGlass } of sorted) {
    if (own === mode) data[keyOf(setting, tracking)] = [place, exempt.join(','), breakGlass].join('\n');
  }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${lockName(setting.installation)}-${mode}`, namespace: lockNamespace, labels },
    data,
  };
}

const labels = { 'app.kubernetes.io/managed-by': 'plumbline' };

// Label values are cut at 63 characters, and so is what is looked up by them.
function keyOf({ tracking }: LockSetting, name: string): string {
  return tracking.trackingMethod === 'label' ? name.slice(0, 63) : name;
}

function binding({ installation }: LockSetting, mode: 'warn' | 'deny'): KubeObject {
  const name = lockName(installation);
  return {
    apiVersion: version,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: `${name}-${mode}`, labels },
    spec: {
      policyName: name,
      paramRef: { name: `${name}-${mode}`, namespace: lockNamespace, parameterNotFoundAction: 'Allow' },
      validationActions: mode === 'deny' ? ['Deny', 'Audit'] : ['Warn', 'Audit'],
    },
  };
}

function policy(setting: LockSetting): KubeObject {
  return {
    apiVersion: version,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: lockName(setting.installation), labels },
    spec: {
      failurePolicy: 'Fail',
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConstraints: {
        // `*` leaves subresources out: status, scale (autoscalers) and finalize go on as ever.
        resourceRules: [
          { apiGroups: ['*'], apiVersions: ['*'], operations: ['UPDATE', 'DELETE'], resources: ['*'], scope: '*' },
        ],
        excludeResourceRules: [
          { apiGroups: ['coordination.k8s.io'], apiVersions: ['*'], operations: ['*'], resources: ['leases'] },
          { apiGroups: ['', 'events.k8s.io'], apiVersions: ['*'], operations: ['*'], resources: ['events'] },
          { apiGroups: ['discovery.k8s.io'], apiVersions: ['*'], operations: ['*'], resources: ['endpointslices'] },
        ],
        matchPolicy: 'Equivalent',
      },
      matchConditions: matchConditions(setting),
      variables: variables(setting),
      validations: [
        {
          expression: '!variables.locked || variables.exempt || variables.glass',
          messageExpression:
            "request.kind.kind + ' ' + variables.name + ' is kept as Git says by Plumbline (application ' + variables.app + '): change it in ' + variables.entry[0] + ' instead; in an emergency members of the group ' + variables.entry[2] + ' may change it here'",
          reason: 'Forbidden',
        },
      ],
      auditAnnotations: [
        {
          key: 'lock',
          valueExpression:
            "variables.locked && !variables.exempt ? (variables.glass ? 'break-glass: ' : 'direct change: ') + request.userInfo.username + ' ' + request.operation + ' ' + request.kind.kind + ' ' + variables.name + ' of ' + variables.app : ''",
        },
      ],
    },
  };
}

/** Controllers of Kubernetes itself. Its other controllers are accounts of kube-system. */
const controllers = [
  'system:apiserver',
  'system:kube-controller-manager',
  'system:kube-scheduler',
  'system:cloud-controller-manager',
];
const controllerGroups = ['system:nodes', 'system:serviceaccounts:kube-system'];

// The cheapest first: nearly every request of a cluster ends here.
function matchConditions({
  engine,
  tracking,
}: LockSetting): readonly { readonly name: string; readonly expression: string }[] {
  const annotated = `has(oldObject.metadata.annotations) && ${quoted(trackingAnnotation)} in oldObject.metadata.annotations`;
  const labelled = `has(oldObject.metadata.labels) && ${quoted(tracking.instanceLabelKey)} in oldObject.metadata.labels`;
  return [
    { name: 'tracked', expression: tracking.trackingMethod === 'label' ? labelled : annotated },
    { name: 'not-the-engine', expression: `!(request.userInfo.username in ${listed([...engine, ...controllers])})` },
    {
      name: 'no-controller',
      expression: `!has(request.userInfo.groups) || !request.userInfo.groups.exists(g, g in ${listed(controllerGroups)})`,
    },
  ];
}

const trackingAnnotation = 'argocd.argoproj.io/tracking-id';

function variables({ tracking }: LockSetting): readonly { readonly name: string; readonly expression: string }[] {
  const byAnnotation = `oldObject.metadata.annotations[${quoted(trackingAnnotation)}].split(':', 3)`;
  // A copy carries the mark of its original along: only the object that the mark names is ours.
  const ownMark =
    "size(variables.mark) == 3 && variables.mark[1] == request.kind.group + '/' + request.kind.kind && variables.mark[2].endsWith('/' + oldObject.metadata.name)";
  const isLabel = tracking.trackingMethod === 'label';
  return [
    ...(isLabel ? [] : [{ name: 'mark', expression: byAnnotation }]),
    {
      name: 'app',
      expression: isLabel
        ? `oldObject.metadata.labels[${quoted(tracking.instanceLabelKey)}]`
        : `${ownMark} ? variables.mark[0] : ''`,
    },
    {
      name: 'name',
      expression:
        "has(oldObject.metadata.namespace) ? oldObject.metadata.namespace + '/' + oldObject.metadata.name : oldObject.metadata.name",
    },
    {
      name: 'entry',
      expression:
        "has(params.data) && variables.app in params.data ? params.data[variables.app].split('\\n') : ['', '', '']",
    },
    { name: 'changes', expression: changes },
    { name: 'locked', expression: "variables.entry[0] != '' && variables.changes" },
    {
      name: 'who',
      expression: '[request.userInfo.username] + (has(request.userInfo.groups) ? request.userInfo.groups : [])',
    },
    {
      name: 'exempt',
      expression:
        "variables.entry[1].split(',').exists(e, e != '' && variables.who.exists(w, w == e || (e.endsWith('*') && w.startsWith(e.substring(0, size(e) - 1)))))",
    },
    { name: 'glass', expression: 'variables.entry[2] in variables.who' },
  ];
}

/*
 * Status, owners, finalizers and what the server itself writes may change; everything else of an object may not.
 * What clients ask of an Application (a sync, a refresh, a rollback) is a request to the engine, not a change of it.
 */
const changes = [
  "request.operation == 'DELETE'",
  "object.exists(k, !(k in ['apiVersion', 'kind', 'metadata', 'status', 'operation']) && (!(k in oldObject) || object[k] != oldObject[k]))",
  "oldObject.exists(k, !(k in ['apiVersion', 'kind', 'metadata', 'status', 'operation']) && !(k in object))",
  `(request.kind.group != 'argoproj.io' && (${['annotations', 'labels'].map(mapChanged).join(' || ')}))`,
].join(' || ');

function mapChanged(key: string): string {
  const of = (side: string): string => `(has(${side}.metadata.${key}) ? ${side}.metadata.${key} : {})`;
  return `${of('object')} != ${of('oldObject')}`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (char) => `\\${char}`)}'`;
}

function listed(texts: readonly string[]): string {
  return `[${[...new Set(texts)].map(quoted).join(', ')}]`;
}
