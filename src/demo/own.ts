// The Application for a repository of the person's own.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { JsonObject } from '../model/index.ts';
import type { DemoOptions } from './parts.ts';

/** The resource that makes the engine follow `--repo`: automated, in a namespace of its own name. */
export function ownApplication(
  {
    repo,
    path,
    revision,
    connection,
  }: Pick<DemoOptions, 'path' | 'revision' | 'connection'> & { readonly repo: string },
  directory: string,
): { readonly name: string; readonly resource: JsonObject } {
  const repoURL = addressOf(repo, directory);
  const name = nameFrom(path) || nameFrom(repoURL) || 'application';
  const resource = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: connection.namespace },
    spec: {
      project: 'default',
      source: { repoURL, path: path === '' ? '.' : path, targetRevision: revision === '' ? 'HEAD' : revision },
      destination: { server: 'https://kubernetes.default.svc', namespace: name },
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
    },
  };
  return { name, resource };
}

/** A directory as `file://`, anything else as it is. */
function addressOf(repo: string, directory: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(repo)) return repo;
  const path = resolve(directory, repo);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? `file://${path}` : repo;
}

/** The last word of a path or address that can be the name of a namespace; '' where there is none. */
function nameFrom(text: string): string {
  const last =
    text
      .replace(/\/+$/, '')
      .replace(/\.git$/, '')
      .split(/[/:]/)
      .at(-1) ?? '';
  return last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
}
