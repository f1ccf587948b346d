// What the benchmark applies: the four objects of an application, and the ten of the one whose commits are timed.

/** An object as JSON, and the paths under which the apiserver knows it. */
export type Made = { readonly kind: string; readonly namespace: string; readonly name: string; readonly body: string };

const collections: Readonly<Record<string, string>> = {
  ServiceAccount: '/api/v1',
  Service: '/api/v1',
  ConfigMap: '/api/v1',
  Deployment: '/apis/apps/v1',
};

/** The collections that the objects of an application lie in, over all namespaces. */
export const kinds: readonly string[] = Object.keys(collections);

/** The path of a kind's collection; of all namespaces when none is given. */
export function collection(kind: string, namespace = ''): string {
  const inside = namespace === '' ? '' : `/namespaces/${namespace}`;
  return `${collections[kind] ?? ''}${inside}/${kind.toLowerCase()}s`;
}

/** The path of an object. */
export function pathOf(made: Pick<Made, 'kind' | 'namespace' | 'name'>): string {
  return `${collection(made.kind, made.namespace)}/${made.name}`;
}

/** ServiceAccount, Service, Deployment with 0 replicas and ConfigMap of an application. */
export function fourObjects(namespace: string, name: string, version: string, tracked: boolean): readonly Made[] {
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'bench' };
  const make = (kind: string, apiVersion: string, group: string, rest: object): Made => {
    const id = `${name}:${group}/${kind}:${namespace}/${name}`;
    const annotations = tracked ? { annotations: { 'argocd.argoproj.io/tracking-id': id } } : {};
    const metadata = { name, namespace, labels, ...annotations };
    return { kind, namespace, name, body: JSON.stringify({ apiVersion, kind, metadata, ...rest }) };
  };
  return [
    make('ServiceAccount', 'v1', '', {}),
    make('ConfigMap', 'v1', '', { data: { version, 'application.properties': `name=${name}\nlevel=info\n` } }),
    make('Service', 'v1', '', { spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] } }),
    make('Deployment', 'apps/v1', 'apps', { spec: deploymentSpec(name, labels) }),
  ];
}

function deploymentSpec(name: string, labels: object): object {
  const container = {
    name,
    image: 'registry.example.com/bench:1.0.0',
    ports: [{ containerPort: 8080, name: 'http' }],
    envFrom: [{ configMapRef: { name } }],
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
    readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
  };
  const template = { metadata: { labels }, spec: { serviceAccountName: name, containers: [container] } };
  return { replicas: 0, selector: { matchLabels: labels }, template };
}

/** The files of an application: one manifest per file, as people write them. */
export function filesOf(folder: string, objects: readonly Made[]): Map<string, string> {
  return new Map(
    objects.map(({ kind, name, body }) => {
      const tidy = JSON.parse(body) as { metadata: Record<string, unknown> };
      // Without a namespace: the application's destination says it.
      delete tidy.metadata.namespace;
      return [`${folder}/${kind.toLowerCase()}-${name}.yaml`, yaml(tidy)] as const;
    }),
  );
}

/** Ten objects: the four of the application, and six more ConfigMaps that carry the version too. */
export function tenObjects(name: string, version: string): readonly Made[] {
  const more = Array.from({ length: 6 }, (_, i): Made => {
    const metadata = { name: `${name}-${i}`, labels: { 'app.kubernetes.io/part-of': 'bench' } };
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { version: i === 0 ? version : '1' } };
    return { kind: 'ConfigMap', namespace: '', name: `${name}-${i}`, body: JSON.stringify(body) };
  });
  return [...fourObjects('', name, version, false), ...more];
}

/** A chart that makes the same ten objects, for the commits that go through Helm. */
export function chartFiles(folder: string, name: string, version: string): Map<string, string> {
  const files = new Map<string, string>();
  files.set(`${folder}/Chart.yaml`, `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`);
  files.set(`${folder}/values.yaml`, `version: "${version}"\n`);
  for (const [path, text] of filesOf(`${folder}/templates`, tenObjects(name, 'VERSION'))) {
    files.set(path, text.replaceAll('"VERSION"', '{{ .Values.version | quote }}'));
  }
  return files;
}

// Block YAML of plain JSON: strings quoted, so that nothing is read as something else.
function yaml(value: unknown, indent = ''): string {
  const block = (item: unknown, deeper: string): string => {
    if (typeof item !== 'object' || item === null) return ` ${JSON.stringify(item)}\n`;
    if (Object.keys(item).length === 0) return Array.isArray(item) ? ' []\n' : ' {}\n';
    return `\n${yaml(item, deeper)}`;
  };
  if (Array.isArray(value)) return value.map((item) => `${indent}-${block(item, `${indent}  `)}`).join('');
  return Object.entries(value as object)
    .map(([key, item]) => `${indent}${key}:${block(item, `${indent}  `)}`)
    .join('');
}
