import type { TreeNodeView } from '../../contract/index.ts';
import { appArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { dim, type Screen, screenOf, unlimited } from '../output/screen.ts';
import { type Cell, writeTable } from '../output/table.ts';
import { span } from '../output/text.ts';
import { healthWord, syncWord } from '../output/words.ts';

/** `plumb app tree`. */
export const appTree = defineCommand({
  name: 'tree',
  summary: 'Show the objects of an application and everything they own',
  args: [appArgument],
  flags: { output: outputFlag('wide', 'json', 'yaml') },
  examples: [
    { line: 'plumb app tree guestbook', does: 'From Deployments down to Pods' },
    { line: 'plumb app tree guestbook -o wide', does: 'With images' },
  ],
  async run({ args, flags, globals }, context) {
    const key = keyOf(args[0] ?? '', globals.namespace);
    return withOperator(context, globals, async (operator) => {
      const nodes = await operator.tree(key);
      if (!writeData(context, flags.output, nodes))
        writeTree(unlimited(screenOf(context, globals), flags.output === 'wide'), nodes, flags.output === 'wide');
      return exit.ok;
    });
  },
});

/** The nodes as a tree, owners above what they own. */
export function writeTree(screen: Screen, nodes: readonly TreeNodeView[], wide: boolean): void {
  const uids = new Set(nodes.map((node) => node.uid));
  const children = new Map<string, TreeNodeView[]>();
  const roots: TreeNodeView[] = [];
  for (const node of nodes) {
    // A node with several parents is shown below the first: a tree for people, the whole graph is in -o json.
    const parent = node.parentUids.find((uid) => uids.has(uid));
    if (parent === undefined || node.uid === '') roots.push(node);
    else children.set(parent, [...(children.get(parent) ?? []), node]);
  }
  const rows: Cell[][] = [];
  const visited = new Set<string>();
  const walk = (level: readonly TreeNodeView[], prefix: string, top: boolean): void => {
    for (const [i, node] of level.entries()) {
      if (node.uid !== '' && visited.has(node.uid)) continue;
      visited.add(node.uid);
      const last = i === level.length - 1;
      const stem = top ? '' : prefix + (last ? screen.signs.lastBranch : screen.signs.branch);
      rows.push(rowOf(screen, node, stem, wide));
      walk(children.get(node.uid) ?? [], top ? '' : prefix + (last ? '   ' : screen.signs.pipe), false);
    }
  };
  walk(roots, '', true);
  const columns = [
    { title: 'OBJECT', shrink: 1 },
    { title: 'SYNC' },
    { title: 'HEALTH' },
    { title: 'AGE' },
    { title: 'MESSAGE', shrink: 9 },
  ];
  writeTable(screen, wide ? [...columns, { title: 'IMAGES', shrink: 5 }] : columns, rows);
}

function rowOf(screen: Screen, node: TreeNodeView, stem: string, wide: boolean): Cell[] {
  const place = node.ref.namespace === '' ? '' : `${node.ref.namespace}/`;
  const message = node.health?.status === 'Healthy' ? '' : (node.health?.message ?? '');
  return [
    [dim(stem), span(`${node.ref.kind} `), span(place, 'dim'), span(node.ref.name)],
    syncWord(screen, node.status ?? ''),
    healthWord(screen, node.health),
    screen.ago(node.createdAt).replace(/ ago$/, ''),
    message,
    ...(wide ? [node.images.join(', ')] : []),
  ];
}
