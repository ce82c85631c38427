import { type ColumnBuffer, putValue, type RowValue, rowValue } from '../../core/mod.ts';
import { createDecoder, type Decoder } from '../../formats/mod.ts';
import { headersAt } from '../../log/mod.ts';
import type { RecordFacts } from './facts.ts';

/** What is known of the records of one run beside their values, for METADATA columns. */
export class RecordMetadata {
  readonly #topic: string;
  readonly #partition: number;
  readonly #envelope: Envelope | null;
  #facts: RecordFacts | null = null;
  #bytes: Uint8Array = new Uint8Array(0);

  /** `ofEnvelope` is true when keys beginning with `value.` are asked for. */
  constructor(topic: string, partition: number, ofEnvelope: boolean) {
    this.#topic = topic;
    this.#partition = partition;
    this.#envelope = ofEnvelope ? new Envelope() : null;
  }

  load(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#envelope?.load(bytes);
  }

  /** Gets ready for the records [from, to) of the read. */
  read(facts: RecordFacts, from: number, to: number): void {
    this.#facts = facts;
    this.#envelope?.read(facts, from, to);
  }

  /** Writes one key's values; `recordOf` tells which record a row came from. */
  fill(key: string, buffer: ColumnBuffer, rows: number, recordOf: (row: number) => number): void {
    for (let row = 0; row < rows; row++) putValue(buffer, row, this.#valueOf(key, recordOf(row)));
  }

  #valueOf(key: string, record: number): RowValue {
    const facts = this.#facts!;
    switch (key) {
      case 'topic':
        return this.#topic;
      case 'partition':
        return this.#partition;
      case 'offset':
        return BigInt(facts.offsets[record]!);
      case 'timestamp':
        return { millis: facts.timestamps[record]!, nanos: 0 };
      case 'timestamp-type':
        return 'CreateTime';
      case 'leader-epoch':
        return null; // one writer, never another leader
      case 'headers':
        return headersAt(this.#bytes, facts.headersStarts[record]!).map(h => [h.key, h.value]);
      default:
        return this.#envelope!.valueOf(key.slice('value.'.length), record);
    }
  }
}

const STRING = { kind: 'VARCHAR', length: 2147483647, nullable: true } as const;

/** The parts of Debezium's envelope that are not the row, read beside it. */
class Envelope {
  readonly #decoder: Decoder;
  readonly #rows = new Map<
    number,
    { readonly tsMs: RowValue; readonly source: ReadonlyMap<string, string | null> }
  >();

  constructor() {
    const source = { kind: 'MAP', key: STRING, value: STRING, nullable: true } as const;
    const fields = [
      { name: 'ts_ms', type: { kind: 'BIGINT', nullable: true } as const },
      { name: 'source', type: source },
    ];
    this.#decoder = createDecoder('json', { fields }, null, { 'ignore-parse-errors': 'true' });
  }

  load(bytes: Uint8Array): void {
    this.#decoder.load(bytes);
  }

  read(facts: RecordFacts, from: number, to: number): void {
    this.#rows.clear();
    this.#decoder.decode(facts.starts, facts.ends, from, to);
    this.#decoder.takeRejections(); // the row's own decoder tells of them
    const { columns, schema, rowCount } = this.#decoder.takeBatch();
    for (let row = 0; row < rowCount; row++) {
      const source = rowValue(columns[1]!, row, schema.fields[1]!.type) as
        | readonly [string, string | null][]
        | null;
      this.#rows.set(this.#decoder.recordOfRow[row]!, {
        tsMs: rowValue(columns[0]!, row, schema.fields[0]!.type),
        source: new Map(source ?? []),
      });
    }
  }

  valueOf(key: string, record: number): RowValue {
    const row = this.#rows.get(record);
    if (row === undefined) return null;
    switch (key) {
      case 'ingestion-timestamp':
        return row.tsMs === null ? null : { millis: Number(row.tsMs), nanos: 0 };
      case 'source.timestamp': {
        const text = row.source.get('ts_ms') ?? null;
        return text === null ? null : { millis: Number(text), nanos: 0 };
      }
      case 'source.database':
        return row.source.get('db') ?? null;
      case 'source.schema':
        return row.source.get('schema') ?? null;
      case 'source.table':
        return row.source.get('table') ?? row.source.get('collection') ?? null;
      case 'source.properties':
        return row.source.size === 0 ? null : [...row.source];
      default:
        return null; // 'schema': records come without one
    }
  }
}
