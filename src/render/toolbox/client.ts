/** Makes a `Toolbox` over the process of toolchain/toolbox, started on first use and stopped when idle. */
import { Job } from './job.ts';
import * as methods from './methods.ts';
import { type PoolOptions, ToolboxPool } from './pool.ts';
import type { Toolbox } from './protocol.ts';

/** `binary` is needed; everything else has a default that suits an engine beside other things on a machine. */
export type ToolboxOptions = Pick<PoolOptions, 'binary'> & Partial<PoolOptions>;

const MIB = 1 << 20;
const DEFAULTS: Omit<PoolOptions, 'binary'> = {
  hardBytes: 768 * MIB,
  softBytes: 96 * MIB,
  gcPercent: 200,
  maxInFlight: 4,
  idleMs: 60_000,
  graceMs: 10_000,
};

/** A toolbox; nothing runs before its first method is called. */
export function createToolbox(options: ToolboxOptions): Toolbox {
  const pool = new ToolboxPool({ ...DEFAULTS, ...options });
  let ids = 0;
  async function run<Q, R>(method: methods.Method<Q, R>, request: Q): Promise<R> {
    ids += 1;
    const job = new Job(ids, method.send(request));
    pool.submit(job);
    return method.read(await job.done, request);
  }
  return {
    helm: (request) => run(methods.helm, request),
    helmDependencies: (request) => run(methods.helmDependencies, request),
    kustomize: (request) => run(methods.kustomize, request),
    jsonnet: (request) => run(methods.jsonnet, request),
    yaml: (request) => run(methods.yaml, request),
    template: (request) => run(methods.template, request),
    lua: (request) => run(methods.lua, request),
    jq: (request) => run(methods.jq, request),
    expr: (request) => run(methods.expr, request),
    versions: () => pool.versions(),
    close: () => pool.close(),
  };
}
