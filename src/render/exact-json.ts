/**
 * JSON that keeps what JavaScript numbers lose: integers beyond 2^53 travel as bigint from the file to the manifest's
 * body. Every manifest passes through here on its way out.
 */

/** A JSON value whose integers beyond the safe range are bigint. */
export type Value = string | number | bigint | boolean | null | Value[] | ValueObject;
export type ValueObject = { [key: string]: Value };

/** True for a JSON object (not a list, not null). */
export function isObject(value: unknown): value is ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets a key as data, `__proto__` included. */
export function setKey(object: ValueObject, key: string, value: Value): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

/** The value of a key of the object itself, undefined where there is none. */
export function ownKey(object: ValueObject, key: string): Value | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

const longNumber = /\d{16}/;

/** Levels of nesting that a value may have. */
export const maxDepth = 500;

/**
 * JSON text as a value; throws SyntaxError, and RangeError where it is nested too deeply. Integers beyond 64 bits become
 * floats, as in Go.
 */
export function parseJson(text: string): Value {
  if (depthOf(text) > maxDepth) throw new RangeError(`nested deeper than ${maxDepth} levels`);
  if (!longNumber.test(text)) return JSON.parse(text) as Value;
  const exact: Reviver = (_key, value, context) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || context.source === undefined) return value;
    return /^-?\d+$/.test(context.source) ? exactInteger(BigInt(context.source)) : value;
  };
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown) as Value;
}

/** The most brackets that are open at once; stops counting at the limit. */
function depthOf(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === quote) at = endOfString(text, at);
    else if (char === openList || char === openObject) {
      if (++depth > maxDepth) return depth;
    } else if (char === closeList || char === closeObject) depth--;
  }
  return 0;
}

const [quote, backslash, openList, openObject, closeList, closeObject] = [0x22, 0x5c, 0x5b, 0x7b, 0x5d, 0x7d];

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

/** The smallest faithful form of an integer: a number, a bigint when it needs to be, a float beyond 64 bits. */
export function exactInteger(value: bigint): number | bigint {
  if (value >= -9007199254740991n && value <= 9007199254740991n) return Number(value);
  return value >= -(2n ** 63n) && value < 2n ** 64n ? value : Number(value);
}

/** JSON text with sorted keys: equal values give equal text. Throws RangeError on numbers that JSON has no word for. */
export function canonicalText(value: Value): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError(`JSON has no number ${value}`);
      return JSON.stringify(value);
    case 'bigint':
    case 'boolean':
      return value.toString();
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    let list = '';
    for (const item of value) list += list === '' ? canonicalText(item) : `,${canonicalText(item)}`;
    return `[${list}]`;
  }
  let text = '';
  for (const key of Object.keys(value).sort()) {
    const member = `${JSON.stringify(key)}:${canonicalText(value[key] ?? null)}`;
    text += text === '' ? member : `,${member}`;
  }
  return `{${text}}`;
}
