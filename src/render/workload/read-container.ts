/** One container of a Score file. */

import { checkSize, type Folder, readFiles } from './files.ts';
import { entriesOf, fieldsOf, flagOf, matching, needed, type Problems, textOf, textsOf } from './form.ts';
import type { Node, Place } from './node.ts';
import { expand, type Lookup, variablesOf } from './placeholders.ts';
import { readProbe } from './probes.ts';
import { type Resource, volumeOf } from './resources.ts';
import { readAmounts } from './traits.ts';
import type { Amounts, Claim, Container, Mount, Variable } from './workload.ts';

/** What the containers of a workload are read with. */
export type Surroundings = {
  readonly workload: string;
  readonly size: Required<Amounts>;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly lookup: Lookup;
  readonly folder: Folder;
  readonly problems: Problems;
};

export const imageForm =
  /^(?:[\w.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;
export const variableForm = /^[^=\s\0]+$/;
export const mountForm = /^\/[^:\0]*$/;

const names = [
  'image',
  'command',
  'args',
  'variables',
  'files',
  'volumes',
  'resources',
  'livenessProbe',
  'readinessProbe',
] as const;

/** Reads a container; the storage that it needs is added to `claims`. */
export async function readContainer(
  name: string,
  written: { readonly key: Place; readonly node: Node },
  around: Surroundings,
  claims: Map<string, Claim>,
): Promise<Container | undefined> {
  const { problems, size } = around;
  const what = `containers.${name}`;
  const fields = fieldsOf(written.node, names, what, problems);
  if (fields === undefined) return undefined;
  const image = readImage(fields.get('image'), `${what}.image`, problems);
  needed(fields.get('image'), fields.place, `${what}.image`, problems);
  const command = textsOf(fields.get('command'), `${what}.command`, problems);
  const args = textsOf(fields.get('args'), `${what}.args`, problems);
  const files = await readFiles(fields.get('files'), `${what}.files`, around);
  checkSize(files, fields.place, problems);
  const liveness = readProbe(fields.get('livenessProbe'), `${what}.livenessProbe`, problems);
  const readiness = readProbe(fields.get('readinessProbe'), `${what}.readinessProbe`, problems);
  return {
    name,
    image: image ?? '',
    variables: readVariables(fields.get('variables'), `${what}.variables`, around),
    files,
    mounts: readMounts(fields.get('volumes'), `${what}.volumes`, around, claims),
    ...amountsOf(fields.get('resources'), `${what}.resources`, size, problems),
    ...(command === undefined ? {} : { command }),
    ...(args === undefined ? {} : { args }),
    ...(liveness === undefined ? {} : { liveness }),
    ...(readiness === undefined ? {} : { readiness }),
  };
}

/** The name of an image. */
export function readImage(node: Node | undefined, what: string, problems: Problems): string | undefined {
  const image = textOf(node, what, problems);
  if (node === undefined || image === undefined) return undefined;
  if (image === '.') {
    const message = `${what} is ".": name the image that was built, here or in the file of the environment`;
    problems.push({ place: node.place, message });
    return undefined;
  }
  return matching(node, what, imageForm, 'an image like registry/name:tag', problems);
}

function readVariables(node: Node | undefined, what: string, { lookup, problems }: Surroundings): readonly Variable[] {
  const entries = entriesOf(node, what, problems);
  const taken = new Map(entries.map((entry) => [entry.name, 'the user']));
  return entries.flatMap(({ name, key, node: value }) => {
    if (!variableForm.test(name))
      problems.push({ place: key, message: `${what}: not the name of a variable: "${name}"` });
    const text = textOf(value, `${what}.${name}`, problems);
    return text === undefined ? [] : variablesOf(name, expand(text, value.place, lookup), taken);
  });
}

/** Requests and limits: what is written, the size of the workload otherwise. Memory is limited, CPU is not. */
function amountsOf(
  node: Node | undefined,
  what: string,
  size: Required<Amounts>,
  problems: Problems,
): Pick<Container, 'requests' | 'limits'> {
  const fields = fieldsOf(node, ['requests', 'limits'], what, problems);
  const requests = readAmounts(fields?.get('requests'), `${what}.requests`, problems);
  const limits = readAmounts(fields?.get('limits'), `${what}.limits`, problems);
  const memory = requests.memory ?? limits.memory ?? size.memory;
  return {
    requests: { cpu: requests.cpu ?? limits.cpu ?? size.cpu, memory },
    limits: { ...limits, memory: limits.memory ?? memory },
  };
}

const mountNames = ['source', 'target', 'path', 'readOnly'] as const;

/** Score's volumes: a list with `target`, or a map by target. */
function readMounts(
  node: Node | undefined,
  what: string,
  around: Surroundings,
  claims: Map<string, Claim>,
): readonly Mount[] {
  const { problems } = around;
  if (node === undefined) return [];
  if (node.kind === 'scalar') {
    problems.push({ place: node.place, message: `${what} must be a list, or a map by path` });
    return [];
  }
  const written =
    node.kind === 'list'
      ? node.items.map((item, i) => ({ node: item, target: undefined, at: `${what}[${i}]` }))
      : [...node.entries].map(([target, entry]) => ({ node: entry.node, target, at: `${what}.${target}` }));
  return written.flatMap(({ node: one, target, at }): Mount[] => {
    const fields = fieldsOf(one, mountNames, at, problems);
    if (fields === undefined) return [];
    const path = target ?? textOf(fields.get('target'), `${at}.target`, problems);
    if (path === undefined || !mountForm.test(path))
      problems.push({ place: fields.place, message: `${at}.target must be an absolute path` });
    const subPath = textOf(fields.get('path'), `${at}.path`, problems);
    const readOnly = flagOf(fields.get('readOnly'), `${at}.readOnly`, problems) ?? false;
    const source = textOf(fields.get('source'), `${at}.source`, problems);
    const name = /^\$\{resources\.([^.}]+)\}$/.exec(source ?? '')?.[1] ?? source;
    const resource = name === undefined ? undefined : around.resources.get(name);
    if (resource === undefined) {
      const message = `${at}.source must name a resource: ${[...around.resources.keys()].join(', ') || 'there is none'}`;
      problems.push({ place: fields.get('source')?.place ?? fields.place, message });
      return [];
    }
    const volume = volumeOf({ ...around, resource });
    if (volume === undefined || path === undefined) return [];
    if (volume.claim !== undefined) claims.set(volume.claim.name, volume.claim);
    return [{ volume: volume.source, target: path, readOnly, ...(subPath === undefined ? {} : { subPath }) }];
  });
}
