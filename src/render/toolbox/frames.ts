/**
 * The wire between client and toolbox: a frame is two 32-bit big-endian lengths, a JSON header, and raw bytes that the
 * header says how to cut up, so that large texts are never escaped.
 */

/** A frame as it came: the parsed header, and the bytes behind it. */
export type Frame = { readonly header: Readonly<Record<string, unknown>>; readonly payload: Uint8Array };

const PREFIX = 8;
const encoder = new TextEncoder();

/** The bytes of a frame; the blobs become its payload one after the other. */
export function encodeFrame(header: object, blobs: readonly Uint8Array[] = []): Uint8Array[] {
  const head = encoder.encode(JSON.stringify(header));
  const start = Buffer.allocUnsafe(PREFIX);
  start.writeUInt32BE(head.length, 0);
  start.writeUInt32BE(
    blobs.reduce((sum, blob) => sum + blob.length, 0),
    4,
  );
  return [Buffer.concat([start, head]), ...blobs.filter((blob) => blob.length > 0)];
}

/** Puts frames together from the chunks of a stream. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;
  #wanted = PREFIX;

  /** Takes a chunk and gives the frames that it completes. Throws when a header is no JSON object. */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const frames: Frame[] = [];
    while (this.#length >= this.#wanted) {
      const all = this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks);
      const head = all.readUInt32BE(0);
      const total = PREFIX + head + all.readUInt32BE(4);
      if (all.length >= total) {
        const header: unknown = JSON.parse(all.toString('utf8', PREFIX, PREFIX + head));
        if (typeof header !== 'object' || header === null) throw new Error('frame header is no object');
        frames.push({ header: header as Record<string, unknown>, payload: all.subarray(PREFIX + head, total) });
      }
      const rest = all.length >= total ? all.subarray(total) : all;
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#length = rest.length;
      this.#wanted = all.length >= total ? PREFIX : total;
    }
    return frames;
  }
}

/** Cuts a payload into pieces of these sizes; -1 stands for a piece that is not there. */
export function cutPayload(payload: Uint8Array, sizes: readonly number[]): (Uint8Array | undefined)[] {
  let offset = 0;
  return sizes.map((size) => {
    if (size < 0) return undefined;
    offset += size;
    return payload.subarray(offset - size, offset);
  });
}

/** The sizes that `cutPayload` takes, for these pieces. */
export function sizesOf(pieces: readonly (Uint8Array | undefined)[]): number[] {
  return pieces.map((piece) => piece?.length ?? -1);
}
