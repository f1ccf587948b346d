// The thin client: raw JSON over a transport, bounded and fair, patient where patience is safe, and one wall at which
// foreign failures become the engine's errors.
import { EngineError, isJsonObject, type Json, type JsonObject } from '../model/index.ts';
import type { Clock, Random } from '../ports/index.ts';
import { createGate, type Gate } from './gate.ts';
import { blamesObject, refusalError } from './refusal.ts';
import { type Answer, type LineSink, type Outgoing, type Transport, TransportError } from './transport.ts';

/** One request. `doing` names it in errors. */
export type Ask = {
  readonly method: Outgoing['method'];
  readonly path: string;
  readonly doing: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whose turn it uses; requests of one name share it. */
  readonly who?: string;
  /** Sending it twice does no harm. GET is always safe. */
  readonly safe?: boolean;
  readonly timeout?: number;
};

/** Requests to one apiserver. */
export type Client = {
  /** The answer whatever its status; throws only when none came after all tries. */
  ask(ask: Ask): Promise<Answer>;
  /** The JSON of a success; every other status is an EngineError. */
  json(ask: Ask): Promise<JsonObject>;
  stream(path: string, accept: string, quiet: number, sink: LineSink): () => void;
  readonly gate: Gate;
  close(): Promise<void>;
};

const tries = 4;
const firstPause = 100;
const longestPause = 5_000;
const defaultTimeout = 30_000;

/**
 * A client over a transport; `most` requests run at once. What does not answer is told by the name of its cluster,
 * `where`, in place of what was asked for: the same words whatever it was, so that conditions keep their time.
 */
export function createClient(transport: Transport, clock: Clock, random: Random, most: number, where?: string): Client {
  const gate = createGate(most);
  const ask = async (one: Ask): Promise<Answer> => {
    const outgoing = outgoingOf(one);
    for (let attempt = 1; ; attempt++) {
      const got = await through(gate, transport, outgoing, one.who ?? '');
      const pause = pauseBefore(got, one, attempt, random);
      if (pause === undefined) {
        if (got instanceof Error) throw asUnreachable(got, where ?? one.doing);
        return got;
      }
      await new Promise<void>((resolve) => {
        clock.after(pause, resolve);
      });
    }
  };
  return {
    ask,
    gate,
    async json(one) {
      const answer = await ask(one);
      if (answer.status < 200 || answer.status > 299) throw refusalError(answer, one.doing);
      return parseObject(answer.text, one.doing);
    },
    stream: (path, accept, quiet, sink) => transport.stream(path, { accept, 'user-agent': agent }, quiet, sink),
    close: () => transport.close(),
  };
}

/** The JSON object of an answer. */
export function parseObject(text: string, doing: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new EngineError('cluster-unreachable', `${doing}: the answer is not JSON`, { cause, retry: 'backoff' });
  }
  if (isJsonObject(value)) return value;
  throw new EngineError('cluster-unreachable', `${doing}: the answer is not a JSON object`, { retry: 'backoff' });
}

const agent = 'plumbline';

function outgoingOf(one: Ask): Outgoing {
  const headers: Record<string, string> = { accept: one.accept ?? 'application/json', 'user-agent': agent };
  if (one.body !== undefined) headers['content-type'] = one.contentType ?? 'application/json';
  Object.assign(headers, one.headers);
  return {
    method: one.method,
    path: one.path,
    headers,
    timeout: one.timeout ?? defaultTimeout,
    ...(one.body === undefined ? {} : { body: one.body }),
  };
}

async function through(gate: Gate, transport: Transport, outgoing: Outgoing, who: string): Promise<Answer | Error> {
  const turn = gate.enter(who);
  if (turn !== undefined) await turn;
  let overloaded = false;
  try {
    const answer = await transport.send(outgoing);
    overloaded = answer.status === 429 || answer.status === 503 || answer.status === 504;
    return answer;
  } catch (error) {
    overloaded = true;
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    gate.leave(overloaded);
  }
}

/** How long to wait before the next try, ms; undefined when this was the last. */
function pauseBefore(got: Answer | Error, one: Ask, attempt: number, random: Random): number | undefined {
  if (attempt >= tries) return undefined;
  const safe = one.safe === true || one.method === 'GET';
  const grown = firstPause * 4 ** (attempt - 1);
  const jittered = grown * (0.5 + random.next());
  if (got instanceof Error) {
    return got instanceof TransportError && (safe || !got.sent) ? jittered : undefined;
  }
  // 429 says that nothing was done. A longer pause than we may take is the caller's to take.
  if (got.status === 429) return got.retryAfter > longestPause ? undefined : Math.max(jittered, got.retryAfter);
  return safe && isPassing(got) ? jittered : undefined;
}

function isPassing(answer: Answer): boolean {
  if (answer.status === 502 || answer.status === 503 || answer.status === 504) return true;
  return answer.status === 500 && !blamesObject(answer.text);
}

function asUnreachable(error: Error, doing: string): EngineError {
  if (error instanceof EngineError) return error;
  return new EngineError('cluster-unreachable', `${doing}: ${error.message}`, {
    about: doing,
    retry: 'backoff',
    cause: error,
  });
}
