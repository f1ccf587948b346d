/** The short form, `workload.yaml`: what a service needs and nothing else, as a Workload. */

import { checkSize, type Folder, readFiles } from './files.ts';
import {
  countOf,
  entriesOf,
  fieldsOf,
  flagOf,
  matching,
  needed,
  oneOf,
  type Problems,
  textOf,
  textsOf,
  throwProblems,
} from './form.ts';
import type { Node } from './node.ts';
import { literal } from './placeholders.ts';
import { imageForm, mountForm, readImage, variableForm } from './read-container.ts';
import { workloadName } from './read-score.ts';
import { accessModes, checkSharing } from './resources.ts';
import { hostForm, pathForm, secretOf } from './routes.ts';
import { memoryForm, objectName, readTraits, traitNames } from './traits.ts';
import type { Claim, Container, Handler, Mount, Port, Route, Traits, Variable, Workload } from './workload.ts';

const names = [
  'name',
  'image',
  'command',
  'args',
  'port',
  'env',
  'host',
  'path',
  'health',
  'files',
  'volumes',
  'annotations',
  ...traitNames,
] as const;

/** Reads a document; `stem` is the name when it has none. EngineError `manifest-invalid` lists what is wrong. */
export async function readShort(node: Node, folder: Folder, stem: string | undefined): Promise<Workload> {
  const problems: Problems = [];
  const fields = fieldsOf(node, names, '', problems);
  if (fields === undefined) {
    throwProblems(problems);
    throw new Error('unreachable');
  }
  const { place } = fields;
  const wanted = 'a name of a-z, 0-9 and -, at most 63, that starts with a letter';
  const named = matching(fields.get('name'), 'name', workloadName, wanted, problems) ?? stem;
  const name = named ?? 'workload';
  if (stem === undefined) needed(fields.get('name'), place, 'name', problems);
  const traits = readTraits(fields.get, (trait) => trait, problems);
  const port = countOf(fields.get('port'), 'port', [1, 65_535], problems);
  const ports: readonly Port[] =
    port === undefined ? [] : [{ name: 'http', port: port === 443 ? 443 : 80, target: port, protocol: 'TCP' }];
  const image = readImage(fields.get('image'), 'image', problems);
  needed(fields.get('image'), place, 'image', problems);
  const command = textsOf(fields.get('command'), 'command', problems);
  const args = textsOf(fields.get('args'), 'args', problems);
  const files = await readFiles(fields.get('files'), 'files', { folder, problems });
  checkSize(files, place, problems);
  const claims: Claim[] = [];
  const health = readHealth(fields.get('health'), port, problems);
  const container: Container = {
    name,
    image: image !== undefined && imageForm.test(image) ? image : '',
    variables: readEnv(fields.get('env'), problems),
    files,
    mounts: readVolumes(fields.get('volumes'), name, claims, problems),
    requests: traits.size,
    limits: { memory: traits.size.memory },
    ...(command === undefined ? {} : { command }),
    ...(args === undefined ? {} : { args }),
    ...health,
  };
  const path = matching(fields.get('path'), 'path', pathForm, 'a path that starts with /', problems);
  const routes = readHosts(fields.get('host'), { name, path: path ?? '/', ports, traits, problems });
  const annotations = Object.fromEntries(
    entriesOf(fields.get('annotations'), 'annotations', problems).map((entry) => [
      entry.name,
      textOf(entry.node, `annotations.${entry.name}`, problems) ?? '',
    ]),
  );
  checkSharing({ traits, claims, place }, problems);
  throwProblems(problems);
  return { place: node.place, name, annotations, containers: [container], ports, routes, claims, traits };
}

const envNames = ['secret', 'config', 'key'] as const;

/** `NAME: text`, or `NAME: {secret: web-db, key: password}`. */
function readEnv(node: Node | undefined, problems: Problems): readonly Variable[] {
  return entriesOf(node, 'env', problems).flatMap(({ name, key: at, node: value }): Variable[] => {
    if (!variableForm.test(name)) problems.push({ place: at, message: `env: not the name of a variable: "${name}"` });
    if (value.kind !== 'map') {
      const text = textOf(value, `env.${name}`, problems);
      return text === undefined ? [] : [{ name, kind: 'text', value: literal(text) }];
    }
    const fields = fieldsOf(value, envNames, `env.${name}`, problems);
    const secret = matching(fields?.get('secret'), `env.${name}.secret`, objectName, 'a name', problems);
    const config = matching(fields?.get('config'), `env.${name}.config`, objectName, 'a name', problems);
    const key = textOf(fields?.get('key'), `env.${name}.key`, problems) ?? name;
    const from = secret ?? config;
    if (from === undefined || (secret !== undefined && config !== undefined)) {
      problems.push({ place: value.place, message: `env.${name} needs text, or {secret, key}, or {config, key}` });
      return [];
    }
    return [{ name, kind: secret === undefined ? 'config' : 'secret', from, key }];
  });
}

