import type { Position, Source, SourceEvent, SplitReader } from '../../contract/mod.ts';
import {
  BatchBuilder,
  type Clock,
  MillraceError,
  putValue,
  type Rng,
  type Schema,
  seededRng,
} from '../../core/mod.ts';
import { refuseUnknownOptions, type TableDeclaration, wholeOption } from '../../plan/mod.ts';
import { type FieldGenerator, fieldGenerator } from './values.ts';

export interface DatagenDependencies {
  readonly clock: Clock;
  /** A number that differs from start to start. */
  readonly randomSeed: () => number;
}

/** Rows made, and what their values are drawn from. */
interface DatagenPosition {
  readonly rows: number;
  readonly seed: number;
}

const RATE_DEFAULT = 10_000;
const BATCH_ROWS = 1024;

/** A table of made-up rows in one split; it ends at `number-of-rows` or with its shortest sequence. */
export function datagenSource(
  table: TableDeclaration,
  projection: readonly number[],
  { clock, randomSeed }: DatagenDependencies,
): Source {
  const given = table.options;
  const generators = table.physicalSchema.fields.map(field => fieldGenerator(given, field));
  const own = ['connector', 'rows-per-second', 'number-of-rows', 'scan.parallelism'];
  refuseUnknownOptions('datagen', given, [...own, ...generators.flatMap(g => g.options)]);
  const wanted = projection.map(i => generators[i]!);
  const schema: Schema = { fields: projection.map(i => table.physicalSchema.fields[i]!) };
  const limits = [
    wholeOption(given, 'number-of-rows', Number.POSITIVE_INFINITY),
    ...generators.map(g => g.rows),
  ];
  const rowsMax = Math.min(...limits);
  const perSecond = wholeOption(given, 'rows-per-second', RATE_DEFAULT);
  if (perSecond === 0) {
    throw new MillraceError('SQL_INVALID', "'rows-per-second' must be greater than 0.");
  }
  return {
    schema,
    bounded: rowsMax !== Number.POSITIVE_INFINITY,
    splits: async () => [{ id: '0' }],
    open: async (_split, position) => {
      const from = (position as DatagenPosition | null) ?? { rows: 0, seed: randomSeed() };
      return new DatagenReader({ schema, wanted, rowsMax, perSecond, clock }, from);
    },
  };
}

interface Settings {
  readonly schema: Schema;
  readonly wanted: readonly FieldGenerator[];
  readonly rowsMax: number;
  readonly perSecond: number;
  readonly clock: Clock;
}

class DatagenReader implements SplitReader {
  readonly #settings: Settings;
  readonly #seed: number;
  readonly #builder: BatchBuilder;
  readonly #rowsBefore: number;
  readonly #beganMs: number;
  #rows: number;

  constructor(settings: Settings, from: DatagenPosition) {
    this.#settings = settings;
    this.#seed = from.seed;
    this.#rows = from.rows;
    this.#rowsBefore = from.rows;
    this.#beganMs = settings.clock.monotonicMs();
    this.#builder = new BatchBuilder(settings.schema, BATCH_ROWS);
  }

  async poll(maxWaitMs: number, signal: AbortSignal): Promise<SourceEvent> {
    const { rowsMax, clock } = this.#settings;
    if (this.#rows >= rowsMax) return { kind: 'end' };
    let due = this.#due();
    if (due === 0) {
      await clock.sleep(Math.min(maxWaitMs, this.#nextMs()), signal).catch(() => undefined);
      due = this.#due();
    }
    if (due === 0) return { kind: 'idle' };
    this.#fill(Math.min(due, BATCH_ROWS, rowsMax - this.#rows));
    return { kind: 'batch', batch: this.#builder.build() };
  }

  /** Rows that should be there by now and are not. */
  #due(): number {
    const { clock, perSecond } = this.#settings;
    const elapsedMs = clock.monotonicMs() - this.#beganMs;
    return Math.max(0, Math.floor((elapsedMs * perSecond) / 1000) + 1 - (this.#rows - this.#rowsBefore));
  }

  /** How long until the next row is due. */
  #nextMs(): number {
    const { clock, perSecond } = this.#settings;
    const dueMs = ((this.#rows - this.#rowsBefore) * 1000) / perSecond;
    return Math.max(1, Math.ceil(dueMs - (clock.monotonicMs() - this.#beganMs)));
  }

  #fill(count: number): void {
    const { wanted, clock } = this.#settings;
    const nowMs = clock.nowMs();
    // From a checkpoint the same seed and row number go on with other, equally random values.
    const rng: Rng = seededRng(this.#seed).fork(String(this.#rows));
    this.#builder.reset();
    this.#builder.reserve(count);
    for (let i = 0; i < count; i++) {
      const draw = { rng, nowMs, row: this.#rows++ };
      wanted.forEach((generator, c) => {
        putValue(this.#builder.columns[c]!, i, generator.generate(draw));
      });
      this.#builder.endRow();
    }
  }

  position(): Position {
    return { rows: this.#rows, seed: this.#seed } satisfies DatagenPosition;
  }

  async lag(): Promise<number | null> {
    const { rowsMax } = this.#settings;
    return rowsMax === Number.POSITIVE_INFINITY ? null : rowsMax - this.#rows;
  }

  takeRejected(): readonly never[] {
    return [];
  }

  async close(): Promise<void> {}
}
