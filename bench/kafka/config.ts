/** How the comparison is made. Everything that matters is here and is printed with the results. */
const seconds = Number(process.env['BENCH_SECONDS'] ?? 30);

/** How often the brokers flush; both are set alike. */
export type Flush = 'ack' | 'interval';

/** kcat and Kafka's performance tools, each writing and then reading; latency at a fixed rate. */
export type Load = 'kcat' | 'perf' | 'latency';

export const CONFIG = {
  /** Shortest time of one run of one workload; `BENCH_SECONDS` makes it shorter while developing. */
  seconds,
  /** Alternating pairs; `BENCH_PAIRS`. */
  pairs: Number(process.env['BENCH_PAIRS'] ?? 5),
  flushes: (process.env['BENCH_FLUSH']?.split(',') ?? ['ack', 'interval']) as readonly Flush[],
  /** Which workloads run; `BENCH_LOADS` names fewer while developing. */
  loads: (process.env['BENCH_LOADS']?.split(',') ?? ['kcat', 'perf', 'latency']) as readonly Load[],
  /** Processors: brokers on one, clients on the other, by `taskset`. */
  brokerCpu: '0',
  clientCpu: '1',
  recordBytes: 300,
  flushIntervalMs: 1000,
  /**
   * Records of one topic that kcat writes and reads; further ones go to fresh topics until the time is
   * over. So many that the start of the client, which may wait half a second for a leader, weighs little.
   */
  kcatRecords: 3_000_000,
  latencyRate: 5_000,
  latencyWarmup: 25_000,
  /** After how long idle memory is read. */
  idleSeconds: Math.min(seconds, 15),
} as const;

/** What both brokers are told about flushing, in each one's words. */
export const FLUSH_SETTINGS: Readonly<
  Record<Flush, { readonly millrace: readonly string[]; readonly kafka: readonly string[] }>
> = {
  ack: { millrace: ['--log.flush', 'ack'], kafka: ['log.flush.interval.messages=1'] },
  interval: {
    millrace: ['--log.flush', 'interval', '--log.flush-interval-ms', String(CONFIG.flushIntervalMs)],
    kafka: [
      `log.flush.interval.ms=${CONFIG.flushIntervalMs}`,
      `log.flush.scheduler.interval.ms=${CONFIG.flushIntervalMs}`,
    ],
  },
};

/** Settings of both beside the load: deleted topics go at once, groups begin at once. */
export const KAFKA_TIDY = ['log.segment.delete.delay.ms=1000', 'group.initial.rebalance.delay.ms=0'];
export const MILLRACE_TIDY = ['--kafka.group-initial-rebalance-delay-ms', '0'];

/** Producer of the throughput runs. Kafka 4's defaults beside `acks=all`, which is one too. */
export const PRODUCER = ['acks=all', 'linger.ms=5', 'batch.size=16384', 'compression.type=none'];
/** Producer of the latency runs. */
export const LATENCY_PRODUCER = ['acks=all', 'linger.ms=0', 'compression.type=none'];
/** librdkafka of the kcat runs. */
export const KCAT = ['-X', 'acks=all', '-X', 'linger.ms=5', '-X', 'queue.buffering.max.messages=200000'];
