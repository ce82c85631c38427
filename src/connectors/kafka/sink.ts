import {
  type Committer,
  type Sink,
  type SinkContext,
  type SinkWriter,
  stagedPieces,
} from '../../contract/mod.ts';
import {
  assert,
  type Batch,
  type DataType,
  MillraceError,
  messageOf,
  RowKind,
  rowValue,
} from '../../core/mod.ts';
import { createEncoder, type Encoder } from '../../formats/mod.ts';
import { type Log, partitionOfKey, type RecordHeader } from '../../log/mod.ts';
import type { ChangelogMode, MetadataColumn, TableDeclaration } from '../../plan/mod.ts';
import { recordFields } from './layout.ts';
import { type KafkaOptions, kafkaOptions, type Partitioner } from './options.ts';
import { SPILLED_AT_CHUNKS, SpilledPieces, spilledBefore, stageSpilled } from './spill.ts';
import { MemoryPool, partsOf, StagedRecords, type Staging } from './staged.ts';
import { StagedWholeRecords, wholePartsOf } from './staged-whole.ts';

/**
 * A table that writes a topic; the topic is created (one partition, compacted for upsert-kafka) where it is
 * missing. exactly-once: an epoch is one transaction of the writer `<incarnation>/<sink>`, its sequence the
 * epoch.
 */
export async function kafkaSink(log: Log, table: TableDeclaration, input: ChangelogMode): Promise<Sink> {
  const options = kafkaOptions(table);
  if (input !== 'append' && !options.isUpsert && options.value.format !== 'debezium-json') {
    throw new MillraceError(
      'SQL_INVALID',
      `Table sink '${table.name}' doesn't support consuming update and delete changes: use 'upsert-kafka' with a ` +
        "primary key, or 'format' = 'debezium-json'",
    );
  }
  const pool = poolOf(log);
  const isWhole = (table.metadata ?? []).length > 0;
  const poolAndParts = { pool, partsFrom: isWhole ? wholePartsOf : partsOf };
  return {
    delivery: options.delivery,
    openWriter: async ({ staging }) => {
      const partitions = await partitionsOf(log, options);
      const records = new RecordMaker(table, options, partitions);
      const staged = isWhole ? new StagedWholeRecords() : new StagedRecords(pool);
      if (options.delivery !== 'exactly-once')
        return appendingWriter(log, options.topic, records, staged, poolAndParts);
      return staging === undefined || staged instanceof StagedWholeRecords
        ? stagingWriter(records, staged)
        : spillingWriter(records, staged, new SpilledPieces(staging, pool));
    },
    openCommitter: async context => {
      if (options.delivery !== 'exactly-once') return null;
      return openCommitter(log, options, context, poolAndParts);
    },
  };
}

/** What becomes of staged pieces: the parts of a transaction, then free memory. */
interface PoolAndParts {
  readonly pool: MemoryPool;
  readonly partsFrom: typeof partsOf;
}

/** All sinks that write a log share what memory is free. */
const POOLS = new WeakMap<Log, MemoryPool>();

function poolOf(log: Log): MemoryPool {
  const pool = POOLS.get(log) ?? new MemoryPool();
  POOLS.set(log, pool);
  return pool;
}

async function partitionsOf(log: Log, options: KafkaOptions): Promise<number> {
  const found = await log.describeTopic(options.topic);
  if (found !== undefined) return found.partitions;
  try {
    await log.createTopic(options.topic, 1, options.isUpsert ? { 'cleanup.policy': 'compact' } : {});
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'TOPIC_EXISTS') throw error;
  }
  return (await log.describeTopic(options.topic))?.partitions ?? 1;
}

/** Rows to records: key, value (null deletes, for upserts), partition, and metadata that is written. */
class RecordMaker {
  readonly #value: Encoder;
  readonly #key: Encoder | null;
  readonly #isUpsert: boolean;
  readonly #partitions: number;
  readonly #partitioner: Partitioner;
  readonly #metadata: WrittenMetadata | null;
  /** Where records without a key go: the next partition with each batch, or with each record. */
  #turn = 0;

  constructor(table: TableDeclaration, options: KafkaOptions, partitions: number) {
    const { fields } = table.physicalSchema;
    const { key, value, keySchema } = recordFields(table, options);
    this.#partitions = partitions;
    this.#partitioner = options.partitioner;
    this.#isUpsert = options.isUpsert;
    this.#value = createEncoder(options.value.format, table.physicalSchema, value, options.value.options);
    const keyNamed = fields.map((field, i) => keySchema.fields[key.indexOf(i)] ?? field);
    this.#key =
      options.key === null
        ? null
        : createEncoder(options.key.format, { fields: keyNamed }, key, options.key.options);
    const metadata = table.metadata ?? [];
    this.#metadata = metadata.length === 0 ? null : new WrittenMetadata(metadata, fields.length);
  }

