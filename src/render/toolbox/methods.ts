/** Each method of the toolbox as what it sends and how its answer is read. */
import type { Received, Sending } from './job.ts';
import {
  DEFAULT_LIMITS,
  type Doc,
  type ExprRequest,
  type ExprResult,
  type FileRequest,
  type HelmDependenciesRequest,
  type HelmDependenciesResult,
  type HelmRequest,
  type HelmResult,
  type JqRequest,
  type JqResult,
  type JsonnetRequest,
  type JsonnetResult,
  type KustomizeRequest,
  type KustomizeResult,
  type LuaRequest,
  type LuaResult,
  type Outcome,
  type RequestOptions,
  type TemplateRequest,
  type TemplateResult,
  ToolboxError,
  type ToolboxErrorCode,
  type YamlRequest,
  type YamlResult,
} from './protocol.ts';

/** A request put into the form that is sent, and the reading of its answer. */
export type Method<Q, R> = { send(request: Q): Sending; read(received: Received, request: Q): R };

type WireFault = { readonly code: ToolboxErrorCode; readonly message: string } | null;

export const helm: Method<HelmRequest, HelmResult> = {
  send: (request) => sendFiles('helm', request),
  read: (received) => ({
    docs: readDocs(received),
    chart: received.result.chart as HelmResult['chart'],
    trace: received.trace,
  }),
};

export const helmDependencies: Method<HelmDependenciesRequest, HelmDependenciesResult> = {
  send: (request) => sendFiles('helmDependencies', request),
  read: ({ result, trace }) => ({ ...(result as Omit<HelmDependenciesResult, 'trace'>), trace }),
};

export const kustomize: Method<KustomizeRequest, KustomizeResult> = {
  send: (request) => sendFiles('kustomize', request),
  read: (received) => ({
    docs: readDocs(received),
    charts: Number(received.result.charts ?? 0),
    trace: received.trace,
  }),
};

export const jsonnet: Method<JsonnetRequest, JsonnetResult> = {
  send: (request) => sendFiles('jsonnet', request),
  read: ({ blobs, trace }) => ({ json: text(blobs[0]), trace }),
};

export const yaml: Method<YamlRequest, YamlResult> = {
  send: (request) => send('yaml', request, { name: request.name }, [request.text]),
  read: ({ result, blobs }) => {
    const lines = (result.lines ?? []) as readonly number[];
    return { docs: blobs.map((blob, i) => ({ json: text(blob), line: lines[i] ?? 1 })) };
  },
};

export const template: Method<TemplateRequest, TemplateResult> = {
  send: (request) => send('template', request, { texts: request.texts, options: request.options }, request.data),
  read: (received, { texts, data }) => {
    const all = readOutcomes(received);
    return { outputs: data.map((_, i) => all.slice(i * texts.length, (i + 1) * texts.length)) };
  },
};

export const lua: Method<LuaRequest, LuaResult> = {
  send: (request) => {
    const { script, calls, openLibs, callMs } = request;
    const objects = calls.flatMap(({ obj, actionParams }) =>
      actionParams === undefined ? [obj] : [obj, actionParams],
    );
    const hasParams = calls.map((call) => call.actionParams !== undefined);
    return send('lua', request, { openLibs, callMs, hasParams }, [script, ...objects]);
  },
  read: (received) => ({ results: readOutcomes(received) }),
};

export const jq: Method<JqRequest, JqResult> = {
  send: (request) => {
    const { expressions, mode, callMs, object } = request;
    return send('jq', request, { expressions, mode, callMs }, [object]);
  },
  read: ({ result, blobs }, { mode, object }) => {
    const counts = result.counts as readonly number[];
    const faults = result.errors as readonly WireFault[];
    let next = 0;
    const results = counts.map((count, i): Outcome<readonly string[]> => {
      const outputs = blobs.slice(next, next + count).map(text);
      next += count;
      return outcome(outputs, faults[i]);
    });
    return { results, object: mode === 'chain' ? text(blobs[next]) : object };
  },
};

export const expr: Method<ExprRequest, ExprResult> = {
  send: (request) => send('expr', request, { expressions: request.expressions, now: request.now }, [request.env]),
  read: (received) => ({ results: readOutcomes(received) }),
};

function send(method: string, options: RequestOptions, params: object, blobs: Sending['blobs'] = []): Sending {
  return { method, params, blobs, limits: { ...DEFAULT_LIMITS, ...options.limits }, signal: options.signal };
}

function sendFiles<Q extends FileRequest>(method: string, { fs, preload, limits, signal, ...params }: Q): Sending {
  return { method, params, fs, preload, limits: { ...DEFAULT_LIMITS, ...limits }, signal };
}

function readDocs({ result, blobs }: Received): Doc[] {
  const sources = (result.sources ?? []) as readonly string[];
  return blobs.map((blob, i) => ({ json: text(blob), source: sources[i] ?? '' }));
}

function readOutcomes({ result, blobs }: Received): Outcome<string>[] {
  const faults = (result.errors ?? []) as readonly WireFault[];
  return blobs.map((blob, i) => outcome(blob ? text(blob) : '', faults[i]));
}

function outcome<T>(value: T, fault: WireFault | undefined): Outcome<T> {
  return fault ? { ok: false, code: fault.code, message: fault.message } : { ok: true, value };
}

function text(blob: Uint8Array | undefined): string {
  if (!blob) throw new ToolboxError('protocol', 'toolbox: an answer is shorter than it says');
  return Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength).toString('utf8');
}
