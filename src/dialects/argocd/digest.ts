// A 64-bit digest of JSON, for noticing changes: not for secrets and not for proof.
import { canonical, type Json } from '../../model/index.ts';

/** Sixteen hex digits; equal values have equal digests, whatever the order of their keys. */
export function digestOf(value: Json): string {
  return digestText(canonical(value));
}

/** Sixteen hex digits of a text: two lanes of 32-bit multiply and xor-shift, each finished with Murmur3's mixer. */
export function digestText(text: string): string {
  let a = 0x811c9dc5 ^ text.length;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
    b = (b << 13) | (b >>> 19);
  }
  return hex(mix(a ^ Math.imul(b, 0xc2b2ae35))) + hex(mix(b + a));
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
