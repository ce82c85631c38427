import type { TimeAttribute } from './logical.ts';

/**
 * How a window function cuts time. All lengths in milliseconds; windows start at multiples, moved by
 * `offsetMs`.
 */
export type WindowSpec =
  | { readonly kind: 'TUMBLE'; readonly sizeMs: number; readonly offsetMs: number }
  | { readonly kind: 'HOP'; readonly sizeMs: number; readonly slideMs: number; readonly offsetMs: number }
  | { readonly kind: 'CUMULATE'; readonly sizeMs: number; readonly stepMs: number; readonly offsetMs: number }
  | { readonly kind: 'SESSION'; readonly gapMs: number };

/** A column that a window function adds. */
export type WindowProperty = 'window_start' | 'window_end' | 'window_time';

/** In the order in which a window function adds them. */
export const WINDOW_PROPERTIES: readonly WindowProperty[] = ['window_start', 'window_end', 'window_time'];

/** The time that windows go by. */
export interface WindowTime {
  readonly attribute: TimeAttribute;
  /** Column with the event time; null for processing time, and where rows hold their window already. */
  readonly column: number | null;
  /** The time is an instant (TIMESTAMP_LTZ): windows are cut from its local time in the session's zone. */
  readonly isInstant: boolean;
}

/** Windows that a step below has given to the rows, in these columns. */
export interface AttachedWindow {
  readonly kind: 'ATTACHED';
  readonly start: number;
  readonly end: number;
  /** How they were cut. */
  readonly spec: WindowSpec;
}

/** A length of time as Flink's plans print it: in the largest unit that has no rest. */
export function durationText(millis: number): string {
  if (millis % 60_000 !== 0) return millis % 1000 === 0 ? `${millis / 1000} s` : `${millis} ms`;
  if (millis % 3_600_000 !== 0) return `${millis / 60_000} min`;
  return millis % 86_400_000 === 0 ? `${millis / 86_400_000} d` : `${millis / 3_600_000} h`;
}

/** A window as Flink's plans and messages print it; `before` stands in front of the lengths. */
export function windowText(spec: WindowSpec, before: readonly string[]): string {
  const lengths = lengthsOf(spec).map(([name, millis]) => `${name}=[${durationText(millis)}]`);
  return `${spec.kind}(${[...before, ...lengths].join(', ')})`;
}

function lengthsOf(spec: WindowSpec): [name: string, millis: number][] {
  if (spec.kind === 'SESSION') return [['gap', spec.gapMs]];
  const offset: [string, number][] = spec.offsetMs === 0 ? [] : [['offset', spec.offsetMs]];
  switch (spec.kind) {
    case 'TUMBLE':
      return [['size', spec.sizeMs], ...offset];
    case 'HOP':
      return [['size', spec.sizeMs], ['slide', spec.slideMs], ...offset];
    case 'CUMULATE':
      return [['max_size', spec.sizeMs], ['step', spec.stepMs], ...offset];
  }
}
