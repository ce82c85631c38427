import type { ScramMechanism } from './scram.ts';

const NUMBERS: Readonly<Record<ScramMechanism, number>> = { 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 };

/** How the protocol numbers a mechanism. */
export const mechanismNumber = (mechanism: ScramMechanism): number => NUMBERS[mechanism];

/** The mechanism of a number, undefined where there is none. */
export function mechanismOfNumber(number: number): ScramMechanism | undefined {
  if (number === NUMBERS['SCRAM-SHA-256']) return 'SCRAM-SHA-256';
  return number === NUMBERS['SCRAM-SHA-512'] ? 'SCRAM-SHA-512' : undefined;
}
