// Shows a test run: lines that stay, and what is going on right now — a line that is replaced on a terminal, a heartbeat elsewhere.

const heartbeatMs = 30_000;
const frameMs = 200;

/** Where a run writes to; standard output in the end. */
export type Board = {
  /** A line that stays. */
  line(text: string): void;
  /** What a running stage is doing; undefined when it has ended. */
  now(stage: string, text: string | undefined): void;
  close(): void;
};

/** A board on standard output. */
export function openBoard(): Board {
  const out = process.stdout;
  const terminal = out.isTTY === true && process.env.TERM !== 'dumb' && !process.env.CI;
  const doing = new Map<string, { text: string; since: number }>();
  const wipe = () => terminal && out.write('\r\x1b[K');
  const status = () =>
    [...doing].map(([stage, { text, since }]) => `${stage}: ${text || seconds(Date.now() - since)}`).join(' · ');
  const draw = () => {
    if (doing.size > 0) out.write(`\r\x1b[K${status().slice(0, out.columns - 1)}`);
  };
  const beat = () => {
    if (doing.size > 0) out.write(`  … ${status()}\n`);
  };
  const timer = setInterval(terminal ? draw : beat, terminal ? frameMs : heartbeatMs);
  timer.unref();
  return {
    line: (text) => {
      wipe();
      out.write(`${text}\n`);
      if (terminal) draw();
    },
    now: (stage, text) => {
      if (text === undefined) doing.delete(stage);
      else doing.set(stage, { text, since: doing.get(stage)?.since ?? Date.now() });
    },
    close: () => {
      clearInterval(timer);
      doing.clear();
      wipe();
    },
  };
}

/** A time for people: `3.1 s`, `2:05 min`. */
export function seconds(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
}
