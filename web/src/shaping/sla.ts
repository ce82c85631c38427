import type { ViewRow } from '../../../src/live/protocol.ts';
import { compareIds, num, text } from './values.ts';

/** The delivery time promised to every customer, minutes. */
export const SLA_TARGET_MIN = 45;
/** Rows shown before "show all". */
export const SLA_FIRST = 12;

export interface Violation {
  readonly orderId: string;
  readonly city: string | null;
  readonly courierId: string | null;
  readonly courier: string | null;
  /** Whole delivery, minutes. */
  readonly totalMin: number;
  readonly overMin: number;
  readonly atMs: number | null;
}

export function shapeViolation(row: ViewRow): Violation | null {
  const orderId = text(row, 'order_id');
  const totalMin = num(row, 'delay_minutes');
  if (orderId === null || totalMin === null) return null;
  return {
    orderId,
    city: text(row, 'city_name'),
    courierId: text(row, 'delivery_person_id'),
    courier: text(row, 'courier_name'),
    totalMin,
    overMin: totalMin - SLA_TARGET_MIN,
    atMs: num(row, 'created_at'),
  };
}

/** Newest first, of one city or of all. */
export function shapeViolations(rows: readonly ViewRow[], city: string | null): Violation[] {
  const shaped = rows
    .filter(row => city === null || row['city_name'] === city)
    .map(shapeViolation)
    .filter(violation => violation !== null);
  return shaped.sort((a, b) => (b.atMs ?? 0) - (a.atMs ?? 0) || compareIds(b.orderId, a.orderId));
}

/** "58 min, 13 over the target". */
export function violationText(violation: Violation): string {
  return `${violation.totalMin} min, ${violation.overMin} over the target`;
}
