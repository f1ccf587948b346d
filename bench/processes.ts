// What processes cost, read from /proc: CPU time and memory of a process and everything it has started.
import { readdirSync, readFileSync } from 'node:fs';

// USER_HZ is 100 on every Linux that Node runs on.
const ticksPerSecond = 100;
const MiB = 1024 * 1024;

/**
 * Memory of a tree of processes, bytes: the sum of what each has resident (RSS), the same with what is shared by several
 * processes of the machine counted in parts (PSS), and the root's own RSS.
 */
export type Memory = {
  readonly tree: number;
  readonly proportional: number;
  readonly own: number;
  /** RSS by name of the program. */
  readonly parts: Readonly<Record<string, number>>;
};

/** A process and all its descendants. */
export function treeOf(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statOf(Number(name))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/** CPU seconds of these processes until now, with those of their children that have ended. */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = statOf(pid);
    // utime, stime, cutime, cstime
    for (const field of stat?.slice(11, 15) ?? []) ticks += Number(field);
  }
  return ticks / ticksPerSecond;
}

/** Memory of a process and its descendants now. */
export function memoryOf(root: number): Memory {
  let [tree, proportional] = [0, 0];
  const parts: Record<string, number> = {};
  for (const pid of treeOf(root)) {
    const file = `/proc/${pid}/smaps_rollup`;
    const resident = field(file, 'Rss');
    const name = commandOf(pid).split('\0')[0]?.split('/').at(-1) ?? '';
    parts[name] = (parts[name] ?? 0) + resident;
    tree += resident;
    proportional += field(file, 'Pss');
  }
  return { tree, proportional, own: field(`/proc/${root}/status`, 'VmRSS'), parts };
}

/** The command line of a process, its words ended by NUL; '' when it is gone. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Bytes as MiB. */
export function mebibytes(bytes: number): number {
  return Math.round(bytes / MiB);
}

// The fields of /proc/PID/stat behind the name, which may hold anything: state, parent, …
function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function field(file: string, name: string): number {
  try {
    const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'));
    return Number(line?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
