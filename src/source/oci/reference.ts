import { EngineError } from '../../model/index.ts';
import { parseAddress, shownAddress } from '../address.ts';

/** A repository in an OCI registry. */
export type OciName = {
  /** `host` or `host:port` of the registry's API. */
  readonly registry: string;
  readonly host: string;
  readonly port: string;
  /** `org/name`. */
  readonly repository: string;
};

/** Reads `oci://host/org/name` or `host/org/name`, with `chart` as one more name at its end. */
export function parseOciName(url: string, chart: string | undefined): OciName {
  const address = parseAddress(url.includes('://') ? url : `oci://${url}`);
  if (address.transport !== 'oci') {
    const shown = shownAddress(url);
    throw new EngineError('repo-config', `registry: is not an OCI address: ${shown}`, { about: shown });
  }
  const named = [address.path, ...(chart === undefined || chart === '' ? [] : [chart])]
    .filter((part) => part !== '')
    .join('/');
  const hub = address.host === 'docker.io' || address.host === 'index.docker.io';
  const repository = hub && !named.includes('/') ? `library/${named}` : named;
  if (!/^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/.test(repository)) {
    throw new EngineError('repo-config', `registry: not the name of a repository: ${repository.slice(0, 200)}`);
  }
  const host = hub ? 'registry-1.docker.io' : address.host;
  return { registry: address.port === '' ? host : `${host}:${address.port}`, host, port: address.port, repository };
}

/** True for `sha256:…`. */
export function isDigest(reference: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(reference);
}

/** Helm writes `1.2.3+build` as the tag `1.2.3_build`, since tags have no plus sign. */
export function tagOfVersion(version: string): string {
  return version.replaceAll('+', '_');
}

/** The version that a chart's tag stands for. */
export function versionOfTag(tag: string): string {
  return tag.replaceAll('_', '+');
}

/** Throws `revision-not-found` for what cannot be a tag (it would change the path that is asked for). */
export function checkedTag(tag: string, about: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag)) return tag;
  throw new EngineError('revision-not-found', `registry: not a tag: ${tag.slice(0, 140)} in ${about}`, { about });
}
