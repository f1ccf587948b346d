/**
 * The Deployment of a workload, as safe as the restricted Pod Security Standard asks, and kind to those who call it
 * while it is replaced.
 */
import type { JsonObject } from '../../model/index.ts';
import { claimObject, volumeName, volumeObject } from './claims.ts';
import { mountFiles } from './files.ts';
import { probesOf } from './probes.ts';
import type { Container, Mount, Variable, Workload } from './workload.ts';

/** The user that owns volumes when the workload names none. */
const defaultGroup = 65_532;

/** The Deployment, with the ConfigMaps and claims that it mounts before it. */
export function deploymentOf(workload: Workload, metadata: JsonObject, selector: JsonObject): readonly JsonObject[] {
  const { name, containers, claims, traits } = workload;
  const carried = containers.map((container, i) => {
    const place = { name: `${name}-${container.name}-files`, volume: `files-${i}`, metadata };
    return { container, files: mountFiles(container.files, place) };
  });
  const digests = carried.flatMap(({ files }) => files?.digest ?? []);
  const annotations = digests.length === 0 ? {} : { annotations: { 'checksum/files': digests.join('-') } };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, name },
    spec: {
      ...(traits.autoscale === undefined ? { replicas: traits.replicas } : {}),
      revisionHistoryLimit: 5,
      selector: { matchLabels: selector },
      strategy: strategyOf(workload),
      template: {
        metadata: { labels: metadata.labels ?? {}, ...annotations },
        spec: podOf(workload, selector, carried),
      },
    },
  };
  const configMaps = carried.flatMap(({ files }) => (files === undefined ? [] : [files.configMap]));
  return [...configMaps, ...claims.map((claim) => claimObject(claim, metadata)), deployment];
}

// A volume that one node holds cannot be with the old pod and the new one.
function strategyOf({ claims }: Workload): JsonObject {
  if (claims.some((claim) => claim.accessMode !== 'ReadWriteMany')) return { type: 'Recreate' };
  return { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
}

type Carried = readonly { readonly container: Container; readonly files: ReturnType<typeof mountFiles> }[];

function podOf(workload: Workload, selector: JsonObject, carried: Carried): JsonObject {
  const { traits, containers } = workload;
  const sources = new Map(
    containers.flatMap((one) => one.mounts).map((mount) => [volumeName(mount.volume), mount.volume]),
  );
  const scratch = traits.writable
    ? []
    : containers.flatMap((one, i) => (hasTmp(one) ? [] : [{ name: `tmp-${i}`, emptyDir: {} }]));
  const volumes = [
    ...carried.flatMap(({ files }) => (files === undefined ? [] : [files.volume])),
    ...[...sources.values()].map(volumeObject),
    ...scratch,
  ];
  return {
    automountServiceAccountToken: traits.serviceAccount !== undefined,
    ...(traits.serviceAccount === undefined ? {} : { serviceAccountName: traits.serviceAccount }),
    ...(traits.pullSecret === undefined ? {} : { imagePullSecrets: [{ name: traits.pullSecret }] }),
    enableServiceLinks: false,
    terminationGracePeriodSeconds: traits.grace,
    securityContext: podSecurity(workload),
    ...spreadOf(workload, selector),
    containers: carried.map(({ container, files }, i) => containerOf(workload, container, i, files?.mounts ?? [])),
    ...(volumes.length === 0 ? {} : { volumes }),
  };
}

function podSecurity({ traits, containers, ports }: Workload): JsonObject {
  const mounts = containers.some((one) => one.mounts.length > 0);
  const low = ports.some((port) => port.target < 1024);
  return {
    ...(traits.root ? {} : { runAsNonRoot: true }),
    ...(traits.user === undefined ? {} : { runAsUser: traits.user, runAsGroup: traits.user }),
    ...(mounts && !traits.root ? { fsGroup: traits.user ?? defaultGroup, fsGroupChangePolicy: 'OnRootMismatch' } : {}),
    seccompProfile: { type: 'RuntimeDefault' },
    // Without root only this lets a program listen below 1024.
    ...(low ? { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] } : {}),
  };
}

/** Replicas on different nodes, and in different zones, where there are any. */
function spreadOf({ traits }: Workload, selector: JsonObject): JsonObject {
  if ((traits.autoscale?.max ?? traits.replicas) < 2) return {};
  const over = (topologyKey: string): JsonObject => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selector },
    // Each revision is spread by itself: old pods do not push new ones together.
    matchLabelKeys: ['pod-template-hash'],
  });
  return { topologySpreadConstraints: [over('kubernetes.io/hostname'), over('topology.kubernetes.io/zone')] };
}

function hasTmp(container: Container): boolean {
  return container.mounts.some((mount) => mount.target.replace(/\/+$/, '') === '/tmp');
}

function containerOf(workload: Workload, one: Container, index: number, files: readonly JsonObject[]): JsonObject {
  const { traits, ports } = workload;
  const listens = index === 0 && ports.length > 0;
  const mounts = [
    ...files,
    ...one.mounts.map(mountOf),
    ...(traits.writable || hasTmp(one) ? [] : [{ name: `tmp-${index}`, mountPath: '/tmp' }]),
  ];
  const env = one.variables.map(variableOf);
  return {
    name: one.name,
    image: one.image,
    ...(one.command === undefined ? {} : { command: one.command }),
    ...(one.args === undefined ? {} : { args: one.args }),
    ...(listens ? { ports: containerPorts(workload) } : {}),
    ...(env.length === 0 ? {} : { env }),
    resources: { requests: one.requests, limits: one.limits },
    ...probesOf(one.liveness, one.readiness),
    // Those who route to it need a moment to learn that it goes.
    ...(listens && traits.grace > 10 ? { lifecycle: { preStop: { sleep: { seconds: 5 } } } } : {}),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: traits.root ? { drop: ['NET_RAW'] } : { drop: ['ALL'] },
      ...(traits.writable ? {} : { readOnlyRootFilesystem: true }),
    },
    ...(mounts.length === 0 ? {} : { volumeMounts: mounts }),
  };
}

// Two ports of the service may lead to one of the container.
function containerPorts({ ports }: Workload): readonly JsonObject[] {
  const byTarget = new Map(ports.map((port) => [`${port.target} ${port.protocol}`, port]));
  return [...byTarget.values()].map(({ target, protocol }) => ({ containerPort: target, protocol }));
}

function mountOf({ volume, target, subPath, readOnly }: Mount): JsonObject {
  return {
    name: volumeName(volume),
    mountPath: target,
    ...(subPath === undefined ? {} : { subPath }),
    ...(readOnly ? { readOnly } : {}),
  };
}

function variableOf(variable: Variable): JsonObject {
  if (variable.kind === 'text') return { name: variable.name, value: variable.value };
  const { name, kind, from, key } = variable;
  const field = kind === 'secret' ? 'secretKeyRef' : 'configMapKeyRef';
  return { name, valueFrom: { [field]: { name: from, key } } };
}
