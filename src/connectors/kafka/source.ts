import type { Position, Source, Split, SplitReader } from '../../contract/mod.ts';
import { MillraceError, type Schema } from '../../core/mod.ts';
import { createDecoder, type Decoder } from '../../formats/mod.ts';
import type { Log } from '../../log/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';
import { endOffset, startOffset } from './offsets.ts';
import { type KafkaOptions, kafkaOptions } from './options.ts';
import { type KafkaPosition, KafkaReader } from './reader.ts';

/** A table over a topic: one split per partition, records that are committed only. */
export async function kafkaSource(
  log: Log,
  table: TableDeclaration,
  projection: readonly number[],
): Promise<Source> {
  const options = kafkaOptions(table);
  const topic = await log.describeTopic(options.topic);
  if (topic === undefined) {
    throw new MillraceError(
      'UNKNOWN_TOPIC',
      `table '${table.name}' reads the topic '${options.topic}', which does not exist`,
    );
  }
  const schema: Schema = { fields: projection.map(i => table.physicalSchema.fields[i]!) };
  return {
    schema,
    bounded: options.bounded.kind !== 'unbounded',
    splits: async () => Array.from({ length: topic.partitions }, (_, i) => ({ id: String(i) })),
    open: (split, position) =>
      openReader(log, options, decoderOf(table, projection, options), schema, split, position),
  };
}

/**
 * A fresh decoder: each reader fills its own batches. Tombstones of upsert tables carry the key's columns
 * alone.
 */
function decoderOf(table: TableDeclaration, projection: readonly number[], options: KafkaOptions): Decoder {
  const { format, options: given } = options.value;
  if (!options.isUpsert) return createDecoder(format, table.physicalSchema, projection, given);
  const fields = table.physicalSchema.fields.map((f, i) =>
    table.primaryKey.includes(i) ? f : { ...f, type: { ...f.type, nullable: true } as typeof f.type },
  );
  return createDecoder(format, { fields }, projection, given);
}

async function openReader(
  log: Log,
  options: KafkaOptions,
  decoder: Decoder,
  schema: Schema,
  split: Split,
  position: Position | null,
): Promise<SplitReader> {
  const at = { topic: options.topic, partition: Number(split.id) };
  const from: KafkaPosition =
    position === null
      ? {
          offset: await startOffset(log, at, options.startup),
          end: await endOffset(log, at, options.bounded),
        }
      : (position as KafkaPosition);
  return new KafkaReader(log, at, decoder, schema, options.isUpsert, from);
}
