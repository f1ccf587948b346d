/**
 * A parsed object as a Manifest: lists expanded, its form checked, its body made canonical, its digest taken. The last
 * step of every generator.
 */
import { hash } from 'node:crypto';
import { EngineError, type Manifest, splitApiVersion } from '../model/index.ts';
import { canonicalText, isObject, ownKey, parseJson, type Value, type ValueObject } from './exact-json.ts';

/** Where an object was written: a label for people (`path/file.yaml:12`, a template) and the index of its source. */
export type Origin = { readonly label: string; readonly source: number };

/** Lists may hold lists; deeper than this is not a list but an attack. */
const maxListDepth = 8;

/** The manifests in `value`: one object, or the items of a list. EngineError `manifest-invalid` names the origin. */
export function toManifests(value: Value, origin: Origin): Manifest[] {
  const manifests: Manifest[] = [];
  expand(value, origin, manifests, 0);
  return manifests;
}

/** The manifests in JSON text, as `toManifests`; EngineError `render-limit` where it is nested too deeply. */
export function jsonToManifests(json: string, origin: Origin): Manifest[] {
  let value: Value;
  try {
    value = parseJson(json);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid(origin, error.message);
    if (!(error instanceof RangeError)) throw error;
    throw new EngineError('render-limit', `${origin.label}: ${error.message}`, { about: origin.label });
  }
  return toManifests(value, origin);
}

function expand(value: Value, origin: Origin, into: Manifest[], depth: number): void {
  if (value === null) return;
  if (!isObject(value)) throw invalid(origin, `expected an object, found ${kindOf(value)}`);
  const items = ownKey(value, 'items');
  if (Array.isArray(items)) {
    if (depth >= maxListDepth) throw invalid(origin, 'lists are nested too deeply');
    for (const item of items) expand(item, origin, into, depth + 1);
    return;
  }
  if (isEmptyList(value, items)) return;
  into.push(toManifest(value, origin));
}

/** `items: null`, or a List without any, as Argo CD treats them. */
function isEmptyList(value: ValueObject, items: Value | undefined): boolean {
  if (items === undefined) return ownKey(value, 'kind') === 'List' && ownKey(value, 'apiVersion') === 'v1';
  return items === null && !Object.hasOwn(value, 'spec') && !Object.hasOwn(value, 'status');
}

function toManifest(object: ValueObject, origin: Origin): Manifest {
  const kind = text(object, 'kind', origin);
  const apiVersion = text(object, 'apiVersion', origin);
  const metadata = ownKey(object, 'metadata') ?? {};
  if (!isObject(metadata)) throw invalid(origin, `metadata of ${kind} must be an object, found ${kindOf(metadata)}`);
  const name = optionalText(metadata, 'name', kind, origin);
  const namespace = optionalText(metadata, 'namespace', kind, origin);
  const generateName = optionalText(metadata, 'generateName', kind, origin);
  if (name === '' && generateName === '') throw invalid(origin, `${kind} has no metadata.name`);
  checkStrings(metadata, 'labels', kind, origin);
  const body = bodyOf(object, kind, origin);
  const { group, version } = splitApiVersion(apiVersion);
  return {
    ref: { group: own(group), version: own(version), kind: own(kind), namespace: own(namespace), name: own(name) },
    digest: digestOf(body),
    body,
    steering: steeringOf(checkStrings(metadata, 'annotations', kind, origin)),
    origin: origin.label,
    source: origin.source,
  };
}

/** A copy: what was cut out of a file would keep the whole file in memory. */
function own(text: string): string {
  // V8 copies short strings anyway.
  return text.length < 13 ? text : Buffer.from(text).toString();
}

/** 128 bits of SHA-256, in hexadecimal. */
export function digestOf(body: string): string {
  return hash('sha256', body, 'hex').slice(0, 32);
}

function bodyOf(object: ValueObject, kind: string, origin: Origin): string {
  try {
    return canonicalText(object);
  } catch (error) {
    if (error instanceof RangeError) throw invalid(origin, `${kind} cannot be written as JSON (${error.message})`);
    throw error;
  }
}

function text(object: ValueObject, field: string, origin: Origin): string {
  const value = ownKey(object, field);
  if (typeof value === 'string' && value !== '') return value;
  if (value === undefined || value === null || value === '') throw invalid(origin, `${field} is missing`);
  throw invalid(origin, `${field} must be a string, found ${kindOf(value)}`);
}

function optionalText(metadata: ValueObject, field: string, kind: string, origin: Origin): string {
  const value = ownKey(metadata, field);
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw invalid(origin, `metadata.${field} of ${kind} must be a string, found ${kindOf(value)}`);
}

function checkStrings(metadata: ValueObject, field: string, kind: string, origin: Origin): Record<string, string> {
  const map = ownKey(metadata, field);
  if (map === undefined || map === null) return {};
  if (!isObject(map)) throw invalid(origin, `metadata.${field} of ${kind} must be a map, found ${kindOf(map)}`);
  for (const [key, value] of Object.entries(map)) {
    if (typeof value !== 'string')
      throw invalid(origin, `metadata.${field} of ${kind} must hold strings: "${key}" is ${kindOf(value)}`);
  }
  return map as Record<string, string>;
}

const steeringDomains = ['argocd.argoproj.io/', 'helm.sh/', 'plumbline.dev/'];

function steeringOf(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  let steering = noSteering;
  for (const key of Object.keys(annotations)) {
    if (!steeringDomains.some((domain) => key.startsWith(domain))) continue;
    if (steering === noSteering) steering = {};
    steering[own(key)] = own(annotations[key] ?? '');
  }
  return steering;
}

const noSteering: Record<string, string> = {};

function kindOf(value: Value): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'bigint' ? 'number' : typeof value;
}

function invalid(origin: Origin, what: string): EngineError {
  const where = origin.label === '' ? 'manifest' : origin.label;
  return new EngineError('manifest-invalid', `${where}: ${what}`, { about: origin.label });
}
