// What people like to see of an object besides its health: images, addresses; and the annotations that steer us.
import { at, isJsonObject, type Json, type KubeObject, listAt, objectAt, stringAt } from '../model/index.ts';

const steeringPrefixes = ['argocd.argoproj.io/', 'helm.sh/', 'plumbline.dev/'];
// They say whose the object is; that is a fact of its own.
const identity = new Set(['argocd.argoproj.io/tracking-id', 'argocd.argoproj.io/installation-id']);

/** The annotations that steer the engine. */
export function steeringOf(object: KubeObject): Readonly<Record<string, string>> {
  const out: Record<string, string> = {};
  const annotations = object.metadata.annotations;
  if (!isJsonObject(annotations)) return out;
  for (const key in annotations) {
    const value = annotations[key];
    if (typeof value !== 'string' || identity.has(key)) continue;
    if (steeringPrefixes.some((prefix) => key.startsWith(prefix))) out[key] = value;
  }
  return out;
}

const podSpecs: readonly (readonly string[])[] = [
  ['spec'],
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
];

/** The images of a pod or of a pod template, each once, in order. */
export function imagesOf(object: KubeObject): readonly string[] {
  const found: string[] = [];
  for (const path of podSpecs) {
    const spec = at(object, ...path);
    if (!isJsonObject(spec)) continue;
    for (const list of [spec.containers, spec.initContainers]) {
      if (!Array.isArray(list)) continue;
      for (const container of list as readonly Json[]) {
        const image = stringAt(container, 'image');
        if (image !== undefined && !found.includes(image)) found.push(image);
      }
    }
  }
  return found;
}

const linkPrefix = 'link.argocd.argoproj.io/';

/** The addresses at which people reach an Ingress, and the links that somebody put on an object. */
export function urlsOf(object: KubeObject): readonly string[] {
  const urls = new Set<string>();
  if (object.kind === 'Ingress') for (const url of ingressUrls(object)) urls.add(url);
  const annotations = object.metadata.annotations;
  if (isJsonObject(annotations)) {
    for (const key in annotations) {
      const value = annotations[key];
      if (typeof value === 'string' && key.startsWith(linkPrefix)) urls.add(value.split('|').at(-1) ?? value);
    }
  }
  return [...urls];
}

function* ingressUrls(ingress: KubeObject): Generator<string> {
  const secure = new Set<string>();
  let allSecure = false;
  for (const tls of listAt(ingress, 'spec', 'tls')) {
    const hosts = listAt(tls, 'hosts');
    if (hosts.length === 0) allSecure = true;
    for (const host of hosts) secure.add(String(host));
  }
  for (const rule of listAt(ingress, 'spec', 'rules')) {
    const host = stringAt(rule, 'host') ?? '';
    const scheme = allSecure || secure.has(host) ? 'https' : 'http';
    const paths = listAt(rule, 'http', 'paths');
    for (const address of host === '' ? addressesOf(ingress) : [host]) {
      if (paths.length === 0) yield `${scheme}://${address}`;
      for (const path of paths) yield `${scheme}://${address}${plainPath(stringAt(path, 'path') ?? '')}`;
    }
  }
}

function addressesOf(ingress: KubeObject): readonly string[] {
  const out: string[] = [];
  for (const point of listAt(objectAt(ingress, 'status', 'loadBalancer'), 'ingress')) {
    const address = stringAt(point, 'hostname') ?? stringAt(point, 'ip');
    if (address !== undefined) out.push(address);
  }
  return out;
}

/** Wildcards are not part of an address. */
function plainPath(path: string): string {
  const cut = path.replace(/\/?\*.*$/, '');
  return cut === '/' ? '' : cut;
}
