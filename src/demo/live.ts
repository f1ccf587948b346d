// The lower end of the terminal: a few lines that are replaced in place, and lines that stay above them.
import { cut, type Look, paint } from './paint.ts';
import type { DemoWorld } from './parts.ts';

/** What is on the terminal now. */
export type Live = {
  /** False where a program reads: then nothing is ever replaced. */
  readonly replaces: boolean;
  readonly look: Look;
  width(): number;
  /** Replaces the lines at the lower end; nothing elsewhere. Each must fit the width. */
  show(lines: readonly string[]): void;
  /** A line that stays. */
  print(line?: string): void;
  /** What goes on now: a turning sign where lines are replaced; elsewhere a line for each `topic`, now and then again. */
  busy(topic: string, text: string): void;
  /** Leaves what is shown, and shows nothing more. */
  end(): void;
};

const frameMs = 100;
/** Where lines are not replaced, the same topic speaks again after this long, ms. */
const patience = 15_000;

/** Takes over the lower end of the terminal. */
export function openLive(terminal: DemoWorld['terminal'], look: Look): Live {
  let shown: readonly string[] = [];
  let told = { topic: '', at: 0 };
  let turning: (() => string) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const width = (): number => Math.max(40, look.rich ? terminal.columns() : 120);
  // Lines are written over the old ones and cleared only to their right, so that nothing flickers.
  const draw = (lines: readonly string[], above: readonly string[] = []): void => {
    const up = shown.length === 0 ? '' : `\u001b[${shown.length}A\r`;
    const text = [...above, ...lines].map((line) => `${line}\u001b[K\n`).join('');
    terminal.out(`${up}${text}\u001b[J`);
    shown = lines;
  };
  const rest = (): void => {
    clearInterval(timer);
    turning = undefined;
  };
  return {
    replaces: look.rich,
    look,
    width,
    show(lines) {
      rest();
      if (look.rich && (lines.length !== shown.length || lines.some((line, i) => line !== shown[i]))) draw(lines);
    },
    print(line = '') {
      if (look.rich) draw(shown, line.split('\n'));
      else terminal.out(`${line}\n`);
    },
    busy(topic, text) {
      if (!look.rich) {
        const now = performance.now();
        if (topic === told.topic && now - told.at < patience) return;
        told = { topic, at: now };
        terminal.out(`${text}\n`);
        return;
      }
      const start = turning === undefined;
      turning = () => cut(look, text, width() - 3);
      if (!start) return;
      let frame = 0;
      const turn = (): void => {
        const sign = paint(look, look.frames[frame++ % look.frames.length] ?? '', 'busy');
        draw([`${sign} ${turning?.() ?? ''}`]);
      };
      turn();
      timer = setInterval(turn, frameMs);
      timer.unref();
    },
    end() {
      rest();
      shown = [];
    },
  };
}
