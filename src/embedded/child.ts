// One running component: a child process in its own process group, that ends when our end of its standard input closes, by our death too.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** A component's process: started once, watched, killed, and started again at will. */
export class Child {
  readonly name: string;
  readonly #command: readonly string[];
  readonly #logFile: string;
  readonly #home: string;
  #process: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #exit: string | undefined;

  /** `home` is the directory it runs in and takes for its home, so that it reads no file of the user's. */
  constructor(name: string, command: readonly string[], logFile: string, home: string) {
    this.name = name;
    this.#command = command;
    this.#logFile = logFile;
    this.#home = home;
  }

  /** How it ended ("code 1", "SIGKILL"), while it runs undefined. */
  get exit(): string | undefined {
    return this.#exit;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the process. It never keeps the event loop of its owner alive. */
  start(): void {
    const [file = '', ...args] = this.#command;
    const log = openSync(this.#logFile, 'a', 0o600);
    const child = spawn(file, args, {
      cwd: this.#home,
      // Its own group: a Ctrl-C in the owner's terminal must not reach it before the owner has used it for the last time.
      detached: true,
      env: { PATH: process.env.PATH ?? '', HOME: this.#home, KUBEBOX_OWNER: 'stdin' },
      stdio: ['pipe', log, log],
    });
    closeSync(log);
    this.#exit = undefined;
    this.#process = child;
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#exit = error.message;
        resolve();
      });
      child.once('exit', (code, signal) => {
        this.#exit = signal ?? `code ${code}`;
        resolve();
      });
    });
    child.stdin?.on('error', () => undefined);
    this.#keepAwake(false);
  }

  /** Sends a signal and waits until the process is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#process === undefined || this.#exit !== undefined) return;
    this.#keepAwake(true);
    this.#process.kill(signal);
    await this.#ended;
  }

  /** Sends a signal and does not wait: SIGSTOP and SIGCONT freeze and thaw it. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Closes its standard input, which a janitor takes for the end of its owner, and waits until the process is gone. */
  async release(): Promise<void> {
    if (this.#process === undefined || this.#exit !== undefined) return;
    this.#keepAwake(true);
    this.#process.stdin?.end();
    await this.#ended;
  }

  /** Everything it has written so far. */
  log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  /** The last lines it has written that tell of a problem, for an error message. */
  complaint(): string {
    const lines = this.log().trimEnd().split('\n');
    const bad = lines.filter((line) => /^[EF]\d{4} |error|fatal|panic/i.test(line));
    return (bad.at(-1) ?? lines.at(-1) ?? '').slice(0, 400);
  }

  #keepAwake(awake: boolean): void {
    const handles = [this.#process, this.#process?.stdin as { ref?(): void; unref?(): void } | null | undefined];
    for (const handle of handles) {
      if (awake) handle?.ref?.();
      else handle?.unref?.();
    }
  }
}
