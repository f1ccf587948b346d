// Manifests that end-to-end tests put into their repositories. JSON is YAML.
import type { JsonObject } from '../../src/model/index.ts';

/** An object as the text of a file. */
export function text(...objects: readonly JsonObject[]): string {
  return objects.map((object) => `---\n${JSON.stringify(object, undefined, 1)}\n`).join('');
}

type Marks = { readonly annotations?: JsonObject; readonly labels?: JsonObject; readonly namespace?: string };

export function configMap(name: string, data: JsonObject = { key: 'value' }, marks: Marks = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...marks }, data };
}

export function serviceAccount(name: string, marks: Marks = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, ...marks } };
}

export function service(name: string, port = 80): JsonObject {
  const spec = { selector: { app: name }, ports: [{ port }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

/** A Deployment; with null the manifest does not say how many replicas there are. */
export function deployment(name: string, replicas: number | null = 1, image = 'registry.local/web:1'): JsonObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } };
  const scale = replicas === null ? {} : { replicas };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { ...scale, selector: { matchLabels: labels }, template },
  };
}

/** A Job; `hook` makes it one of a sync. */
export function job(name: string, hook?: string, annotations: JsonObject = {}): JsonObject {
  const hooks: JsonObject = hook === undefined ? {} : { 'argocd.argoproj.io/hook': hook };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations: { ...hooks, ...annotations } },
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'run', image: 'registry.local/run:1', command: ['true'] }],
        },
      },
    },
  };
}

/** A CustomResourceDefinition with a schema that takes everything. */
export function definition(group: string, kind: string, scope = 'Namespaced'): JsonObject {
  const singular = kind.toLowerCase();
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.${group}` },
    spec: {
      group,
      scope,
      names: { kind, singular, plural: `${singular}s`, listKind: `${kind}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

/** `argocd.argoproj.io/sync-wave`. */
export function wave(number: number): { readonly annotations: JsonObject } {
  return { annotations: { 'argocd.argoproj.io/sync-wave': String(number) } };
}
