/** Per second, over the last seconds; null while there is no span to measure or nobody counts. */
export interface TrafficRates {
  readonly recordsInPerS: number | null;
  readonly recordsOutPerS: number | null;
  readonly bytesInPerS: number | null;
  readonly bytesOutPerS: number | null;
}

/** Counters of a topic that only grow; null where nobody counts, or tells now. */
export interface TrafficCounters {
  readonly recordsIn: number | null;
  readonly recordsOut: number | null;
  readonly bytesIn: number | null;
  readonly bytesOut: number | null;
}

interface Sample {
  readonly atMs: number;
  readonly counters: TrafficCounters;
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
 * anew: an average over the pause would not be the rate of now.
 */
export class TopicRates {
  readonly #samples = new Map<string, Sample[]>();

  /** Takes the counters of some topics as they are now and answers their rates. */
  update(counters: ReadonlyMap<string, TrafficCounters>, nowMs: number): (topic: string) => TrafficRates {
    this.#forgetOld(nowMs);
    const rates = new Map(
      Array.from(counters, ([topic, now]) => [topic, this.#updateOne(topic, now, nowMs)] as const),
    );
    return topic => rates.get(topic) ?? UNKNOWN;
  }

  #updateOne(topic: string, counters: TrafficCounters, nowMs: number): TrafficRates {
    const kept = (this.#samples.get(topic) ?? []).filter(sample => nowMs - sample.atMs <= WINDOW_MS);
    const last = kept.at(-1);
    if (last === undefined || nowMs - last.atMs >= STEP_MS) kept.push({ atMs: nowMs, counters });
    this.#samples.set(topic, kept);
    const first = kept[0]!;
    const spanMs = nowMs - first.atMs;
    return spanMs < STEP_MS ? UNKNOWN : ratesBetween(first.counters, counters, spanMs / 1000);
  }

  /** Topics at which nobody looks any more, as deleted ones, leave nothing behind. */
  #forgetOld(nowMs: number): void {
    for (const [topic, samples] of this.#samples) {
      if (nowMs - samples.at(-1)!.atMs > WINDOW_MS) this.#samples.delete(topic);
    }
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