/** A path, `{path, port}`, or false. Without one a port that accepts connections is healthy enough. */
function readHealth(
  node: Node | undefined,
  port: number | undefined,
  problems: Problems,
): { readonly liveness?: Handler; readonly readiness?: Handler } {
  if (node?.kind === 'scalar' && node.value === false) return {};
  if (node === undefined) return port === undefined ? {} : { readiness: { kind: 'tcp', port } };
  const fields = node.kind === 'map' ? fieldsOf(node, ['path', 'port'], 'health', problems) : undefined;
  const written = fields === undefined ? node : fields.get('path');
  const path = matching(written, 'health', pathForm, 'a path that starts with /, or false', problems);
  const at = countOf(fields?.get('port'), 'health.port', [1, 65_535], problems) ?? port;
  if (at === undefined) problems.push({ place: node.place, message: 'health needs a port: set port, or health.port' });
  if (path === undefined || at === undefined) return {};
  const handler: Handler = { kind: 'http', path, port: at, scheme: 'HTTP', headers: [] };
  return { liveness: handler, readiness: handler };
}

/** `/data: 1Gi`, or `/data: {size, storageClass}`, `{ephemeral: true}`, `{claim}`, `{secret}`, `{config}`. */
function readVolumes(node: Node | undefined, workload: string, claims: Claim[], problems: Problems): readonly Mount[] {
  return entriesOf(node, 'volumes', problems).flatMap(({ name: target, key, node: one }): Mount[] => {
    const what = `volumes.${target}`;
    if (!mountForm.test(target)) problems.push({ place: key, message: `${what}: must be an absolute path` });
    const plain =
      target
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '') || 'root';
    const name = `${workload}-${plain}`;
    const fields =
      one.kind === 'map'
        ? fieldsOf(
            one,
            ['size', 'storageClass', 'ephemeral', 'accessMode', 'claim', 'secret', 'config', 'readOnly'],
            what,
            problems,
          )
        : undefined;
    const readOnly = flagOf(fields?.get('readOnly'), `${what}.readOnly`, problems) ?? false;
    for (const kind of ['claim', 'secret', 'config'] as const) {
      const from = matching(fields?.get(kind), `${what}.${kind}`, objectName, 'a name', problems);
      if (from !== undefined) return [{ volume: { kind, name: from }, target, readOnly: readOnly || kind !== 'claim' }];
    }
    const written = fields === undefined ? one : fields.get('size');
    const size = matching(
      written,
      fields === undefined ? what : `${what}.size`,
      memoryForm,
      'bytes like 1Gi',
      problems,
    );
    if (flagOf(fields?.get('ephemeral'), `${what}.ephemeral`, problems) === true)
      return [{ volume: { kind: 'scratch', name: plain, ...(size === undefined ? {} : { size }) }, target, readOnly }];
    const storageClass = matching(fields?.get('storageClass'), `${what}.storageClass`, objectName, 'a name', problems);
    const accessMode = oneOf(fields?.get('accessMode'), `${what}.accessMode`, accessModes, problems);
    claims.push({
      name,
      size: size ?? '1Gi',
      accessMode: accessMode ?? 'ReadWriteOnce',
      ...(storageClass === undefined ? {} : { storageClass }),
    });
    return [{ volume: { kind: 'claim', name }, target, readOnly }];
  });
}

type Ways = {
  readonly name: string;
  readonly path: string;
  readonly ports: readonly Port[];
  readonly traits: Traits;
  readonly problems: Problems;
};

/** A host, or a list of them. */
function readHosts(node: Node | undefined, { name, path, ports, traits, problems }: Ways): readonly Route[] {
  if (node === undefined) return [];
  const [port] = ports;
  if (port === undefined) problems.push({ place: node.place, message: 'host needs a port: what should answer there?' });
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item, i) => {
    const what = node.kind === 'list' ? `host[${i}]` : 'host';
    const host = matching(item, what, hostForm, 'a host name like shop.example.com', problems);
    if (host === undefined || port === undefined) return [];
    const { ingressClass } = traits;
    const ingress = ingressClass === undefined ? {} : { ingressClass };
    return [{ name, host, path, port: port.port, ...ingress, ...secretOf(traits.tls, name) }];
  });
}
