/**
 * What a YAML scalar means to go-yaml v2, which sigs.k8s.io/yaml (kubectl, Argo CD) reads manifests with: YAML 1.1
 * booleans and octals, no sexagesimals, timestamps as strings.
 */
import { exactInteger } from '../exact-json.ts';

/** A scalar; null, true, false, a number, a bigint or a string. */
export type Scalar = string | number | bigint | boolean | null;

const words = new Map<string, Scalar>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((w) => [w, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((w) => [w, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((w) => [w, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((w) => [w, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((w) => [w, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((w) => [w, Number.NEGATIVE_INFINITY] as const),
]);

const longestWord = 5;
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const dotFloat = /^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/;

/** A plain scalar without a tag. */
export function plainScalar(text: string): Scalar {
  const first = text.charCodeAt(0);
  // Digits and signs.
  if ((first >= 48 && first <= 57) || first === 43 || first === 45) return number(text);
  if (text.length <= longestWord) {
    const word = words.get(text);
    if (word !== undefined) return word;
  }
  if (first === 46 && dotFloat.test(text)) return finite(Number(text), text);
  return text;
}

function number(text: string): Scalar {
  // Most scalars that start so are short decimal integers, or no numbers at all (image tags, dates, addresses).
  if (text.length < 16 && /^(?:0|[1-9][0-9]*)$/.test(text)) return Number(text);
  const word = words.get(text);
  if (word !== undefined) return word;
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  const parts = integer.exec(plain);
  if (parts !== null) {
    const [, sign, hex, binary, octal, decimal] = parts;
    const digits =
      hex !== undefined
        ? `0x${hex}`
        : binary !== undefined
          ? `0b${binary}`
          : octal !== undefined
            ? `0o${octal}`
            : `${decimal}`;
    if (digits.length > 1024) return text;
    const value = BigInt(digits);
    const exact = exactInteger(sign === '-' ? -value : value);
    // Beyond 64 bits go-yaml falls back to a float, and only for what looks like a decimal one.
    if (typeof exact === 'number' && !Number.isSafeInteger(exact) && !float.test(plain)) return text;
    return exact === 0 ? 0 : exact;
  }
  return float.test(plain) ? finite(Number(plain), text) : text;
}

/** What is too large for a float stays the text that it is. */
function finite(value: number, text: string): Scalar {
  return Number.isFinite(value) ? value : text;
}

/** A scalar with an explicit tag (long form); undefined when the text does not fit the tag. */
export function taggedScalar(tag: string, text: string): Scalar | undefined {
  if (!tag.startsWith('tag:yaml.org,2002:')) return text;
  const value = plainScalar(text);
  switch (tag.slice('tag:yaml.org,2002:'.length)) {
    case 'bool':
      return typeof value === 'boolean' ? value : undefined;
    case 'int':
      return typeof value === 'bigint' || Number.isInteger(value) ? value : undefined;
    case 'float':
      return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined;
    case 'null':
      return value === null ? null : undefined;
    case 'binary':
      return binary(text);
    default:
      return text;
  }
}

function binary(text: string): string | undefined {
  const compact = text.replace(/[\r\n]/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  return Buffer.from(compact, 'base64').toString('utf8');
}

/** A scalar as the key of a map; undefined for null, which go-yaml refuses as a key. */
export function keyText(key: Scalar): string | undefined {
  if (typeof key === 'string') return key;
  if (key === null) return undefined;
  if (typeof key !== 'number' || Number.isInteger(key)) return String(key);
  return floatKey(key);
}

/** Go writes float keys with the digits of a float32, and an exponent outside 0.0001 to 999999. */
function floatKey(key: number): string {
  if (Number.isNaN(key)) return '.nan';
  if (!Number.isFinite(key)) return key > 0 ? '.inf' : '-.inf';
  const short = Math.fround(key);
  let digits = 1;
  while (digits < 9 && Math.fround(Number(short.toPrecision(digits))) !== short) digits++;
  const [mantissa = '', exponent = ''] = short.toExponential(digits - 1).split('e');
  if (Number(exponent) >= -4 && Number(exponent) < 6) return String(Number(short.toPrecision(digits)));
  return `${mantissa}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`;
}
