import type { Committer, Sink, SinkContext, SinkWriter } from '../../contract/mod.ts';
import { type Batch, MillraceError, messageOf, RowKind } from '../../core/mod.ts';
import { createEncoder, type Encoder } from '../../formats/mod.ts';
import { type Log, partitionOfKey } from '../../log/mod.ts';
import type { ChangelogMode, TableDeclaration } from '../../plan/mod.ts';
import { type KafkaOptions, kafkaOptions } from './options.ts';
import { MemoryPool, partsOf, StagedRecords } from './staged.ts';

/**
 * A table that writes a topic; the topic is created (one partition, compacted for upsert-kafka) where it is
 * missing. exactly-once: an epoch is one transaction of the writer `<incarnation>/<sink>`, its sequence the
 * epoch.
 */
export async function kafkaSink(log: Log, table: TableDeclaration, input: ChangelogMode): Promise<Sink> {
  const options = kafkaOptions(table);
  if (input !== 'append' && !options.isUpsert && options.value.format === 'json') {
    throw new MillraceError(
      'SQL_INVALID',
      `Table sink '${table.name}' doesn't support consuming update and delete changes: use 'upsert-kafka' with a ` +
        "primary key, or 'format' = 'debezium-json'",
    );
  }
  const pool = new MemoryPool();
  return {
    delivery: options.delivery,
    openWriter: async () => {
      const partitions = await partitionsOf(log, options);
      const records = new RecordMaker(table, options, partitions);
      return options.delivery === 'exactly-once'
        ? stagingWriter(records, pool)
        : appendingWriter(log, options.topic, records);
    },
    openCommitter: async context =>
      options.delivery === 'exactly-once' ? openCommitter(log, options, context, pool) : null,
  };
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

/** Rows to records: key, value (null deletes, for upserts) and partition. */
class RecordMaker {
  readonly #value: Encoder;
  readonly #key: Encoder | null;
  readonly #isUpsert: boolean;
  readonly #partitions: number;
  /** Where records without a key go; the next partition with each batch. */
  #sticky = 0;

  constructor(table: TableDeclaration, options: KafkaOptions, partitions: number) {
    const schema = table.physicalSchema;
    this.#partitions = partitions;
    this.#isUpsert = options.isUpsert;
    this.#value = createEncoder(options.value.format, schema, null, options.value.options);
    const indices = options.keyFields.map(name => schema.fields.findIndex(f => f.name === name));
    this.#key =
      options.key === null ? null : createEncoder(options.key.format, schema, indices, options.key.options);
  }

  /** Add the records of the batch to `staged`. */
  records(batch: Batch, staged: StagedRecords): void {
    const values = this.#value.encode(batch);
    const keys = this.#key?.encode(batch) ?? null;
    this.#sticky = (this.#sticky + 1) % this.#partitions;
    for (let i = 0; i < values.count; i++) {
      const kind = batch.rowKinds === null ? RowKind.insert : batch.rowKinds[values.rows[i]!]!;
      if (this.#isUpsert && kind === RowKind.updateBefore) continue;
      const key = keys === null ? null : keys.bytes.subarray(keys.starts[i], keys.ends[i]);
      const start = this.#isUpsert && kind === RowKind.delete ? -1 : values.starts[i]!;
      const partition = key === null ? this.#sticky : partitionOfKey(key, this.#partitions);
      staged.add(partition, key, values.bytes, start, values.ends[i]!);
    }
  }
}

function stagingWriter(maker: RecordMaker, pool: MemoryPool): SinkWriter {
  const staged = new StagedRecords(pool);
  return {
    write: batch => maker.records(batch, staged),
    prepare: async () => staged.take(),
    flush: async () => {},
    close: async () => {},
  };
}

/** Appends at `flush`, which the engine calls when a batch is through: one append per partition. */
function appendingWriter(log: Log, topic: string, maker: RecordMaker): SinkWriter {
  const staged = new StagedRecords();
  const flush = async (): Promise<void> => {
    try {
      await Promise.all(staged.parts(topic).map(part => log.append(part, part.records)));
    } catch (error) {
      throw failed(topic, error);
    }
    staged.clear();
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
  pool: MemoryPool,
): Promise<Committer> {
  await partitionsOf(log, options);
  const writer = await log.openWriter(`${context.incarnation}/${context.sinkId}`);
  return {
    commit: async (epoch, staged) => {
      if (epoch <= writer.state.sequence) return;
      try {
        await writer.commit({ sequence: epoch, position: { epoch }, parts: partsOf(options.topic, staged) });
      } catch (error) {
        throw failed(options.topic, error);
      }
      pool.giveBack(staged);
    },
    close: () => writer.close(),
  };
}

function failed(topic: string, cause: unknown): MillraceError {
  return new MillraceError('SINK_FAILED', `the topic '${topic}' could not be written: ${messageOf(cause)}`, {
    cause,
  });
}
