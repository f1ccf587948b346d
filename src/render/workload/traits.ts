/**
 * How a workload runs, beyond what Score can say. The short form has the names as fields (`ingressClass`), Score as
 * annotations (`plumbline.dev/ingress-class`).
 */
import { countOf, fieldsOf, flagOf, matching, type Problems, textOf } from './form.ts';
import type { Node } from './node.ts';
import type { Amounts, Traits } from './workload.ts';

export const traitNames = [
  'replicas',
  'autoscale',
  'size',
  'ingressClass',
  'issuer',
  'tls',
  'user',
  'root',
  'writable',
  'serviceAccount',
  'pullSecret',
  'grace',
] as const;
export type TraitName = (typeof traitNames)[number];

/** The sizes by name. Memory is requested as it is limited: a neighbour's appetite is never this workload's end. */
export const sizes: Readonly<Record<string, Required<Amounts>>> = {
  xs: { cpu: '25m', memory: '64Mi' },
  s: { cpu: '100m', memory: '128Mi' },
  m: { cpu: '250m', memory: '512Mi' },
  l: { cpu: '1', memory: '2Gi' },
  xl: { cpu: '2', memory: '4Gi' },
};
const defaultSize: Required<Amounts> = { cpu: '100m', memory: '128Mi' };

export const cpuForm = /^(?:\d+m|\d+(?:\.\d+)?|\.\d+)$/;
export const memoryForm = /^[1-9]\d*(?:\.\d+)?(?:[KMGTP]i?|k|m)?$/;
/** Names of most kinds of objects. */
export const objectName = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Reads the traits; `what` says how a name is written. */
export function readTraits(
  get: (name: TraitName) => Node | undefined,
  what: (name: TraitName) => string,
  problems: Problems,
): Traits {
  const name = (trait: 'ingressClass' | 'issuer' | 'serviceAccount' | 'pullSecret') =>
    matching(get(trait), what(trait), objectName, 'a name', problems);
  const autoscale = readAutoscale(get('autoscale'), what('autoscale'), problems);
  const ingressClass = name('ingressClass');
  const issuer = name('issuer');
  const serviceAccount = name('serviceAccount');
  const pullSecret = name('pullSecret');
  const user = countOf(get('user'), what('user'), [1, 4_294_967_294], problems);
  return {
    replicas: countOf(get('replicas'), what('replicas'), [0, 10_000], problems) ?? 1,
    size: readSize(get('size'), what('size'), problems),
    tls: readTls(get('tls'), what('tls'), problems) ?? issuer !== undefined,
    root: flagOf(get('root'), what('root'), problems) ?? false,
    writable: flagOf(get('writable'), what('writable'), problems) ?? false,
    grace: countOf(get('grace'), what('grace'), [1, 86_400], problems) ?? 30,
    ...(autoscale === undefined ? {} : { autoscale }),
    ...(ingressClass === undefined ? {} : { ingressClass }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(user === undefined ? {} : { user }),
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
    ...(pullSecret === undefined ? {} : { pullSecret }),
  };
}

function readSize(node: Node | undefined, what: string, problems: Problems): Required<Amounts> {
  if (node === undefined) return defaultSize;
  if (node.kind === 'scalar') {
    const named = Object.hasOwn(sizes, node.text) ? sizes[node.text] : undefined;
    if (named === undefined)
      problems.push({
        place: node.place,
        message: `${what} must be one of ${Object.keys(sizes).join(', ')}, or {cpu, memory}`,
      });
    return named ?? defaultSize;
  }
  return { ...defaultSize, ...readAmounts(node, what, problems) };
}

/** `{cpu, memory}`. */
export function readAmounts(node: Node | undefined, what: string, problems: Problems): Amounts {
  const fields = fieldsOf(node, ['cpu', 'memory'], what, problems);
  const cpu = matching(fields?.get('cpu'), `${what}.cpu`, cpuForm, 'CPUs like 250m or 2', problems);
  const memory = matching(fields?.get('memory'), `${what}.memory`, memoryForm, 'bytes like 256Mi or 2Gi', problems);
  return { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
}

function readTls(node: Node | undefined, what: string, problems: Problems): boolean | string | undefined {
  if (node?.kind === 'scalar' && (typeof node.value === 'boolean' || /^(?:true|false)$/.test(node.text)))
    return flagOf(node, what, problems);
  return matching(node, what, objectName, 'true, false or the name of a Secret', problems);
}

/** `{min, max, cpu}`, or `2-10`, or `2-10@70%`. */
function readAutoscale(node: Node | undefined, what: string, problems: Problems): Traits['autoscale'] {
  if (node === undefined) return undefined;
  let found: { min: number; max: number; cpu: number } | undefined;
  if (node.kind === 'scalar') {
    const parts = /^(\d{1,5})-(\d{1,5})(?:@(\d{1,3})%?)?$/.exec(textOf(node, what, problems) ?? '');
    if (parts !== null) found = { min: Number(parts[1]), max: Number(parts[2]), cpu: Number(parts[3] ?? 80) };
    else problems.push({ place: node.place, message: `${what} must be like 2-10 or 2-10@70%, or {min, max, cpu}` });
  } else {
    const fields = fieldsOf(node, ['min', 'max', 'cpu'], what, problems);
    const min = countOf(fields?.get('min'), `${what}.min`, [1, 10_000], problems) ?? 1;
    const max = countOf(fields?.get('max'), `${what}.max`, [1, 10_000], problems);
    if (max === undefined) problems.push({ place: node.place, message: `${what}.max is missing` });
    else found = { min, max, cpu: countOf(fields?.get('cpu'), `${what}.cpu`, [1, 1_000], problems) ?? 80 };
  }
  if (found !== undefined && (found.min < 1 || found.max < found.min))
    problems.push({ place: node.place, message: `${what}: the least must be 1 or more, and the most not below it` });
  return found;
}
