import { type DataType, STRING_LENGTH_MAX } from '../core/mod.ts';
import type { TableOptions } from '../sql/mod.ts';

/** A key of METADATA columns: the connector's type of it, and whether it can be written. */
interface MetadataKey {
  readonly type: DataType;
  readonly isWritable: boolean;
}
type Keys = Readonly<Record<string, MetadataKey>>;

const STRING: DataType = { kind: 'VARCHAR', length: STRING_LENGTH_MAX, nullable: true };
const BYTES: DataType = { kind: 'VARBINARY', length: STRING_LENGTH_MAX, nullable: true };
const LTZ: DataType = { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: true };
const map = (value: DataType): DataType => ({ kind: 'MAP', key: STRING, value, nullable: true });
const given = (type: DataType): MetadataKey => ({
  type: { ...type, nullable: false } as DataType,
  isWritable: false,
});
const optional = (type: DataType): MetadataKey => ({ type, isWritable: false });

const KAFKA: Keys = {
  headers: { ...given(map(BYTES)), isWritable: true },
  'leader-epoch': optional({ kind: 'INT', nullable: true }),
  offset: given({ kind: 'BIGINT', nullable: true }),
  partition: given({ kind: 'INT', nullable: true }),
  timestamp: { ...given(LTZ), isWritable: true },
  'timestamp-type': given(STRING),
  topic: given(STRING),
};

/** What an envelope of Debezium tells beside its row; behind `value.` where a connector has formats of its own. */
const DEBEZIUM: Keys = {
  'ingestion-timestamp': optional(LTZ),
  schema: optional(STRING),
  'source.database': optional(STRING),
  'source.properties': optional(map(STRING)),
  'source.schema': optional(STRING),
  'source.table': optional(STRING),
  'source.timestamp': optional(LTZ),
};

const FILES: Keys = {
  'file.modification-time': given(LTZ),
  'file.name': given(STRING),
  'file.path': given(STRING),
  'file.size': given({ kind: 'BIGINT', nullable: true }),
};

/** The metadata keys that a table of these options can give. */
export function readableMetadata(options: TableOptions): Keys {
  const { connector } = options;
  if (connector === 'filesystem') return FILES;
  if (connector !== 'kafka' && connector !== 'upsert-kafka') return {};
  const format = options['format'] ?? options['value.format'];
  if (format !== 'debezium-json') return KAFKA;
  const values = Object.entries(DEBEZIUM).map(([key, known]) => [`value.${key}`, known]);
  return { ...KAFKA, ...(Object.fromEntries(values) as Keys) };
}

/** The metadata keys that a table of these options takes. A value left NULL is set by the connector. */
export function writableMetadata(options: TableOptions): Keys {
  const { connector } = options;
  if (connector !== 'kafka' && connector !== 'upsert-kafka') return {};
  const keys = Object.entries(KAFKA).filter(([, { isWritable }]) => isWritable);
  return Object.fromEntries(
    keys.map(([key, known]) => [key, { ...known, type: { ...known.type, nullable: true } as DataType }]),
  );
}
