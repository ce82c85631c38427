/** Per second, over the last seconds; null while there is no span to measure or nobody counts. */
export interface TrafficRates {
  readonly recordsInPerS: number | null;
  readonly recordsOutPerS: number | null;
  readonly bytesInPerS: number | null;
  readonly bytesOutPerS: number | null;
}

/** Counters of a topic that only grow; null where nobody counts. */
export interface TrafficCounters {
  readonly recordsIn: number;
  readonly recordsOut: number | null;
  readonly bytesIn: number | null;
  readonly bytesOut: number | null;
}

interface Sample {
  readonly atMs: number;
  readonly counters: ReadonlyMap<string, TrafficCounters>;
}

const WINDOW_MS = 10_000;
const STEP_MS = 1000;
const UNKNOWN: TrafficRates = {
  recordsInPerS: null,
  recordsOutPerS: null,
  bytesInPerS: null,
  bytesOutPerS: null,
};

/**
 * Rates of topics from their counters, sampled whenever somebody looks. A look after a long pause begins
 * anew:
 * an average over the pause would not be the rate of now.
 */
export class TopicRates {
  #samples: Sample[] = [];

  /** Takes the counters of now and answers the rate of any topic. */
  update(counters: ReadonlyMap<string, TrafficCounters>, nowMs: number): (topic: string) => TrafficRates {
    const kept = this.#samples.filter(sample => nowMs - sample.atMs <= WINDOW_MS);
    const last = kept.at(-1);
    if (last === undefined || nowMs - last.atMs >= STEP_MS) kept.push({ atMs: nowMs, counters });
    this.#samples = kept;
    const first = kept[0]!;
    return topic => {
      const [then, now] = [first.counters.get(topic), counters.get(topic)];
      const spanMs = nowMs - first.atMs;
      return then === undefined || now === undefined || spanMs < STEP_MS
        ? UNKNOWN
        : ratesBetween(then, now, spanMs / 1000);
    };
  }
}

function ratesBetween(then: TrafficCounters, now: TrafficCounters, seconds: number): TrafficRates {
  const rate = (before: number | null, after: number | null): number | null =>
    before === null || after === null ? null : Math.max(0, (after - before) / seconds);
  return {
    recordsInPerS: rate(then.recordsIn, now.recordsIn),
    recordsOutPerS: rate(then.recordsOut, now.recordsOut),
    bytesInPerS: rate(then.bytesIn, now.bytesIn),
    bytesOutPerS: rate(then.bytesOut, now.bytesOut),
  };
}
