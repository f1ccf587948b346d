import type { Proof } from '../../contract/index.ts';
import { type CommitRecord, parseInstant, type Stage } from '../../model/index.ts';
import { formatDuration } from '../duration.ts';
import type { Screen } from './screen.ts';
import { type Span, span, type Tone } from './text.ts';

const looks: Readonly<Record<CommitRecord['outcome'], readonly ['ok' | 'busy' | 'bad' | 'empty', Tone]>> = {
  converged: ['ok', 'good'],
  open: ['busy', 'busy'],
  stalled: ['bad', 'bad'],
  superseded: ['empty', 'dim'],
};

/** `✓ converged`, and that it went back. */
export function outcomeWord(screen: Screen, { outcome, rollback }: CommitRecord): Span {
  const [sign, tone] = looks[outcome];
  const word = rollback ? `${outcome} (rollback)` : outcome;
  return span(screen.rich ? `${screen.signs[sign]} ${word}` : word, tone);
}

/** From the commit (or its first sight) to its end: `3.2s`; '' while it has none. */
export function tookText({ stages, endedAt }: CommitRecord): string {
  const ms = parseInstant(endedAt) - parseInstant(stages.committed ?? stages.seen);
  return Number.isFinite(ms) ? formatDuration(Math.max(0, ms)) : '';
}

const order: readonly (readonly [Stage, string])[] = [
  ['healthy', 'healthy, watched until it stays so'],
  ['applied', 'applied, not healthy yet'],
  ['firstWrite', 'being applied'],
  ['rendered', 'rendered'],
  ['seen', 'seen'],
];

/** How far a record is, in a few words. */
export function stageText({ stages, outcome }: CommitRecord): string {
  if (outcome !== 'open') return outcome;
  return order.find(([stage]) => stages[stage] !== undefined)?.[1] ?? 'committed';
}

/** Whether a record can be trusted, in a word. */
export function proofWord(screen: Screen, proof: Proof): Span {
  if (proof === 'valid') return span(screen.rich ? `${screen.signs.ok} signed` : 'signed', 'good');
  if (proof === 'unsigned') return span('unsigned', 'warn');
  if (proof === 'unchecked') return span('not checked', 'warn');
  if (proof === 'absent') return span('not kept yet', 'dim');
  return span(proof === 'invalid' ? 'forged' : 'unknown key', 'bad');
}
