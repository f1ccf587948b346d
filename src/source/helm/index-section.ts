import { load } from 'js-yaml';
import { at, EngineError, type Json, listAt, stringAt } from '../../model/index.ts';

/** One version of a chart as the index of its repository lists it. */
export type ChartVersion = {
  readonly version: string;
  readonly urls: readonly string[];
  /** Hex SHA-256 of the archive, '' when the index does not say. */
  readonly digest: string;
  readonly created: string;
  readonly description: string;
};

const maxSection = 16 * 1024 * 1024;
const maxWhole = 16 * 1024 * 1024;

/**
 * The versions of one chart in an index.yaml. Indexes reach tens of megabytes, which would take seconds to parse whole;
 * in the block style that Helm writes, the lines of one chart can be cut out and parsed alone.
 */
export function chartVersions(index: string, chart: string, about: string): readonly ChartVersion[] {
  if (index.trim() === '') return [];
  const section = sectionOf(index, chart);
  if (section === 'unknown-form') {
    if (index.length > maxWhole) throw unreadable(about, 'too large for its form');
    return versionsOf(listAt(parse(index, about), 'entries', chart));
  }
  if (section === undefined) return [];
  if (section.length > maxSection) throw unreadable(about, `too large: ${chart}`);
  const parsed = parse(section, about);
  return versionsOf(listAt(parsed, chart));
}

/** The lines of `chart` below `entries:`, undefined when it is not there. */
function sectionOf(index: string, chart: string): string | undefined | 'unknown-form' {
  const entries = /^entries:[ \t]*(?:#.*)?\r?$/m.exec(index);
  // Anchors reach over sections; flow style and tabs have no lines to cut.
  if (entries === null || /^\s*\{/.test(index) || /[:-] &[A-Za-z0-9_]/.test(index.slice(0, 64 * 1024)))
    return 'unknown-form';
  const start = entries.index + entries[0].length + 1;
  const first = /^( +)[^\s#]/m.exec(index.slice(start, start + 4096));
  if (first === null || first.index > 2048) return 'unknown-form';
  const indent = first[1] ?? '';
  let at = start;
  let from = -1;
  while (at < index.length) {
    const end = index.indexOf('\n', at);
    const stop = end < 0 ? index.length : end + 1;
    const c = index[at];
    // A line that begins at the margin ends the entries.
    if (c !== ' ' && c !== '\n' && c !== '\r' && c !== '#') break;
    if (isKey(index, at, indent)) {
      if (from >= 0) return index.slice(from, at);
      if (keyAt(index.slice(at, stop)) === chart) from = at;
    }
    at = stop;
  }
  return from < 0 ? undefined : index.slice(from, at);
}

function isKey(index: string, at: number, indent: string): boolean {
  if (!index.startsWith(indent, at)) return false;
  const next = index[at + indent.length];
  return next !== undefined && next !== ' ' && next !== '-' && next !== '\n' && next !== '\r' && next !== '#';
}

function keyAt(line: string): string {
  const match = /^\s*(?:"([^"\\]*)"|'([^']*)'|([^\s:#][^:#]*?))\s*:/.exec(line);
  return match?.[1] ?? match?.[2] ?? match?.[3] ?? '';
}

function parse(text: string, about: string): Json {
  try {
    return (load(text) ?? null) as Json;
  } catch {
    throw unreadable(about, 'it is no YAML');
  }
}

function versionsOf(list: readonly Json[]): readonly ChartVersion[] {
  return list.flatMap((entry) => {
    const version = at(entry, 'version');
    if (typeof version !== 'string' && typeof version !== 'number') return [];
    const urls = listAt(entry, 'urls').filter((url) => typeof url === 'string');
    const digest = (stringAt(entry, 'digest') ?? '').replace(/^sha256:/, '').toLowerCase();
    const created = at(entry, 'created');
    return [
      {
        version: String(version),
        urls,
        digest: /^[0-9a-f]{64}$/.test(digest) ? digest : '',
        created: created === undefined || created === null ? '' : dateText(created),
        description: stringAt(entry, 'description') ?? '',
      },
    ];
  });
}

function dateText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function unreadable(about: string, why: string): EngineError {
  return new EngineError('repo-config', `chart index: ${why}: ${about}`, { about });
}
