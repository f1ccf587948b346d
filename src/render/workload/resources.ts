/**
 * Score's resources: what a workload needs from its surroundings. Volumes, routes and names are made here; whatever
 * else is asked for (a database, a queue) is expected as a Secret that somebody provides.
 */
import {
  entriesOf,
  type Fields,
  fieldsOf,
  flagOf,
  matching,
  oneOf,
  type Problems,
  textOf,
  unknownName,
} from './form.ts';
import type { Node, Place } from './node.ts';
import { type Lookup, type Piece, plainText } from './placeholders.ts';
import { memoryForm, objectName } from './traits.ts';
import type { Claim, VolumeSource, Workload } from './workload.ts';

/** The form of Score's names: containers, resources, ports. */
export const labelForm = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** How a volume may be shared. */
export const accessModes = ['ReadWriteOnce', 'ReadWriteMany', 'ReadWriteOncePod'] as const;

/** One resource as it is written. */
export type Resource = {
  readonly name: string;
  readonly type: string;
  readonly place: Place;
  readonly id: string | undefined;
  readonly class: string | undefined;
  readonly params: ReadonlyMap<string, { readonly key: Place; readonly node: Node }>;
};

/** Reads `resources`. */
export function readResources(node: Node | undefined, problems: Problems): ReadonlyMap<string, Resource> {
  const found = new Map<string, Resource>();
  for (const { name, key, node: one } of entriesOf(node, 'resources', problems)) {
    const what = `resources.${name}`;
    if (!labelForm.test(name)) problems.push({ place: key, message: `${what}: a name has only a-z, 0-9 and -` });
    const fields = fieldsOf(one, ['type', 'class', 'id', 'metadata', 'params'], what, problems);
    if (fields === undefined) continue;
    const type = textOf(fields.get('type'), `${what}.type`, problems);
    if (type === undefined) problems.push({ place: key, message: `${what}.type is missing` });
    const id = matching(fields.get('id'), `${what}.id`, objectName, 'a name', problems);
    const params = fields.get('params');
    const entries = new Map(entriesOf(params, `${what}.params`, problems).map((entry) => [entry.name, entry]));
    found.set(name, {
      name,
      type: type ?? '',
      place: key,
      id,
      class: textOf(fields.get('class'), `${what}.class`, problems),
      params: entries,
    });
  }
  return found;
}

/** What placeholders stand for, given the resources and the metadata of a workload. */
export function lookupOf(
  workload: string,
  resources: ReadonlyMap<string, Resource>,
  metadata: Node | undefined,
  problems: Problems,
): Lookup {
  const open = new Set<string>();
  const lookup: Lookup = ([root, ...path], place) => {
    if (root === 'metadata') return metadataAt(metadata, path, place, problems);
    const [name, ...keys] = path;
    if (root !== 'resources' || name === undefined) {
      const written = [root, ...path].join('.');
      problems.push({ place, message: `\${${written}} is neither of metadata nor of resources` });
      return undefined;
    }
    const resource = resources.get(name);
    if (resource === undefined) {
      problems.push({ place, message: unknownName(name, [...resources.keys()], 'resource') });
      return undefined;
    }
    const mark = `${name} ${keys.join('.')}`;
    if (open.has(mark)) {
      problems.push({ place, message: `resources.${name} refers to itself` });
      return undefined;
    }
    open.add(mark);
    try {
      return outputOf({ workload, resource, place, lookup, problems }, keys.join('.'));
    } finally {
      open.delete(mark);
    }
  };
  return lookup;
}

function metadataAt(metadata: Node | undefined, path: readonly string[], place: Place, problems: Problems) {
  let here = metadata;
  for (const step of path) here = here?.kind === 'map' ? here.entries.get(step)?.node : undefined;
  if (here?.kind === 'scalar') return here.text;
  problems.push({ place, message: `metadata has no text at ${path.join('.')}` });
  return undefined;
}

type Asked = {
  readonly workload: string;
  readonly resource: Resource;
  readonly place: Place;
  readonly lookup: Lookup;
  readonly problems: Problems;
};

function outputOf(asked: Asked, key: string): Piece | undefined {
  const { workload, resource, place, problems } = asked;
  const what = `resources.${resource.name}`;
  // A volume's placeholder is its own name: where it may stand, the reader of volumes takes it first.
  switch (resource.type) {
    case 'volume':
      return key === '' ? resource.name : unknown(asked, key, []);
    case 'dns':
      return key === 'host' ? (paramText(asked, 'host') ?? missing(asked, 'host')) : unknown(asked, key, ['host']);
    case 'environment':
      return key === ''
        ? unknown(asked, key, [...resource.params.keys()])
        : (paramText(asked, key) ?? missing(asked, key));
    case 'service':
    case 'service-port':
      return serviceOutput(asked, key);
    case 'route':
      return unknown(asked, key, []);
    default: {
      if (key === '') {
        problems.push({ place, message: `${what}: name one of its outputs, as in \${${what}.password}` });
        return undefined;
      }
      const kind = resource.type === 'config' ? 'config' : 'secret';
      return { kind, from: providedName(workload, resource, asked), key };
    }
  }
}

