/** Failures of the toolbox as the engine's own errors: translated once, here. */
import { EngineError, type ErrorCode } from '../model/index.ts';
import { joinPath } from './paths.ts';
import { ToolboxError, type ToolboxErrorCode } from './toolbox/protocol.ts';

const codes: Partial<Record<ToolboxErrorCode, ErrorCode>> = {
  timeout: 'render-timeout',
  memory: 'render-limit',
  'input-limit': 'render-limit',
  'output-limit': 'render-limit',
  crashed: 'toolbox-failed',
  cancelled: 'toolbox-failed',
  closed: 'toolbox-failed',
  spawn: 'toolbox-failed',
  protocol: 'toolbox-failed',
  'bad-request': 'internal',
  'not-found': 'path-not-found',
  'remote-base': 'remote-base',
  'missing-dependencies': 'missing-dependencies',
  'load-restriction': 'path-outside',
};

/** Libraries quote their input, which may be long. */
const longestMessage = 2_000;

/** Failures that may go away without a new commit. */
const passing = new Set<ErrorCode>(['toolbox-failed', 'render-timeout']);

/** `thrown` as an EngineError about `path`; what is no ToolboxError comes back as it is. */
export function fromToolbox(thrown: unknown, tool: string, path: string): unknown {
  if (!(thrown instanceof ToolboxError)) return thrown;
  const code = codes[thrown.code] ?? 'render-failed';
  const { file, line } = thrown.details;
  const where = file ?? path;
  const about = line === undefined ? where : `${where}:${line}`;
  const message =
    thrown.message.includes(where) && where !== '' ? thrown.message : `${where || '.'}: ${thrown.message}`;
  const retry = passing.has(code) ? 'backoff' : 'never';
  return new EngineError(code, `${tool}: ${message.slice(0, longestMessage)}`, {
    about: about || joinPath(path, ''),
    retry,
    cause: thrown,
  });
}
