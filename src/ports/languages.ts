/** What one run of a script came to; `message` says in a line why it failed. */
export type Ran<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** One run of a Lua script: its globals, as JSON text. */
export type LuaCall = { readonly obj: string; readonly actionParams?: string };

/**
 * The small languages that Argo CD's users write settings in, run in a process of their own: no disk, no network, a
 * second for each run. What a script does wrong is told in its result; EngineError `toolbox-failed` when none can run.
 */
export type Languages = {
  /** Lua 5.1: for each call the JSON text of what the script returned (`null` for nil, `[]` for an empty table). */
  lua(
    script: string,
    calls: readonly LuaCall[],
    options: { readonly openLibs: boolean },
  ): Promise<readonly Ran<string>[]>;
  /** jq: for each expression all its outputs on the object, as JSON texts. */
  jq(object: string, expressions: readonly string[]): Promise<readonly Ran<readonly string[]>[]>;
};