  /** Add the records of the batch to `staged`. */
  records(batch: Batch, staged: Staging): void {
    this.#turn = (this.#turn + 1) % this.#partitions;
    const isPlain = this.#key === null && !this.#isUpsert && this.#partitioner !== 'round-robin';
    const target = isPlain ? staged.target(this.#partitionOf(null)) : null;
    if (target !== null && this.#value.encodeInto !== undefined) this.#value.encodeInto(batch, target);
    else this.#copied(batch, staged);
  }

  #copied(batch: Batch, staged: Staging): void {
    const values = this.#value.encode(batch);
    const keys = this.#key?.encode(batch) ?? null;
    for (let i = 0; i < values.count; i++) {
      const row = values.rows[i]!;
      const kind = batch.rowKinds === null ? RowKind.insert : batch.rowKinds[row]!;
      if (this.#isUpsert && kind === RowKind.updateBefore) continue;
      const key =
        keys === null || keys.starts[i]! < 0 ? null : keys.bytes.subarray(keys.starts[i], keys.ends[i]);
      const start = this.#isUpsert && kind === RowKind.delete ? -1 : values.starts[i]!;
      const partition = this.#partitionOf(key);
      if (this.#metadata === null) staged.add(partition, key, values.bytes, start, values.ends[i]!);
      else {
        const { timestampMs, headers } = this.#metadata.of(batch, row);
        staged.add(partition, key, values.bytes, start, values.ends[i]!, timestampMs, headers);
      }
    }
  }

  #partitionOf(key: Uint8Array | null): number {
    if (this.#partitioner === 'fixed') return 0;
    if (this.#partitioner === 'round-robin') {
      this.#turn = (this.#turn + 1) % this.#partitions;
      return this.#turn;
    }
    return key === null ? this.#turn : partitionOfKey(key, this.#partitions);
  }
}

/** The METADATA columns of a sink: a record's own time and headers. */
class WrittenMetadata {
  readonly #columns: readonly { readonly key: string; readonly index: number; readonly type: DataType }[];

  constructor(metadata: readonly MetadataColumn[], first: number) {
    this.#columns = metadata.map(({ key, type }, i) => ({ key, index: first + i, type }));
  }

  of(batch: Batch, row: number): { readonly timestampMs: number | null; readonly headers: RecordHeader[] } {
    let timestampMs: number | null = null;
    const headers: RecordHeader[] = [];
    for (const { key, index, type } of this.#columns) {
      const value = rowValue(batch.columns[index]!, row, type);
      if (value === null) continue;
      if (key === 'timestamp') timestampMs = (value as { readonly millis: number }).millis;
      else {
        for (const [name, bytes] of value as readonly (readonly [string, Uint8Array | null])[])
          headers.push({ key: name, value: bytes });
      }
    }
    return { timestampMs, headers };
  }
}

function stagingWriter(maker: RecordMaker, staged: Staging): SinkWriter {
  return {
    write: batch => maker.records(batch, staged),
    prepare: async () => staged.take(),
    stagedBytes: () => staged.byteLength,
    flush: async () => {},
    close: async () => {},
  };
}

/** As `stagingWriter`; of large epochs only the last part is in memory. */
function spillingWriter(maker: RecordMaker, staged: StagedRecords, spilled: SpilledPieces): SinkWriter {
  return {
    write: batch => maker.records(batch, staged),
    prepare: async epoch => {
      if (!spilled.isBegun) return staged.take();
      const last = staged.take();
      if (last !== null) await spilled.add(last);
      return [await spilled.seal(epoch)];
    },
    stagedBytes: () => staged.byteLength,
    // Not in `write`: who waits there must keep copies of the batches that follow.
    flush: async () => {
      if (staged.fullPieces >= SPILLED_AT_CHUNKS) await spilled.add(staged.takeFull());
    },
    close: () => spilled.close(),
  };
}

/** Appends at `flush`, which the engine calls when a batch is through: one append per partition. */
function appendingWriter(
  log: Log,
  topic: string,
  maker: RecordMaker,
  staged: Staging,
  { pool, partsFrom }: PoolAndParts,
): SinkWriter {
  const flush = async (): Promise<void> => {
    const pieces = staged.take();
    if (pieces === null) return;
    try {
      await Promise.all(partsFrom(topic, pieces).map(part => log.append(part, part.records)));
    } catch (error) {
      throw failed(topic, error);
    }
    pool.giveBack(pieces);
  };
  return {
    write: batch => maker.records(batch, staged),
    prepare: async () => {
      await flush();
      return null;
    },
    flush,
    close: async () => {},
  };
}

async function openCommitter(
  log: Log,
  options: KafkaOptions,
  context: SinkContext,
  { pool, partsFrom }: PoolAndParts,
): Promise<Committer> {
  await partitionsOf(log, options);
  const writer = await log.openWriter(`${context.incarnation}/${context.sinkId}`);
  return {
    commit: async (epoch, staged, isRestored = false) => {
      if (epoch <= writer.state.sequence) return;
      const { files, rest: pieces } = spilledBefore(stagedPieces(staged));
      try {
        for (const file of files) {
          assert(context.staging !== undefined, 'what was put into a file is taken from there');
          await stageSpilled(writer, options.topic, context.staging, file, !isRestored);
        }
        await writer.commit({
          sequence: epoch,
          position: { epoch },
          parts: partsFrom(options.topic, pieces),
        });
      } catch (error) {
        throw failed(options.topic, error);
      }
      pool.giveBack(pieces);
    },
    close: () => writer.close(),
  };
}

function failed(topic: string, cause: unknown): MillraceError {
  return new MillraceError('SINK_FAILED', `the topic '${topic}' could not be written: ${messageOf(cause)}`, {
    cause,
  });
}
