/** A line of a text that was compared: kept, taken away or added; `gap` stands for kept lines that are not shown. */
export type DiffLine = { readonly kind: 'same' | 'less' | 'more' | 'gap'; readonly text: string };

const longest = 2_000;

/** What leads from one text to another, with `context` kept lines around changes; undefined for texts too long for it. */
export function diffLines(before: string, after: string, context = 2): readonly DiffLine[] | undefined {
  const a = before.replace(/\n$/, '').split('\n');
  const b = after.replace(/\n$/, '').split('\n');
  if (a.length > longest || b.length > longest) return undefined;
  return withGaps(edits(a, b), context);
}

/** Longest common subsequence; the common head and tail are taken off first, so that most work is small. */
function edits(a: readonly string[], b: readonly string[]): DiffLine[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  return [
    ...a.slice(0, head).map(same),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ];
}

function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  const width = b.length + 1;
  const best = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const down = best[(i + 1) * width + j] ?? 0;
      const right = best[i * width + j + 1] ?? 0;
      best[i * width + j] = a[i] === b[j] ? (best[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(down, right);
    }
  }
  const out: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (left !== undefined && left === right) {
      out.push({ kind: 'same', text: left });
      i++;
      j++;
    } else if (
      left !== undefined &&
      (right === undefined || (best[(i + 1) * width + j] ?? 0) >= (best[i * width + j + 1] ?? 0))
    ) {
      out.push({ kind: 'less', text: left });
      i++;
    } else {
      out.push({ kind: 'more', text: right ?? '' });
      j++;
    }
  }
  return out;
}

function withGaps(lines: readonly DiffLine[], context: number): DiffLine[] {
  const near = lines.map(() => false);
  for (const [i, line] of lines.entries()) {
    if (line.kind === 'same') continue;
    for (let k = Math.max(0, i - context); k <= Math.min(lines.length - 1, i + context); k++) near[k] = true;
  }
  const out: DiffLine[] = [];
  for (const [i, line] of lines.entries()) {
    if (near[i]) out.push(line);
    else if (out.at(-1)?.kind !== 'gap') out.push({ kind: 'gap', text: '' });
  }
  return out;
}
