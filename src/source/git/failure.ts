import { EngineError, type ErrorCode } from '../../model/index.ts';
import { redact } from '../redact.ts';

/** What git prints when something goes wrong, most telling first, and what it means to us. */
const meanings: readonly (readonly [pattern: RegExp, code: ErrorCode])[] = [
  [/could(?:n't| not) find remote ref|not our ref|unadvertised object|no such remote ref/i, 'revision-not-found'],
  [
    /host key verification failed|no matching host key|server certificate|SSL certificate|certificate verif|unable to get local issuer|invalid format|error in libcrypto|Load key/i,
    'repo-config',
  ],
  [/transport '.*' not allowed|fsck|index-pack failed|unpack-objects failed|dubious ownership/i, 'repo-config'],
  [
    /authentication failed|could not read (?:username|password)|permission denied|invalid (?:username|credentials)|access denied|not authorized|terminal prompts disabled|returned error: 40[13]|unable to read askpass/i,
    'repo-denied',
  ],
  [
    /repository '.*' not found|repository not found|does not appear to be a git repository|no such file or directory|does not exist|returned error: 404|project you were looking for could not be found|not found: did you run/i,
    'repo-not-found',
  ],
  [/returned error: 429|too many requests/i, 'throttled'],
];

/** The EngineError for a git process that failed at `about` (an address without secrets). */
export function gitFailure(what: string, stderr: string, about: string, secrets: readonly string[]): EngineError {
  const text = redact(stderr, secrets);
  const code = meanings.find(([pattern]) => pattern.test(text))?.[1] ?? 'repo-unreachable';
  const retry = code === 'revision-not-found' ? 'never' : 'backoff';
  return new EngineError(code, `${what}: ${about}: ${tellingLine(text)}`, { about, retry });
}

/** True when a login that is sent at once met a redirect, which is then refused. */
export function isRedirect(stderr: string): boolean {
  return /returned error: 30[1278]|redirect/i.test(stderr);
}

/** The line that says most, without what changes from one attempt to the next. */
function tellingLine(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const prefer = [
    /^remote: (?!enumerating|counting|compressing|total)/i,
    /^ssh: |permission denied|verification failed/i,
    /^fatal: /,
    /^error: /,
  ];
  const found = prefer.map((pattern) => lines.find((line) => pattern.test(line))).find((line) => line !== undefined);
  return (found ?? lines.at(-1) ?? 'no reason given')
    .replace(/^(?:fatal|error|remote): (?:error: )?/i, '')
    .replace(/ after \d+ ?ms\b/g, '')
    .slice(0, 300);
}
