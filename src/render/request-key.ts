/** The key of a request in the cache: everything written in it that a rendering may depend on, except traced facts. */
import { hash } from 'node:crypto';
import { canonical, type Json, renderSettingsOf, type Settings, type Source } from '../model/index.ts';
import type { RenderRequest } from '../ports/index.ts';

/** Equal for requests with the same options, settings and project. Revisions and names of applications are not in it. */
export function requestKey(request: RenderRequest): string {
  return `${sourcesKey(request.sources)} ${settingsKey(request.settings)} ${request.application.project}`;
}

/** Different for requests that might not be answered alike: what may share a rendering that is under way. */
export function flightKey(key: string, request: RenderRequest): string {
  const { name, namespace, trackingName, destinationNamespace, environment = '' } = request.application;
  const parts = [key, name, namespace, trackingName, destinationNamespace, environment, request.kubeVersion];
  const targets = request.sources.map((source) => source.targetRevision);
  return [...parts, ...request.revisions, ...targets, request.apiVersions.join(' ')].join('\0');
}

const sourcesKeys = new WeakMap<readonly Source[], string>();
const settingsKeys = new WeakMap<Settings, string>();

function sourcesKey(sources: readonly Source[]): string {
  let key = sourcesKeys.get(sources);
  if (key === undefined) {
    // The target revision only picks the revision; where it is used as text, it is a fact.
    const written = sources.map(({ targetRevision: _, ...rest }) => rest);
    key = hash('sha256', canonical(JSON.parse(JSON.stringify(written)) as Json), 'base64');
    sourcesKeys.set(sources, key);
  }
  return key;
}

function settingsKey(settings: Settings): string {
  let key = settingsKeys.get(settings);
  if (key === undefined) {
    key = hash('sha256', canonical(renderSettingsOf(settings)), 'base64');
    settingsKeys.set(settings, key);
  }
  return key;
}
