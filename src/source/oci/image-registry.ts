import { listAt, numberAt, stringAt } from '../../model/index.ts';
import type { ImageDescription, ImageRegistry } from '../../ports/index.ts';
import { isIndex, manifestsOfIndex } from './choose-layer.ts';
import { checkedTag } from './reference.ts';
import type { Registry } from './registry.ts';

const maxConfig = 4 * 1024 * 1024;
/** Descriptions by digest never change; the oldest are forgotten beyond this. */
const maxKept = 5_000;

/** The ImageRegistry port over registries. `open` answers the repository of an image. */
export function createImageRegistry(open: (url: string, project: string) => Promise<Registry>): ImageRegistry {
  const created = new Map<string, string>();
  return {
    async tags(image, project) {
      return (await open(addressOf(image), project)).tags();
    },
    async describe(image, tag, project) {
      const registry = await open(addressOf(image), project);
      const digest = await registry.digestOf(checkedTag(tag, image));
      const known = created.get(digest) ?? (await createdAt(registry, digest));
      if (created.size >= maxKept) created.delete(created.keys().next().value ?? '');
      created.set(digest, known);
      return { digest, ...(known === '' ? {} : { created: known }) } satisfies ImageDescription;
    },
  };
}

/** `nginx` is `oci://docker.io/library/nginx`. */
function addressOf(image: string): string {
  const [host = '', ...rest] = image.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(host) || host === 'localhost');
  return `oci://${hasHost ? image : `docker.io/${image}`}`;
}

/** When an image was made, '' where neither its annotations nor its configuration say. */
async function createdAt(registry: Registry, digest: string): Promise<string> {
  let { manifest } = await registry.manifest(digest);
  const annotated = () => timeOf(stringAt(manifest, 'annotations', 'org.opencontainers.image.created'));
  if (isIndex(manifest)) {
    const said = annotated();
    const [first] = manifestsOfIndex(manifest);
    if (said !== '' || first === undefined) return said;
    ({ manifest } = await registry.manifest(first));
  }
  const config = stringAt(manifest, 'config', 'digest') ?? '';
  const size = numberAt(manifest, 'config', 'size') ?? 0;
  if (!/^sha256:[0-9a-f]{64}$/.test(config) || listAt(manifest, 'layers').length === 0) return annotated();
  const text = (await registry.blob(config, size, maxConfig)).toString('utf8');
  try {
    return timeOf(stringAt(JSON.parse(text), 'created')) || annotated();
  } catch {
    return annotated();
  }
}

function timeOf(text: string | undefined): string {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}
