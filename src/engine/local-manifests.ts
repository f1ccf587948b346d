// Manifests that came with a request to sync, instead of rendered ones (`argocd app sync --local`).
import { argocd } from '../dialects/index.ts';
import {
  annotationsOf,
  EngineError,
  isJsonObject,
  type Json,
  type KubeObject,
  type Manifest,
  refOf,
} from '../model/index.ts';

const steering = /^(argocd\.argoproj\.io|helm\.sh|plumbline\.dev)\//;

/** The texts, each one object as JSON, as manifests. Throws EngineError `manifest-invalid` with the place of the bad one. */
export function localManifests(texts: readonly string[]): readonly Manifest[] {
  return texts.map((text, i) => {
    const object = parse(text, i);
    const annotations = Object.entries(annotationsOf(object)).filter(([key]) => steering.test(key));
    return {
      ref: refOf(object),
      digest: `local|${argocd.digestOf(object as unknown as Json)}`,
      body: JSON.stringify(object),
      steering: Object.fromEntries(annotations),
      origin: `local manifest ${i + 1}`,
      source: 0,
    };
  });
}

function parse(text: string, i: number): KubeObject {
  const about = `local manifest ${i + 1}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new EngineError('manifest-invalid', `${about}: is not JSON`, { about });
  }
  const isObject = isJsonObject(value) && typeof value.apiVersion === 'string' && typeof value.kind === 'string';
  if (isObject && isJsonObject(value) && isJsonObject(value.metadata)) return value as unknown as KubeObject;
  throw new EngineError('manifest-invalid', `${about}: is not a Kubernetes object`, { about });
}
