import { EngineError } from '../../model/index.ts';

/** A name that can be a namespace, a Service and a file. EngineError `usage` otherwise. */
export function checkedName(name: string, what: string): string {
  if (/^[a-z](?:[-a-z0-9]{0,51}[a-z0-9])?$/.test(name)) return name;
  throw new EngineError('usage', `${what} must be a-z, 0-9 and -, start with a letter, at most 53 characters: ${name}`);
}

/** A YAML scalar that every reader takes for this text. */
export function scalar(text: string): string {
  const plain =
    /^[A-Za-z_][\w./@-]*(?::[\w./@-]+)*$/.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}

/** Files by path; the paths are relative to the root of the repository. */
export type Files = ReadonlyMap<string, string>;
