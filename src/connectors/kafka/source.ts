import type { Position, Source } from '../../contract/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import { createDecoder, type Decoder } from '../../formats/mod.ts';
import type { Log, TopicPartition } from '../../log/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';
import { composedRows, type RowParts } from './composed-rows.ts';
import { GroupPositions } from './group-positions.ts';
import { nullable, type RecordLayout, recordLayout } from './layout.ts';
import { RecordMetadata } from './metadata.ts';
import { endOffset, startOffset } from './offsets.ts';
import { type KafkaOptions, kafkaOptions } from './options.ts';
import { type KafkaPosition, KafkaReader } from './reader.ts';
import { plainRows } from './rows.ts';

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
  const layout = recordLayout(table, projection, options);
  const group =
    options.commitGroup === null ? null : new GroupPositions(log, options.topic, options.commitGroup);
  return {
    ...(group === null ? {} : { checkpointed: positions => group.commit(positions) }),
    schema: layout.schema,
    bounded: options.bounded.kind !== 'unbounded',
    splits: async () => Array.from({ length: topic.partitions }, (_, i) => ({ id: String(i) })),
    open: async (split, position) => {
      const at = { topic: options.topic, partition: Number(split.id) };
      const rows = layout.isPlain
        ? plainRows(valueDecoder(layout, table, options), options.isUpsert)
        : composedRows(layout, partsOf(layout, table, options, at));
      return new KafkaReader(log, at, rows, await positionOf(log, at, options, position));
    },
  };
}

/**
 * A fresh decoder: each reader fills its own batches. Deletions of upsert tables carry the key's columns
 * alone.
 */
function valueDecoder(layout: RecordLayout, table: TableDeclaration, options: KafkaOptions): Decoder {
  const { format, options: given } = options.value;
  const { schema, projection } = layout.value;
  if (!options.isUpsert) return createDecoder(format, schema, projection, given);
  const keys = table.primaryKey.map(i => table.physicalSchema.fields[i]!.name);
  const fields = schema.fields.map(f => (keys.includes(f.name) ? f : { ...f, type: nullable(f.type) }));
  return createDecoder(format, { fields }, projection, given);
}

function partsOf(
  layout: RecordLayout,
  table: TableDeclaration,
  options: KafkaOptions,
  { topic, partition }: TopicPartition,
): RowParts {
  const { key, isUpsert } = options;
  const readsKey = key !== null && layout.key.projection.length > 0;
  const ofEnvelope = layout.places.some(p => p.kind === 'metadata' && p.column.key.startsWith('value.'));
  return {
    isUpsert,
    value: valueDecoder(layout, table, options),
    key: readsKey ? createDecoder(key.format, layout.key.schema, layout.key.projection, key.options) : null,
    metadata: new RecordMetadata(topic, partition, ofEnvelope),
  };
}

async function positionOf(
  log: Log,
  at: TopicPartition,
  options: KafkaOptions,
  position: Position | null,
): Promise<KafkaPosition> {
  if (position !== null) return position as KafkaPosition;
  return {
    offset: await startOffset(log, at, options.startup),
    end: await endOffset(log, at, options.bounded),
  };
}
