import type { WindowSpec } from '../../plan/mod.ts';

/**
 * How windows share time: a slice is a stretch that belongs to each window wholly or not at all. A slice is
 * named by its end. All times are local milliseconds.
 */
export interface Slicing {
  readonly sliceMs: number;
  readonly originMs: number;
  /** Windows end this far from each other. */
  readonly stepMs: number;
  /** End of the first window with the slice. */
  firstWindowEnd(sliceEnd: number): number;
  /** End of the last window with the slice; before the slice's end when no window has it. */
  lastWindowEnd(sliceEnd: number): number;
  windowStart(windowEnd: number): number;
}

/** The slices of windows that are known from a row alone. */
export function slicingOf(window: Exclude<WindowSpec, { kind: 'SESSION' }>): Slicing {
  const { sizeMs, offsetMs: originMs } = window;
  const cut = (time: number, length: number) => Math.floor((time - originMs) / length) * length + originMs;
  const self = (end: number) => end;
  switch (window.kind) {
    case 'TUMBLE':
      return {
        sliceMs: sizeMs,
        originMs,
        stepMs: sizeMs,
        firstWindowEnd: self,
        lastWindowEnd: self,
        windowStart: end => end - sizeMs,
      };
    case 'HOP': {
      const stepMs = window.slideMs;
      const sliceMs = commonDivisor(sizeMs, stepMs);
      return {
        sliceMs,
        originMs,
        stepMs,
        // Windows start at multiples of the slide.
        firstWindowEnd: end => cut(end - sliceMs - sizeMs, stepMs) + stepMs + sizeMs,
        lastWindowEnd: end => cut(end - sliceMs, stepMs) + sizeMs,
        windowStart: end => end - sizeMs,
      };
    }
    case 'CUMULATE': {
      const { stepMs } = window;
      const windowStart = (end: number) => cut(end - 1, sizeMs);
      return {
        sliceMs: stepMs,
        originMs,
        stepMs,
        firstWindowEnd: self,
        lastWindowEnd: end => windowStart(end) + sizeMs,
        windowStart,
      };
    }
  }
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
