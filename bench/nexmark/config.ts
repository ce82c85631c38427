/** What both engines run with. */
export const CONFIG = {
  seed: 7,
  eventsPerSecond: 10_000,
  /** Events of the bench, and of the run beside Flink. */
  events: 5_000_000,
  eventsBesideFlink: 1_000_000,
  /** Measured runs of each query, behind one that is not. The median counts. */
  runs: 3,
  settings: {
    'execution.checkpointing.interval': '5 s',
    'table.exec.mini-batch.enabled': 'true',
    'table.exec.mini-batch.allow-latency': '2 s',
    'table.exec.mini-batch.size': '50000',
  },
} as const;

/** The data whose results are compared with other engines': slower, so that windows and sessions end. */
export const CORRECTNESS = { seed: 7, eventsPerSecond: 500, events: 100_000 } as const;

/** A query of the benchmark, and what is asked of it. */
export interface NexmarkQuery {
  readonly name: string;
  /** Its result is a changelog with updates. */
  readonly updates: boolean;
  /** Events per second that the hand-written sketch reached on one core, without WASM. */
  readonly sketch: number;
  /** Events per second to reach; where it is null, 30 % of the sketch. */
  readonly bar: number | null;
}

const query = (name: string, updates: boolean, sketch: number, bar: number | null = null): NexmarkQuery => ({
  name,
  updates,
  sketch: sketch * 1e6,
  bar: bar === null ? null : bar * 1e6,
});

export const QUERIES: readonly NexmarkQuery[] = [
  query('q0', false, 2.47, 2),
  query('q1', false, 2.48, 2),
  query('q2', false, 6.57, 2),
  query('q3', false, 15.1),
  query('q4', true, 5.13),
  query('q5', false, 5.3, 1.5),
  query('q7', false, 4.42, 1.5),
  query('q8', false, 14.71, 1.5),
  query('q9', true, 3.12),
  query('q11', false, 5.43, 1.5),
  query('q12', false, 5.68, 1.5),
  query('q14', false, 3.88),
  query('q15', true, 5.61),
  query('q16', true, 1.12),
  query('q17', true, 5.03, 1.5),
  query('q18', true, 2.92),
  query('q19', true, 1.76),
  query('q20', false, 1.88),
  query('q21', false, 2.34),
  query('q22', false, 2.72),
];
