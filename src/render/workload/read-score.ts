/** A Score file (score.dev/v1b1) as a Workload. */

import type { Folder } from './files.ts';
import {
  countOf,
  entriesOf,
  type Fields,
  fieldsOf,
  mapOf,
  matching,
  needed,
  oneOf,
  type Problems,
  textOf,
  throwProblems,
  unknownName,
} from './form.ts';
import type { Node } from './node.ts';
import { readContainer } from './read-container.ts';
import { checkSharing, labelForm, lookupOf, readResources } from './resources.ts';
import { routeOf } from './routes.ts';
import { readTraits, type TraitName, traitNames } from './traits.ts';
import type { Claim, Container, Port, Workload } from './workload.ts';

/** Names of objects that must also be names of Services. */
export const workloadName = /^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const ours = 'plumbline.dev/';
/** What the engine and its neighbours read on objects: passed on as it is. */
const passedOn = ['sync-wave', 'sync-options', 'hook'].map((name) => `argocd.argoproj.io/${name}`);

/** Reads a document. EngineError `manifest-invalid` lists what is wrong, with file and line. */
export async function readScore(node: Node, folder: Folder): Promise<Workload> {
  const problems: Problems = [];
  const names = ['apiVersion', 'metadata', 'service', 'containers', 'resources'] as const;
  const fields = fieldsOf(node, names, '', problems);
  if (fields === undefined) {
    throwProblems(problems);
    throw new Error('unreachable');
  }
  oneOf(fields.get('apiVersion'), 'apiVersion', ['score.dev/v1b1'], problems);
  const metadata = mapOf(fields.get('metadata'), 'metadata', problems);
  const written = metadata?.entries.get('name')?.node;
  const wanted = 'a name of a-z, 0-9 and -, at most 63, that starts with a letter';
  const name = matching(written, 'metadata.name', workloadName, wanted, problems);
  needed(written, metadata?.place ?? fields.place, 'metadata.name', problems);
  const workload = name ?? 'workload';
  const { annotations, trait } = readAnnotations(metadata?.entries.get('annotations')?.node, problems);
  const traits = readTraits(trait, (one) => `metadata.annotations.${annotationOf(one)}`, problems);
  const resources = readResources(fields.get('resources'), problems);
  const lookup = lookupOf(workload, resources, metadata, problems);
  const ports = readPorts(fields.get('service'), problems);
  const claims = new Map<string, Claim>();
  const around = { workload, size: traits.size, resources, lookup, folder, problems };
  const containers = await readContainers(fields, around, claims);
  const routes = [...resources.values()].flatMap((resource) => {
    if (resource.type !== 'route') return [];
    return routeOf({ workload, resource, lookup, problems }, ports, traits) ?? [];
  });
  const place = node.place;
  checkSharing({ traits, claims: [...claims.values()], place }, problems);
  throwProblems(problems);
  return { place, name: workload, annotations, containers, ports, routes, claims: [...claims.values()], traits };
}

async function readContainers(
  fields: Fields<'containers'>,
  around: Parameters<typeof readContainer>[2],
  claims: Map<string, Claim>,
): Promise<readonly Container[]> {
  const { problems } = around;
  const entries = entriesOf(fields.get('containers'), 'containers', problems);
  if (entries.length === 0)
    problems.push({ place: fields.get('containers')?.place ?? fields.place, message: 'containers: none is named' });
  const containers: Container[] = [];
  for (const { name, key, node } of entries) {
    if (!labelForm.test(name))
      problems.push({ place: key, message: `containers.${name}: a name has only a-z, 0-9 and -` });
    const container = await readContainer(name, { key, node }, around, claims);
    if (container !== undefined) containers.push(container);
  }
  return containers;
}

function readPorts(node: Node | undefined, problems: Problems): readonly Port[] {
  const service = fieldsOf(node, ['ports'], 'service', problems);
  return entriesOf(service?.get('ports'), 'service.ports', problems).flatMap(({ name, key, node: one }) => {
    const what = `service.ports.${name}`;
    if (!labelForm.test(name)) problems.push({ place: key, message: `${what}: a name has only a-z, 0-9 and -` });
    const fields = fieldsOf(one, ['port', 'protocol', 'targetPort'], what, problems);
    if (fields === undefined) return [];
    const port = countOf(fields.get('port'), `${what}.port`, [1, 65_535], problems);
    needed(fields.get('port'), fields.place, `${what}.port`, problems);
    const target = countOf(fields.get('targetPort'), `${what}.targetPort`, [1, 65_535], problems) ?? port;
    const protocol = oneOf(fields.get('protocol'), `${what}.protocol`, ['TCP', 'UDP'], problems) ?? 'TCP';
    return port === undefined || target === undefined ? [] : [{ name, port, target, protocol }];
  });
}

/** `ingressClass` is written `plumbline.dev/ingress-class`. */
function annotationOf(trait: TraitName): string {
  return ours + trait.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The user's own annotations, and those that are traits. */
function readAnnotations(
  node: Node | undefined,
  problems: Problems,
): {
  readonly annotations: Readonly<Record<string, string>>;
  readonly trait: (name: TraitName) => Node | undefined;
} {
  const traits = new Map(traitNames.map((trait) => [annotationOf(trait), trait]));
  const found = new Map<TraitName, Node>();
  const annotations: Record<string, string> = {};
  for (const { name, key, node: value } of entriesOf(node, 'metadata.annotations', problems)) {
    const trait = traits.get(name);
    if (trait !== undefined) found.set(trait, value);
    else if (name.startsWith(ours))
      problems.push({ place: key, message: unknownName(name, [...traits.keys()], 'annotation') });
    else if (!name.startsWith('score.dev/') || passedOn.includes(name))
      annotations[name] = textOf(value, `metadata.annotations.${name}`, problems) ?? '';
  }
  return { annotations, trait: (name) => found.get(name) };
}
