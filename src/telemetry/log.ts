// The log: JSON lines by pino, with secrets taken out before anything is written.
import { pino } from 'pino';
import type { Log } from '../ports/index.ts';
import { redact } from './redact.ts';

/** Where and how much is logged. `level` is pino's: debug, info, warn, error, silent. */
export type LogOptions = { readonly level: string; readonly destination?: { write(line: string): void } };

/** Makes a log that writes JSON lines to standard error, or to the destination. */
export function createLog(options: LogOptions): Log {
  const logger = pino(
    {
      level: options.level,
      hidePid: true,
      formatters: { bindings: () => ({}), level: (level: string) => ({ level }) },
    } as object,
    options.destination ?? pino.destination({ dest: 2, ...flushing(options.level) }),
  );
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      if (logger.isLevelEnabled(level)) logger[level](redact(fields), message);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

// A line by itself costs as much as the request it tells of: they go out together, by the end of the process at last. Who
// asks for debug lines watches: each goes out before what it tells of has an effect.
function flushing(level: string): {
  readonly sync: boolean;
  readonly minLength?: number;
  readonly periodicFlush?: number;
} {
  return level === 'debug' ? { sync: true } : { sync: false, minLength: 4096, periodicFlush: 200 };
}
