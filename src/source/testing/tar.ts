import { gzipSync } from 'node:zlib';

/** An entry of a tar archive as a test wants it, however strange. */
export type TarEntry = {
  readonly path: string;
  readonly content?: string | Buffer;
  readonly link?: string;
  readonly type?: string;
};

/** A tar archive of these entries (ustar, nothing long). */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { path, content = '', link = '', type } of entries) {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write('0000644\0', 100);
    header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write(type ?? (link === '' ? '0' : '2'), 156);
    header.write(link, 157, 100);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, body, Buffer.alloc((512 - (body.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A chart's archive: Chart.yaml, values and one template, below the chart's directory. */
export function chartArchive(name: string, version: string, more: readonly TarEntry[] = []): Buffer {
  return gzipSync(
    tarOf([
      { path: `${name}/Chart.yaml`, content: `apiVersion: v2\nname: ${name}\nversion: ${version}\n` },
      { path: `${name}/values.yaml`, content: 'a: 1\n' },
      { path: `${name}/templates/x.yaml`, content: 'kind: X\n' },
      ...more,
    ]),
  );
}
