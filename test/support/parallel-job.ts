import type { Sink, Source } from '../../src/contract/mod.ts';
import { MillraceError, type Schema } from '../../src/core/mod.ts';
import { type CheckpointStorage, type JobHandle, type StateBudget, startJob } from '../../src/engine/mod.ts';
import { Catalog, type PhysicalPlan, planScript } from '../../src/plan/mod.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { batchOf, print, type Row, rowsOf } from '../unit/engine/harness.ts';

/** The rows of a table by split, in their order. */
export type Splits = Readonly<Record<string, readonly Row[]>>;

/**
 * A source over rows in memory, `rowsPerBatch` at a time; it breaks where `breaks` says so, and may never
 * end.
 */
export function memorySource(
  schema: Schema,
  splits: Splits,
  breaks: (split: string, position: number) => boolean = () => false,
  rowsPerBatch = 7,
  isEndless = false,
): Source {
  return {
    schema,
    bounded: !isEndless,
    splits: async () => Object.keys(splits).map(id => ({ id })),
    open: async ({ id }, position) => {
      const rows = splits[id]!;
      let next = (position as number | null) ?? 0;
      return {
        poll: async () => {
          await new Promise(resolve => setImmediate(resolve));
          if (breaks(id, next)) throw new MillraceError('LOG_IO', `split ${id} broke at ${next}`);
          if (next >= rows.length) return { kind: isEndless ? 'idle' : 'end' };
          const batch = batchOf(schema, rows.slice(next, next + rowsPerBatch));
          next += batch.rowCount;
          return { kind: 'batch', batch };
        },
        position: () => next,
        lag: async () => rows.length - next,
        takeRejected: () => [],
        close: async () => undefined,
      };
    },
  };
}

/** Changes that were made visible, exactly once, whatever broke on the way. */
export class MemorySink {
  /** What a staged row counts for limits. */
  static readonly ROW_BYTES = 100;
  readonly changes: Row[] = [];
  readonly #applied = new Map<string, number>();
  /** Most rows that a writer has staged for one epoch. */
  stagedMost = 0;

  sink(): Sink {
    return {
      delivery: 'exactly-once',
      openWriter: async () => {
        let rows: Row[] = [];
        return {
          write: batch => {
            rows.push(...rowsOf(batch));
            this.stagedMost = Math.max(this.stagedMost, rows.length);
          },
          stagedBytes: () => rows.length * MemorySink.ROW_BYTES,
          prepare: async () => {
            const staged = rows.length > 0 ? new TextEncoder().encode(toJson(rows)) : null;
            rows = [];
            return staged;
          },
          flush: async () => undefined,
          close: async () => undefined,
        };
      },
      openCommitter: async ({ incarnation, sinkId }) => ({
        commit: async (epoch, staged: Uint8Array) => {
          const writer = `${incarnation} ${sinkId}`;
          if ((this.#applied.get(writer) ?? 0) >= epoch) return;
          this.changes.push(...fromJson(new TextDecoder().decode(staged)));
          this.#applied.set(writer, epoch);
        },
        close: async () => undefined,
      }),
    };
  }

  /** The table that the changes make, sorted. Their order is kept by key only. */
  table(): string[] {
    const counts = new Map<string, number>();
    for (const [kind, ...values] of this.changes) {
      const key = print(values);
      counts.set(key, (counts.get(key) ?? 0) + (kind === 0 || kind === 2 ? 1 : -1));
    }
    return [...counts].flatMap(([key, n]) => Array<string>(n).fill(key)).sort();
  }
}

const toJson = (rows: readonly Row[]): string =>
  JSON.stringify(rows, (_, v) => (typeof v === 'bigint' ? { bigint: String(v) } : v));
const fromJson = (text: string): Row[] =>
  JSON.parse(text, (_, v) => (v !== null && typeof v === 'object' && 'bigint' in v ? BigInt(v.bigint) : v));

/** Checkpoints in memory; they outlive their job. */
export function memoryCheckpoints(): CheckpointStorage {
  const stored = new Map<number, Uint8Array>();
  return {
    store: async (epoch, parts) => void stored.set(epoch, Buffer.concat(parts)),
    latest: async () => stored.get(Math.max(...stored.keys())) ?? null,
    discardBelow: async epoch => {
      for (const old of stored.keys()) if (old < epoch) stored.delete(old);
    },
  };
}

export interface ParallelJob {
  readonly sql: string;
  readonly parallelism: number;
  readonly tables: Readonly<Record<string, Splits>>;
  readonly breaks?: (split: string, position: number) => boolean;
  readonly sink: MemorySink;
  readonly checkpoints: CheckpointStorage;
  readonly budget?: StateBudget;
  readonly rowsPerBatch?: number;
  /** Milliseconds between checkpoints; 3 without it. */
  readonly interval?: number;
  /** The tables' rows come to no end. */
  readonly isEndless?: boolean;
  readonly incarnation?: string;
  /** Begin from this savepoint. */
  readonly savepoint?: string;
}

/** Runs a script over tables in memory. */
export function startParallelJob(options: ParallelJob): JobHandle {
  const from = options.savepoint === undefined ? {} : { 'execution.state-recovery.path': options.savepoint };
  const set = {
    'execution.checkpointing.interval': `${options.interval ?? 3}`,
    'parallelism.default': `${options.parallelism}`,
  };
  const { plan } = planScript(options.sql, new Catalog());
  let incarnations = 0;
  return startJob({
    name: 'app/job',
    plan: { ...plan, options: { ...set, ...from } } as PhysicalPlan,
    tables: {
      source: async (table, projection) => {
        const schema = { fields: projection.map(c => table.physicalSchema.fields[c]!) };
        const splits = Object.entries(options.tables[table.name]!).map(
          ([id, rows]) =>
            [id, rows.map(([kind, ...row]): Row => [kind, ...projection.map(c => row[c]!)])] as const,
        );
        const { breaks, rowsPerBatch, isEndless } = options;
        return memorySource(schema, Object.fromEntries(splits), breaks, rowsPerBatch, isEndless);
      },
      sink: async () => options.sink.sink(),
    },
    checkpoints: options.checkpoints,
    ...(options.budget === undefined ? {} : { budget: options.budget }),
    clock: systemClock,
    newIncarnation: () => options.incarnation ?? `life-${++incarnations}`,
    restart: { kind: 'fixed-delay', attempts: 100, delayMs: 1 },
    logger: { info: () => undefined, warn: () => undefined },
  });
}
