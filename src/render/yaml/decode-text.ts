/** Bytes of a manifest file as text: UTF-8, or UTF-16 with a byte order mark, as Argo CD reads them. */

/** The text without its byte order mark; undefined when the bytes are no text in these encodings. */
export function decodeText(bytes: Uint8Array): string | undefined {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return decoders[encoding].decode(bytes);
  } catch {
    return undefined;
  }
}

const decoders = {
  'utf-8': new TextDecoder('utf-8', { fatal: true }),
  'utf-16le': new TextDecoder('utf-16le', { fatal: true }),
  'utf-16be': new TextDecoder('utf-16be', { fatal: true }),
};
