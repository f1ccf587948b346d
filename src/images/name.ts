/** Names of images: `registry/name:tag@sha256:…`, as pods and people write them. */

export type ImageName = {
  /** Without tag and digest, as written. */
  readonly image: string;
  readonly tag: string;
  /** `sha256:…`, '' where there is none. */
  readonly digest: string;
};

const form = /^([\w.-]+(?::\d+)?(?:\/[\w.-]+)*)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/;

/** The parts of a name, undefined when it is none. */
export function parseImage(text: string): ImageName | undefined {
  // `name:80/x` is a registry with a port, `name:80` is a tag: the last colon after the last slash decides.
  const slash = text.lastIndexOf('/');
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, image = '', tag = '', digest = ''] = match;
  if (tag === '' && slash < 0 && /:\d+$/.test(image)) {
    const colon = image.lastIndexOf(':');
    return { image: image.slice(0, colon), tag: image.slice(colon + 1), digest };
  }
  return { image, tag, digest };
}

/** One form for all the ways to write an image: `nginx` is `docker.io/library/nginx`. */
export function normalImage(image: string): string {
  const [host = '', ...rest] = image.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(host) || host === 'localhost');
  const full = hasHost ? image : `docker.io/${image}`;
  const named = full.replace(/^index\.docker\.io\//, 'docker.io/');
  return /^docker\.io\/[^/]+$/.test(named) ? named.replace('/', '/library/') : named;
}
