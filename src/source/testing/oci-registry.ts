import { createHash } from 'node:crypto';
import { startServer, type TestServer } from './http-server.ts';

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** How the registry behaves; a test changes it as it likes. */
export type RegistryState = {
  /** Basic login that buys a token; '' for a registry that asks for nothing. */
  login: string;
  pageSize: number;
  /** Bytes that are served for every blob instead of the right ones. */
  lie: Buffer | undefined;
};

export type TestRegistry = TestServer & {
  readonly state: RegistryState;
  /** Pushes a manifest with these layers under a tag and answers its digest; `created` (RFC 3339) goes into its config. */
  push(
    repository: string,
    tag: string,
    layers: readonly { readonly type: string; readonly bytes: Buffer }[],
    created?: string,
  ): string;
  /** Pushes an index over manifests that were pushed before. */
  pushIndex(
    repository: string,
    tag: string,
    manifests: readonly { readonly digest: string; readonly platform?: object }[],
  ): string;
};

/** A small OCI registry in memory: bearer tokens, pages of tags, manifests, indexes, blobs. */
export async function startRegistry(t: { after(run: () => Promise<void>): void }): Promise<TestRegistry> {
  const manifests = new Map<string, { readonly type: string; readonly bytes: Buffer }>();
  const tags = new Map<string, string[]>();
  const blobs = new Map<string, Buffer>();
  const state: RegistryState = { login: '', pageSize: 1000, lie: undefined };
  const server = await startServer(t, (request, response, path) => {
    const url = new URL(path, 'http://registry');
    if (url.pathname === '/token') {
      const good = request.headers.authorization === state.login && url.searchParams.get('service') === 'reg';
      const body = JSON.stringify({ token: `token for ${url.searchParams.get('scope')}`, expires_in: 300 });
      return void response.writeHead(good ? 200 : 401).end(good ? body : '');
    }
    const match = /^\/v2\/(.+)\/(tags\/list|manifests|blobs)(?:\/(.+))?$/.exec(url.pathname);
    const [repository = '', what = '', reference = ''] = match?.slice(1) ?? [];
    const scope = `repository:${repository}:pull`;
    if (state.login !== '' && request.headers.authorization !== `Bearer token for ${scope}`) {
      const realm = `Bearer realm="http://${request.headers.host}/token",service="reg",scope="${scope}"`;
      return void response.writeHead(401, { 'www-authenticate': realm }).end();
    }
    if (what === 'tags/list') {
      const all = tags.get(repository) ?? [];
      const from = all.indexOf(url.searchParams.get('last') ?? '') + 1;
      const page = all.slice(from, from + state.pageSize);
      const more = from + page.length < all.length;
      const link = more ? { link: `</v2/${repository}/tags/list?last=${page.at(-1)}&n=2>; rel="next"` } : {};
      return void response
        .writeHead(all.length > 0 ? 200 : 404, link)
        .end(JSON.stringify({ name: repository, tags: page }));
    }
    const found = what === 'manifests' ? manifests.get(`${repository}/${reference}`) : undefined;
    if (found !== undefined) {
      response.writeHead(200, { 'content-type': found.type, 'docker-content-digest': digestOf(found.bytes) });
      return void response.end(request.method === 'HEAD' ? undefined : found.bytes);
    }
    const blob = what === 'blobs' ? blobs.get(reference) : undefined;
    if (blob === undefined) return void response.writeHead(404).end();
    response.end(state.lie ?? blob);
  });
  const put = (repository: string, tag: string, type: string, content: object) => {
    const bytes = Buffer.from(JSON.stringify(content));
    for (const name of [tag, digestOf(bytes)]) manifests.set(`${repository}/${name}`, { type, bytes });
    const known = tags.get(repository) ?? [];
    tags.set(repository, [...known.filter((one) => one !== tag), tag]);
    return digestOf(bytes);
  };
  return Object.assign(server, {
    state,
    push(
      repository: string,
      tag: string,
      layers: readonly { readonly type: string; readonly bytes: Buffer }[],
      created?: string,
    ) {
      const config = Buffer.from(JSON.stringify({ created }));
      blobs.set(digestOf(config), config);
      for (const { bytes } of layers) blobs.set(digestOf(bytes), bytes);
      const described = layers.map(({ type, bytes }) => ({
        mediaType: type,
        digest: digestOf(bytes),
        size: bytes.length,
      }));
      const annotations = { 'org.opencontainers.image.description': `about ${tag}` };
      return put(repository, tag, manifestType, {
        schemaVersion: 2,
        mediaType: manifestType,
        layers: described,
        annotations,
        ...(created === undefined ? {} : { config: { digest: digestOf(config), size: config.length } }),
      });
    },
    pushIndex(
      repository: string,
      tag: string,
      list: readonly { readonly digest: string; readonly platform?: object }[],
    ) {
      return put(repository, tag, 'application/vnd.oci.image.index.v1+json', { schemaVersion: 2, manifests: list });
    },
  });
}
