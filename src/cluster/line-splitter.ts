// Splits a byte stream into lines, without copying a line that came in one piece.
import { EngineError } from '../model/index.ts';

const newline = 10;
// An object in etcd is 1.5 MB at most; as JSON with its managed fields it stays far below this.
const longestLine = 64 * 1024 * 1024;

/** A function that takes chunks and calls `take` with every whole line; throws when a line does not end. */
export function createLineSplitter(take: (line: string) => void): (chunk: Buffer) => void {
  let pieces: Buffer[] = [];
  let size = 0;
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      if (pieces.length === 0) {
        if (end > start) take(chunk.toString('utf8', start, end));
      } else {
        pieces.push(chunk.subarray(start, end));
        const line = Buffer.concat(pieces).toString('utf8');
        pieces = [];
        size = 0;
        take(line);
      }
      start = end + 1;
    }
    if (start < chunk.length) {
      size += chunk.length - start;
      if (size > longestLine) throw new EngineError('cluster-unreachable', 'watch: a line does not end');
      pieces.push(chunk.subarray(start));
    }
  };
}
