// Differences as Markdown, for comments on pull requests.
import type { ObjectChange } from '../../contract/index.ts';
import { describe } from '../../model/index.ts';
import { changesSummary } from './changes.ts';

/** Forges refuse longer comments. */
const longest = 60_000;
const longestValue = 2_000;
const signs: Readonly<Partial<Record<ObjectChange['kind'], string>>> = { create: '➕', prune: '➖', update: '✏️' };

/** What a change would make different: a summary, and each object to be unfolded. */
export function changesMarkdown(title: string, changes: readonly ObjectChange[]): string {
  const differing = changes.filter((change) => change.kind !== 'same');
  const head = [`**${plain(title)}**: ${changesSummary(changes)}`];
  let size = head.join('').length;
  const blocks: string[] = [];
  for (const change of differing) {
    const block = objectBlock(change);
    size += block.length;
    if (size > longest) {
      blocks.push(`…and ${differing.length - blocks.length} more objects`);
      break;
    }
    blocks.push(block);
  }
  return [...head, ...blocks].join('\n\n');
}

function objectBlock(change: ObjectChange): string {
  const title = `${signs[change.kind] ?? '❗'} ${plain(describe(change.ref))}`;
  const lines = change.fields
    .slice(0, 100)
    .flatMap(({ path, live, desired }) => [
      ...(live === undefined ? [] : [`- ${path}: ${shortened(live)}`]),
      ...(desired === undefined ? [] : [`+ ${path}: ${shortened(desired)}`]),
    ]);
  if (lines.length === 0) return title;
  const body = lines.join('\n');
  // A fence that no line of the text can end.
  const fence = '`'.repeat(Math.max(3, ...[...body.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `<details><summary>${title}</summary>\n\n${fence}diff\n${body}\n${fence}\n\n</details>`;
}

function shortened(value: string): string {
  const line = value.replace(/\n/g, '\\n');
  return line.length > longestValue ? `${line.slice(0, longestValue)}…` : line;
}

function plain(text: string): string {
  return text.replace(/[<>|`*_[\]\\@]/g, (char) => (char === '@' ? '@\u200b' : `\\${char}`)).replace(/\s+/g, ' ');
}
