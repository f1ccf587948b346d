/** Storage: the claims that are made, and the volumes of a pod. */
import type { JsonObject } from '../../model/index.ts';
import type { Claim, VolumeSource } from './workload.ts';

/** A PersistentVolumeClaim. It is not pruned with its workload: data outlives a mistake in a file. */
export function claimObject({ name, size, storageClass, accessMode }: Claim, metadata: JsonObject): JsonObject {
  const annotations = {
    ...((metadata.annotations ?? {}) as JsonObject),
    'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
  };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...metadata, name, annotations },
    spec: {
      accessModes: [accessMode],
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      resources: { requests: { storage: size } },
    },
  };
}

/** The name of a volume in its pod. */
export function volumeName({ kind, name }: VolumeSource): string {
  return `${kind}-${name.replaceAll('.', '-')}`.slice(0, 63).replace(/-+$/, '');
}

/** The volume of a pod. */
export function volumeObject(source: VolumeSource): JsonObject {
  const name = volumeName(source);
  switch (source.kind) {
    case 'claim':
      return { name, persistentVolumeClaim: { claimName: source.name } };
    case 'secret':
      return { name, secret: { secretName: source.name } };
    case 'config':
      return { name, configMap: { name: source.name } };
    case 'scratch':
      return { name, emptyDir: source.size === undefined ? {} : { sizeLimit: source.size } };
  }
}
