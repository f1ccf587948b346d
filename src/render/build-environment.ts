/**
 * Argo CD's build environment (`$ARGOCD_APP_…` in options) and whatever else of a request a rendering may use besides
 * files. What is asked for is remembered: it is part of the cache's proof that a result is still right.
 */
import { hash } from 'node:crypto';
import type { Source } from '../model/index.ts';
import type { RenderRequest } from '../ports/index.ts';

/** Names of facts: the variables of the build environment, and what only Helm and overrides ask for. */
export type FactName =
  | 'ARGOCD_APP_NAME'
  | 'ARGOCD_APP_NAMESPACE'
  | 'ARGOCD_APP_PROJECT_NAME'
  | 'ARGOCD_APP_REVISION'
  | 'ARGOCD_APP_REVISION_SHORT'
  | 'ARGOCD_APP_REVISION_SHORT_8'
  | 'ARGOCD_APP_SOURCE_PATH'
  | 'ARGOCD_APP_SOURCE_REPO_URL'
  | 'ARGOCD_APP_SOURCE_TARGET_REVISION'
  | 'application'
  | 'environment'
  | 'kubeVersion'
  | 'apiVersions';

const variables = new Set<string>([
  'ARGOCD_APP_NAME',
  'ARGOCD_APP_NAMESPACE',
  'ARGOCD_APP_PROJECT_NAME',
  'ARGOCD_APP_REVISION',
  'ARGOCD_APP_REVISION_SHORT',
  'ARGOCD_APP_REVISION_SHORT_8',
  'ARGOCD_APP_SOURCE_PATH',
  'ARGOCD_APP_SOURCE_REPO_URL',
  'ARGOCD_APP_SOURCE_TARGET_REVISION',
]);

/** The facts of one source of a request. */
export type Facts = {
  get(name: FactName): string;
  /** The cluster's API versions; only a digest of them is remembered. */
  apiVersions(): readonly string[];
  /** `$NAME`, `${NAME}` and `$$` replaced as Go's os.Expand does; unknown names vanish. */
  expand(text: string): string;
};

/** Names of the facts that were used, as `<source>/<name>`. */
export type UsedFacts = Set<string>;

/** The facts of source `index`; every use is noted in `used`. */
export function factsOf(request: RenderRequest, index: number, used: UsedFacts): Facts {
  const get = (name: FactName): string => {
    used.add(`${index}/${name}`);
    return factValue(request, index, name);
  };
  return {
    get,
    apiVersions: () => {
      get('apiVersions');
      return request.apiVersions;
    },
    expand: (text) => expandVariables(text, (name) => (variables.has(name) ? get(name as FactName) : '')),
  };
}

/** The values that `request` gives to facts named `<source>/<name>`, space-separated: what a cache compares. */
export function factValues(request: RenderRequest, names: string): string {
  if (names === '') return '';
  let values = '';
  for (const key of names.split(' ')) {
    const slash = key.indexOf('/');
    values += `${factValue(request, Number(key.slice(0, slash)), key.slice(slash + 1) as FactName)}\0`;
  }
  return values;
}

function factValue(request: RenderRequest, index: number, name: FactName): string {
  const { application } = request;
  const source: Source | undefined = request.sources[index];
  const revision = request.revisions[index] ?? '';
  switch (name) {
    case 'ARGOCD_APP_NAME':
      return application.trackingName;
    case 'ARGOCD_APP_NAMESPACE':
      return application.destinationNamespace;
    case 'ARGOCD_APP_PROJECT_NAME':
      return application.project;
    case 'ARGOCD_APP_REVISION':
      return revision;
    case 'ARGOCD_APP_REVISION_SHORT':
      return revision.slice(0, 7);
    case 'ARGOCD_APP_REVISION_SHORT_8':
      return revision.slice(0, 8);
    case 'ARGOCD_APP_SOURCE_PATH':
      return source?.path ?? '';
    case 'ARGOCD_APP_SOURCE_REPO_URL':
      return source?.repoURL ?? '';
    case 'ARGOCD_APP_SOURCE_TARGET_REVISION':
      return source?.targetRevision ?? '';
    case 'application':
      return application.name;
    case 'environment':
      return application.environment ?? application.destinationNamespace;
    case 'kubeVersion':
      return request.kubeVersion;
    case 'apiVersions':
      return apiVersionsDigest(request.apiVersions);
  }
}

const digests = new WeakMap<readonly string[], string>();

function apiVersionsDigest(apiVersions: readonly string[]): string {
  let digest = digests.get(apiVersions);
  if (digest === undefined) {
    digest = hash('sha256', apiVersions.toSorted().join('\n'), 'base64');
    digests.set(apiVersions, digest);
  }
  return digest;
}

const identifier = /[A-Za-z0-9_]+/y;
const shellSpecial = new Set('*#$@!?-0123456789');

/** Go's os.Expand, with Argo CD's rule that `$$` is a dollar sign. */
export function expandVariables(text: string, lookup: (name: string) => string): string {
  if (!text.includes('$')) return text;
  let out = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char !== '$' || at + 1 === text.length) {
      out += char;
      continue;
    }
    const { name, width } = variableAt(text, at + 1);
    if (name === '$') out += '$';
    else if (name !== '') out += lookup(name);
    else if (width === 0) out += '$';
    at += width;
  }
  return out;
}

/** The name that begins at `at` and how many characters it takes; a name of '' with a width is bad syntax, and eaten. */
function variableAt(text: string, at: number): { readonly name: string; readonly width: number } {
  const first = text[at] ?? '';
  if (first === '{') {
    const close = text.indexOf('}', at + 1);
    if (close < 0) return { name: '', width: 1 };
    return { name: close === at + 1 ? '' : text.slice(at + 1, close), width: close - at + 1 };
  }
  if (shellSpecial.has(first)) return { name: first, width: 1 };
  identifier.lastIndex = at;
  const word = identifier.exec(text)?.[0] ?? '';
  return { name: word, width: word.length };
}
