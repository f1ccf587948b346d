/** Files of a container: where their content comes from, and the ConfigMap that carries it. */
import { hash } from 'node:crypto';
import type { JsonObject } from '../../model/index.ts';
import type { Tree } from '../../ports/index.ts';
import { resolvePath } from '../paths.ts';
import { decodeText } from '../yaml/decode-text.ts';
import { fieldsOf, flagOf, matching, needed, type Problems, textOf } from './form.ts';
import type { Node, Place, ScalarNode } from './node.ts';
import { type Lookup, plainText } from './placeholders.ts';
import type { FileMount } from './workload.ts';

/** Where the files of a workload lie. */
export type Folder = { readonly tree: Pick<Tree, 'read'>; readonly directory: string };

const modeForm = /^0?[0-7]{3}$/;
const targetForm = /^\/(?!.*(?:^|\/)\.\.(?:\/|$))[^:\0]+$/;
/** What a ConfigMap may hold, less what its keys need. */
const maxBytes = 1_000_000;

/** Reads Score's files: a list with `target`, or a map by target. Without `lookup` nothing is filled in. */
export async function readFiles(
  node: Node | undefined,
  what: string,
  { folder, lookup, problems }: { readonly folder: Folder; readonly lookup?: Lookup; readonly problems: Problems },
): Promise<readonly FileMount[]> {
  const files: FileMount[] = [];
  for (const { target: key, node: one, at } of filesIn(node, what, problems)) {
    const names = ['target', 'mode', 'source', 'content', 'binaryContent', 'noExpand'] as const;
    const fields = fieldsOf(one, names, at, problems);
    if (fields === undefined) continue;
    const target = matching(key ?? fields.get('target'), `${at}.target`, targetForm, 'an absolute path', problems);
    const mode = matching(fields.get('mode'), `${at}.mode`, modeForm, 'octal digits like "0644"', problems);
    const keep = flagOf(fields.get('noExpand'), `${at}.noExpand`, problems) ?? false;
    const text = textOf(fields.get('content'), `${at}.content`, problems);
    const binary = textOf(fields.get('binaryContent'), `${at}.binaryContent`, problems);
    const source = textOf(fields.get('source'), `${at}.source`, problems);
    if ([text, binary, source].filter((given) => given !== undefined).length !== 1) {
      problems.push({ place: fields.place, message: `${at} needs content or source, and only one of them` });
      continue;
    }
    const content =
      source !== undefined
        ? await sourceOf(source, fields.get('source')?.place ?? fields.place, folder, problems)
        : binary !== undefined
          ? Buffer.from(binary, 'base64')
          : text;
    needed(target, fields.place, `${at}.target`, problems);
    if (target === undefined || content === undefined) continue;
    const place = fields.get('content')?.place ?? fields.place;
    const fill = typeof content === 'string' && !keep && lookup !== undefined;
    const filled = fill ? plainText(content, place, lookup, at, problems) : content;
    files.push({ target, content: filled, ...(mode === undefined ? {} : { mode }) });
  }
  return files;
}

type Written = { readonly target: Node | undefined; readonly node: Node; readonly at: string };

function filesIn(node: Node | undefined, what: string, problems: Problems): readonly Written[] {
  if (node === undefined) return [];
  if (node.kind === 'list')
    return node.items.map((item, i) => ({ target: undefined, node: item, at: `${what}[${i}]` }));
  if (node.kind === 'map')
    return [...node.entries].map(([target, entry]) => ({
      target: { kind: 'scalar', place: entry.key, value: target, text: target },
      node: entry.node.kind === 'scalar' ? contentAlone(entry.node) : entry.node,
      at: `${what}.${target}`,
    }));
  problems.push({ place: node.place, message: `${what} must be a list, or a map by path` });
  return [];
}

/** `/etc/motd: hello` is `/etc/motd: {content: hello}`. */
function contentAlone(node: ScalarNode): Node {
  return { kind: 'map', place: node.place, entries: new Map([['content', { key: node.place, node }]]) };
}

/** The content of a file of the repository; its path counts from the workload's own. */
async function sourceOf(
  path: string,
  place: Place,
  { tree, directory }: Folder,
  problems: Problems,
): Promise<string | Uint8Array | undefined> {
  const file = resolvePath(directory, path, `${place.file}:${place.line}`);
  const bytes = await tree.read(file);
  if (bytes === undefined) {
    problems.push({ place, message: `there is no file ${file}` });
    return undefined;
  }
  return decodeText(bytes) ?? bytes;
}

/** The ConfigMap of a container's files, and how it is mounted. */
export type MountedFiles = {
  readonly configMap: JsonObject;
  readonly volume: JsonObject;
  readonly mounts: readonly JsonObject[];
  /** Changes with any file, so that a change rolls out. */
  readonly digest: string;
};

/** Carries `files` in a ConfigMap `name`, through the volume `volume`. */
export function mountFiles(
  files: readonly FileMount[],
  { name, volume, metadata }: { readonly name: string; readonly volume: string; readonly metadata: JsonObject },
): MountedFiles | undefined {
  if (files.length === 0) return undefined;
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  const items: JsonObject[] = [];
  const mounts: JsonObject[] = [];
  for (const { target, mode, content } of files) {
    const plain = target
      .slice(1)
      .replace(/[^A-Za-z0-9._-]+/g, '_')
      .slice(0, 200);
    let key = plain;
    for (let n = 2; key in data || key in binaryData; n++) key = `${plain}_${n}`;
    if (typeof content === 'string') data[key] = content;
    else binaryData[key] = Buffer.from(content).toString('base64');
    items.push({ key, path: key, ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }) });
    mounts.push({ name: volume, mountPath: target, subPath: key, readOnly: true });
  }
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadata, name },
    ...(Object.keys(data).length === 0 ? {} : { data }),
    ...(Object.keys(binaryData).length === 0 ? {} : { binaryData }),
  };
  const digest = hash('sha256', JSON.stringify([data, binaryData]), 'hex').slice(0, 16);
  return { configMap, volume: { name: volume, configMap: { name, items } }, mounts, digest };
}

/** Notes files that are too large together. */
export function checkSize(files: readonly FileMount[], place: Place, problems: Problems): void {
  const bytes = files.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  if (bytes > maxBytes)
    problems.push({
      place,
      message: `the files of a container are larger than ${maxBytes} bytes: put them in a volume`,
    });
}
