import { spawn } from 'node:child_process';
import { EngineError } from '../../model/index.ts';

/** How one git process is run: never through a shell, with nothing of our own environment. */
export type GitCommand = {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** ms; the whole process group is killed after it. */
  readonly timeout: number;
  /** Bytes of stdout that are kept; more is an error. */
  readonly maxOutput?: number;
  readonly signal?: AbortSignal;
  /** Standard input; none when absent. */
  readonly input?: Uint8Array;
};

/** How it ended. `stdout` is complete when `code` is 0. */
export type GitOutcome = { readonly code: number; readonly stdout: Buffer; readonly stderr: string };

const maxStderr = 64 * 1024;

/** Runs git to its end. Rejects only when it cannot be started, takes too long or says too much. */
export function runGit(command: GitCommand): Promise<GitOutcome> {
  return new Promise((resolve, reject) => {
    if (command.signal?.aborted === true) return reject(stopped());
    const child = spawn('git', command.args, { env: command.env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    // Whoever ends before it has read everything says why by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(command.input);
    const out: Buffer[] = [];
    let size = 0;
    let stderr = '';
    let failure: EngineError | undefined;
    const kill = (why: EngineError) => {
      failure ??= why;
      // Its own process group: ssh and git-remote-https go with it.
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const timer = setTimeout(() => kill(tooSlow(command)), command.timeout);
    const abort = () => kill(stopped());
    command.signal?.addEventListener('abort', abort, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > (command.maxOutput ?? 256 * 1024 * 1024)) kill(tooMuch(command));
      else out.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < maxStderr) stderr += chunk.toString('utf8');
    });
    const done = () => {
      clearTimeout(timer);
      command.signal?.removeEventListener('abort', abort);
    };
    child.on('error', (cause) => {
      done();
      reject(new EngineError('internal', `git: cannot be started: ${cause.message}`, { retry: 'backoff', cause }));
    });
    child.on('close', (code) => {
      done();
      if (failure !== undefined) reject(failure);
      else resolve({ code: code ?? 128, stdout: Buffer.concat(out), stderr });
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

function verb(command: GitCommand): string {
  return command.args.find((arg, i) => !arg.startsWith('-') && !command.args[i - 1]?.startsWith('-')) ?? 'git';
}

function tooSlow(command: GitCommand): EngineError {
  const seconds = Math.round(command.timeout / 1000);
  return new EngineError('repo-unreachable', `git ${verb(command)}: no answer within ${seconds} s`, {
    retry: 'backoff',
  });
}

function tooMuch(command: GitCommand): EngineError {
  return new EngineError('repo-unreachable', `git ${verb(command)}: the answer is too large`, { retry: 'backoff' });
}

function stopped(): EngineError {
  return new EngineError('repo-unreachable', 'git: stopped', { retry: 'backoff' });
}
