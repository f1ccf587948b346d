// Health of Crossplane's kinds: any managed resource, and those whose groups have older, more talkative forms.

import { isJsonObject, type JsonObject, type KubeObject } from '../../model/index.ts';
import { conditionsOf, dig, hasIn, itemsIn, statusOf, textIn, typed } from '../read.ts';
import {
  type Check,
  type Checks,
  eachKind,
  find,
  firstOf,
  given,
  health,
  itsReason,
  otherwise,
  type Say,
  when,
} from '../rules.ts';

/** Kinds that are settings: their controllers report nothing of them until they are used. */
const settings = new Set([
  'Composition',
  'CompositionRevision',
  'DeploymentRuntimeConfig',
  'ControllerConfig',
  'ClusterProviderConfig',
  'ProviderConfig',
  'ProviderConfigUsage',
  'ClusterProviderConfigUsage',
  'EnvironmentConfig',
  'ImageConfig',
  'StoreConfig',
]);
const upTypes = ['Ready', 'Healthy', 'Offered', 'Established', 'ValidPipeline', 'RevisionHealthy'];

const messageOrReason: Say = (it) => textIn(it, 'message') || textIn(it, 'reason');

const managed: Check = firstOf(
  given((object) => settings.has(object.kind) && isEmpty(object), 'Healthy', 'Resource is up-to-date.'),
  find((it) => it.type === 'Synced' && it.reason === 'ReconcilePaused', 'Suspended', messageOrReason),
  given(isUsedConfig, 'Healthy', 'Resource is in use.'),
  when(['LastAsyncOperation', 'Synced'], 'False', 'Degraded'),
  when(upTypes, 'True', 'Healthy', 'Resource is up-to-date.'),
  otherwise('Progressing', 'Provisioning ...'),
);

/** Packages are installed first and then healthy; the reasons of both are said. */
function packaged(object: KubeObject) {
  const conditions = conditionsOf(object);
  const installed = typed(conditions, 'Installed');
  const well = typed(conditions, 'Healthy');
  if (installed === undefined && well === undefined) {
    return health('Progressing', `Waiting for ${object.kind.toLowerCase()} to be installed`);
  }
  const reasons = [installed, well].map((it) => (it === undefined ? '' : textIn(it, 'reason'))).join(' ');
  if (installed?.status === 'True' && well?.status === 'True') return health('Healthy', reasons.trim());
  return health('Degraded', reasons.trim());
}

/** One version of a package. An inactive one is kept to go back to and only has to be sound. */
function revision(object: KubeObject) {
  const well = conditionsOf(object).filter((it) => upTypes.includes(textIn(it, 'type')));
  if (well.length === 0) return health('Progressing', `Waiting for ${object.kind}`);
  const told = well.find((it) => it.status !== 'True') ?? well[0];
  const reason = told === undefined ? '' : textIn(told, 'reason');
  return health(well.every((it) => it.status === 'True') ? 'Healthy' : 'Degraded', reason);
}

/** The resources of provider-aws: a failed reconciliation decides, then Ready. */
function aws(name: string): Check {
  return firstOf(
    find((it) => it.type === 'Synced' && it.reason === 'ReconcilePaused', 'Suspended', itsReason),
    find((it) => it.type === 'Synced' && it.status === 'False', 'Degraded'),
    when('Ready', 'True', 'Healthy', itsReason),
    given((object) => conditionsOf(object).length > 0, 'Progressing', `Waiting for ${name} to be available`),
    otherwise('Progressing', `Waiting for ${name} to be created`),
  );
}

function stack(object: KubeObject) {
  const conditions = conditionsBelow(object);
  const ready = typed(conditions, 'Ready');
  if (ready?.status === 'True') return health('Healthy', textIn(ready, 'reason'));
  if (ready !== undefined) return health('Progressing', textIn(ready, 'reason'));
  return health('Progressing', 'Waiting for stack to be installed');
}

/** Checks of Crossplane; the first wildcards are those of its own groups, the last those of Upbound's providers. */
export const crossplane: Checks = {
  ...eachKind('pkg.crossplane.io', ['Provider', 'Configuration', 'Function'], packaged),
  ...eachKind('pkg.crossplane.io', ['ProviderRevision', 'ConfigurationRevision', 'FunctionRevision'], revision),
  'stacks.crossplane.io/ClusterStackInstall': stack,
  'stacks.crossplane.io/StackInstall': stack,
  'rds.aws.crossplane.io/DBCluster': aws('DBCluster'),
  'rds.aws.crossplane.io/DBInstance': aws('DBInstance'),
  'route53.aws.crossplane.io/ResourceRecordSet': aws('resourcrecordset'),
  'iam.aws.crossplane.io/Policy': aws('Policy'),
  'iam.aws.crossplane.io/Role': aws('Role'),
  'iam.aws.crossplane.io/RolePolicyAttachment': aws('RolePolicyAttachment'),
  's3.aws.crossplane.io/Bucket': aws('Bucket'),
  '*.crossplane.io/*': managed,
  '*.upbound.io/*': managed,
};

function isEmpty(object: KubeObject): boolean {
  return !hasIn(object, 'status') || Object.keys(statusOf(object)).length === 0;
}

function isUsedConfig(object: KubeObject): boolean {
  return (
    object.kind.endsWith('ProviderConfig') && conditionsOf(object).length === 0 && hasIn(statusOf(object), 'users')
  );
}

function conditionsBelow(object: KubeObject): readonly JsonObject[] {
  const nested = dig(object, ['status', 'conditionedStatus']);
  return isJsonObject(nested) ? itemsIn(nested, 'conditions') : [];
}
