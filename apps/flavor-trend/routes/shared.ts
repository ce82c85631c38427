import { z } from 'millrace/app';

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `?minutes=60`, up to a week. */
export const minutes = (initial: number) => z.coerce.number().int().min(1).max(10_080).default(initial);

/** `1h` → milliseconds. */
export function rangeMs(text: string): number {
  return Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? 0);
}