function serviceOutput(asked: Asked, key: string): Piece | undefined {
  const host = paramText(asked, 'workload') ?? asked.resource.name;
  const port = paramText(asked, 'port');
  if (key === 'host' || key === 'hostname' || key === 'name') return host;
  if (key !== 'port' && key !== 'url') return unknown(asked, key, ['host', 'hostname', 'name', 'port', 'url']);
  if (port === undefined) return missing(asked, 'port');
  return key === 'port' ? port : `http://${host}:${port}`;
}

function unknown({ resource, place, problems }: Asked, key: string, known: readonly string[]): undefined {
  const message =
    known.length === 0
      ? `resources.${resource.name}: a ${resource.type} has no such output: "${key}"`
      : unknownName(key, known, `output of resources.${resource.name}`);
  problems.push({ place, message });
  return undefined;
}

function missing({ resource, place, problems }: Asked, param: string): undefined {
  const where = `resources.${resource.name}.params.${param}`;
  problems.push({ place, message: `${where} is missing: set it here, or in the file of the environment` });
  return undefined;
}

/** A param with its own placeholders filled in. */
export function paramText({ resource, lookup, problems }: Omit<Asked, 'place'>, name: string): string | undefined {
  const node = resource.params.get(name)?.node;
  const what = `resources.${resource.name}.params.${name}`;
  const text = textOf(node, what, problems);
  return node === undefined || text === undefined ? undefined : plainText(text, node.place, lookup, what, problems);
}

/** The Secret or ConfigMap that stands for a resource: `params.name`, its id, or workload and resource. */
export function providedName(workload: string, resource: Resource, asked: Omit<Asked, 'place'>): string {
  return paramText(asked, 'name') ?? resource.id ?? `${workload}-${resource.name}`;
}

/** A volume, and the storage that has to be made for it. */
export function volumeOf(
  asked: Omit<Asked, 'place'>,
): { readonly source: VolumeSource; readonly claim?: Claim } | undefined {
  const { workload, resource, problems } = asked;
  const what = `resources.${resource.name}.params`;
  if (resource.type === 'secret' || resource.type === 'config')
    return { source: { kind: resource.type, name: providedName(workload, resource, asked) } };
  if (resource.type !== 'volume') {
    const message = `resources.${resource.name}: a ${resource.type} cannot be mounted`;
    problems.push({ place: resource.place, message });
    return undefined;
  }
  const params = known(asked, ['size', 'storageClass', 'accessMode', 'ephemeral', 'claim']);
  const size = matching(params.get('size'), `${what}.size`, memoryForm, 'bytes like 1Gi', problems);
  const ephemeral = flagOf(params.get('ephemeral'), `${what}.ephemeral`, problems) ?? resource.class === 'ephemeral';
  if (ephemeral) return { source: { kind: 'scratch', name: resource.name, ...(size === undefined ? {} : { size }) } };
  const existing = matching(params.get('claim'), `${what}.claim`, objectName, 'a name', problems);
  if (existing !== undefined) return { source: { kind: 'claim', name: existing } };
  const name = resource.id ?? `${workload}-${resource.name}`;
  const storageClass = matching(params.get('storageClass'), `${what}.storageClass`, objectName, 'a name', problems);
  const mode = oneOf(params.get('accessMode'), `${what}.accessMode`, accessModes, problems);
  const claim: Claim = {
    name,
    size: size ?? '1Gi',
    accessMode: mode ?? 'ReadWriteOnce',
    ...(storageClass === undefined ? {} : { storageClass }),
  };
  return { source: { kind: 'claim', name }, claim };
}

/** The params of a resource whose names are known. */
export function known<const K extends string>(
  { resource, problems }: Pick<Asked, 'resource' | 'problems'>,
  names: readonly K[],
): Fields<K> {
  const what = `key of resources.${resource.name}.params`;
  for (const [name, { key }] of resource.params)
    if (!(names as readonly string[]).includes(name))
      problems.push({ place: key, message: unknownName(name, names, what) });
  return { place: resource.place, get: (name) => resource.params.get(name)?.node };
}

/** Notes replicas that would wait forever for a volume that only one node can hold. */
export function checkSharing(
  { traits, claims, place }: Pick<Workload, 'traits' | 'claims' | 'place'>,
  problems: Problems,
): void {
  const replicas = traits.autoscale?.max ?? traits.replicas;
  const held = claims.find((claim) => claim.accessMode !== 'ReadWriteMany');
  if (replicas < 2 || held === undefined) return;
  const message = `${replicas} replicas cannot share the volume ${held.name}: set its accessMode to ReadWriteMany, or one replica`;
  problems.push({ place, message });
}
