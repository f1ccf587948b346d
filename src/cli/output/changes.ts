import type { ObjectChange } from '../../contract/index.ts';
import { apiVersionOf, describe, type FieldChange } from '../../model/index.ts';
import { diffLines } from './line-diff.ts';
import { pathText } from './pointer.ts';
import { dim, type Screen } from './screen.ts';
import { clean, cleanLines, count, type Span, span, type Tone, truncate, widthOf } from './text.ts';

const ownManager = 'plumbline';

const looks: Readonly<Record<ObjectChange['kind'], readonly [sign: string, tone: Tone, words: string]>> = {
  same: ['=', 'dim', ''],
  create: ['+', 'good', 'is new'],
  update: ['~', 'warn', ''],
  prune: ['-', 'bad', 'is no longer wanted'],
  rejected: ['!', 'bad', 'is rejected'],
  'unknown-kind': ['+', 'good', 'is new, of a kind that the cluster does not know yet'],
  'no-namespace': ['+', 'good', 'is new, in a namespace that does not exist yet'],
  foreign: ['!', 'bad', 'belongs to another application'],
};

/** Writes what differs, object by object; nothing for those that are the same. */
export function writeChanges(screen: Screen, changes: readonly ObjectChange[]): void {
  for (const change of changes) {
    if (change.kind === 'same') continue;
    const [sign, tone, words] = looks[change.kind];
    const title = span(`${sign} ${clean(describe(change.ref))}`, tone);
    const origin = change.origin === '' ? '' : `  ${clean(change.origin)}`;
    screen.line(title, dim(` (${apiVersionOf(change.ref)})`), words === '' ? '' : `  ${words}`, dim(origin));
    if (change.message) screen.line('    ', span(clean(change.message), 'bad'));
    writeFields(screen, change.fields);
  }
}

/** `3 objects differ: 1 to create, 2 to update; 12 are the same.` */
export function changesSummary(changes: readonly ObjectChange[]): string {
  const groups: Record<string, number> = {};
  for (const { kind } of changes) {
    const name = kind === 'unknown-kind' || kind === 'no-namespace' ? 'create' : kind;
    groups[name] = (groups[name] ?? 0) + 1;
  }
  const same = groups.same ?? 0;
  const differing = changes.length - same;
  if (differing === 0) return same === 0 ? 'No differences.' : `No differences: ${count(same, 'object')} the same.`;
  const names: readonly (readonly [string, string])[] = [
    ['create', 'to create'],
    ['update', 'to update'],
    ['prune', 'to prune'],
    ['rejected', 'rejected'],
    ['foreign', 'of another application'],
  ];
  const parts = names.flatMap(([kind, words]) => (groups[kind] ? [`${groups[kind]} ${words}`] : []));
  const rest = same === 0 ? '' : `; ${same} the same`;
  return `${count(differing, 'object')} ${differing === 1 ? 'differs' : 'differ'}: ${parts.join(', ')}${rest}.`;
}

function writeFields(screen: Screen, fields: readonly FieldChange[]): void {
  const paths = fields.map((field) => clean(pathText(field.path)));
  const width = Math.min(48, Math.max(0, ...paths.map(widthOf)));
  for (const [i, field] of fields.entries()) {
    const path = paths[i] ?? '';
    const owner = ownerText(screen, field);
    const texts = multiline(field);
    if (texts !== undefined) {
      screen.line('    ', path, dim(owner));
      writeText(screen, texts.live, texts.desired);
      continue;
    }
    const padding = ' '.repeat(Math.max(0, width - widthOf(path)));
    const room = Math.max(16, Math.floor((screen.width - width - 12) / 2));
    screen.line('    ', path, padding, '  ', ...values(screen, field, room), dim(owner));
  }
}

function values(screen: Screen, field: FieldChange, room: number): readonly (Span | string)[] {
  const short = (text: string): string => truncate(clean(text), room, screen.signs.ellipsis);
  const live = field.live === undefined ? dim('(none)') : span(short(field.live), 'bad');
  const desired = field.desired === undefined ? dim('(none)') : span(short(field.desired), 'good');
  return [live, ` ${screen.signs.arrow} `, desired];
}

function ownerText(screen: Screen, field: FieldChange): string {
  // Our own writes need no naming; somebody else's do.
  if (field.owner === undefined || field.owner === ownManager) return '';
  const when = field.since === undefined ? '' : ` ${screen.ago(field.since)}`;
  return `  by ${clean(field.owner)}${when}`;
}

/** Both sides as texts, when they are strings and at least one has several lines. */
function multiline(field: FieldChange): { readonly live: string; readonly desired: string } | undefined {
  const live = stringOf(field.live);
  const desired = stringOf(field.desired);
  if (live === undefined || desired === undefined) return undefined;
  return live.includes('\n') || desired.includes('\n') ? { live, desired } : undefined;
}

function stringOf(json: string | undefined): string | undefined {
  if (json === undefined) return '';
  if (!json.startsWith('"')) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function writeText(screen: Screen, live: string, desired: string): void {
  const lines = diffLines(cleanLines(live), cleanLines(desired));
  if (lines === undefined) {
    screen.line('      ', dim(`${live.length} characters ${screen.signs.arrow} ${desired.length} characters`));
    return;
  }
  const signs = { same: ' ', less: '-', more: '+', gap: screen.signs.ellipsis } as const;
  const tones = { same: 'dim', less: 'bad', more: 'good', gap: 'dim' } as const;
  for (const line of lines) screen.line('      ', span(`${signs[line.kind]} ${line.text}`, tones[line.kind]));
}
