import type { NewRecord, RecordHeader } from '../../../log/mod.ts';
import type { Tuple } from '../read/tuple.ts';
import { ByteSink } from './byte-sink.ts';
import { jsonBytes } from './json-text.ts';
import type { RowShape, TableEncoder } from './table-encoder.ts';

/** What all events of one capture share. */
export interface EnvelopeNames {
  readonly version: string;
  readonly connector: string;
  /** `topic.prefix`. */
  readonly prefix: string;
  readonly database: string;
  readonly runId: string;
}

/** Marks of the initial read, in Debezium's words; `false` in the stream. */
export type SnapshotMark =
  | 'first'
  | 'first_in_data_collection'
  | 'true'
  | 'last_in_data_collection'
  | 'last'
  | 'false';

/** Where an event comes from. `lastCommitLsn` is null before the first commit of a run. */
export interface EventOrigin {
  readonly transactionId: number;
  readonly commitMicros: number;
  readonly lastCommitLsn: number | null;
  readonly mark: SnapshotMark;
}

/** Position of an event in its transaction, printed when transaction metadata is on. */
export interface EventOrder {
  readonly totalOrder: number;
  readonly tableOrder: number;
}

/** A row of a change: which tuple, how whole it is, who lends unchanged TOASTed values. */
export interface EventRow {
  readonly tuple: Tuple;
  readonly shape: RowShape;
  readonly lender: Tuple | null;
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const BEFORE = bytesOf('{"before":');
const AFTER = bytesOf(',"after":');
const NULL = bytesOf('null');
const SEQUENCE_SECOND = bytesOf(',\\"');
const TAIL_XMIN = bytesOf(',"xmin":null,"origin":null,"origin_lsn":null},"transaction":');
/** Room for the parts of an envelope that are not rows, its numbers included. */
const ENVELOPE_BYTES = 1024;

/**
 * Writes Debezium's envelopes straight into bytes. What is the same for many events (the source's names, the
 * times of
 * a transaction) is made once and copied.
 */
export class EnvelopeWriter {
  readonly #names: EnvelopeNames;
  readonly #contextHeaders: readonly RecordHeader[];
  readonly #sink = new ByteSink();
  readonly #tableParts = new Map<string, Uint8Array>();
  #head: Uint8Array = new Uint8Array(0);
  #middle: Uint8Array = new Uint8Array(0);
  #micros: Uint8Array = new Uint8Array(0);
  #transactionId: Uint8Array = new Uint8Array(0);
  #now: Uint8Array = new Uint8Array(0);
  #nowMs = 0;

  constructor(names: EnvelopeNames) {
    this.#names = names;
    const header = (key: string, value: string): RecordHeader => ({ key, value: bytesOf(value) });
    this.#contextHeaders = [
      header('__debezium.context.connectorLogicalName', names.prefix),
      header('__debezium.context.taskId', '0'),
      header('__debezium.context.connectorName', names.connector),
      header('__debezium.context.runId', names.runId),
    ];
  }

  /** Set once per transaction (or chunk of the initial read), before its events. */
  begin(origin: EventOrigin, nowMs: number): void {
    const { version, connector, prefix, database } = this.#names;
    const source = { version, connector, name: prefix, ts_ms: Math.floor(origin.commitMicros / 1000) };
    this.#head = bytesOf(`,"source":${JSON.stringify(source).slice(0, -1)},"snapshot":"`);
    const last = origin.lastCommitLsn === null ? 'null' : `\\"${origin.lastCommitLsn}\\"`;
    this.#middle = bytesOf(`","db":${JSON.stringify(database)},"sequence":"[${last}`);
    this.#micros = bytesOf(
      `\\"]","ts_us":${origin.commitMicros},"ts_ns":${origin.commitMicros}000,"schema":`,
    );
    this.#transactionId = bytesOf(`,"txId":${origin.transactionId},"lsn":`);
    this.#nowMs = Math.floor(nowMs);
    const nowMicros = Math.floor(nowMs * 1000);
    this.#now = bytesOf(`,"ts_ms":${this.#nowMs},"ts_us":${nowMicros},"ts_ns":${nowMicros}000}`);
  }

  /** An event with its key, where the table has one, taken from `keyTuple`. */
  event(
    encoder: TableEncoder,
    op: 'r' | 'c' | 'u' | 'd' | 't',
    before: EventRow | null,
    after: EventRow | null,
    keyTuple: Tuple | null,
    at: { readonly lsn: number; readonly mark: SnapshotMark; readonly order: EventOrder | null },
  ): { key: Uint8Array | null; value: Uint8Array } {
    const key = keyTuple === null || !encoder.hasKey ? null : this.key(encoder, keyTuple);
    const sink = this.#sink;
    const from = sink.reserve(
      ENVELOPE_BYTES +
        this.#head.length +
        this.#middle.length +
        rowBytes(encoder, before) +
        rowBytes(encoder, after),
    );
    sink.put(BEFORE);
    this.#putRow(encoder, before);
    sink.put(AFTER);
    this.#putRow(encoder, after);
    this.#putSource(this.#tablePart(encoder), at.lsn, at.mark);
    if (at.order === null) sink.put(NULL);
    else this.#putOrder(at.lsn, at.order);
    sink.ascii(`,"op":"${op}"`);
    sink.put(this.#now);
    return { key, value: sink.taken(from) };
  }

  /** The key alone. */
  key(encoder: TableEncoder, tuple: Tuple): Uint8Array {
    const from = this.#sink.reserve(encoder.bytesMax(tuple) + 64);
    encoder.putKey(this.#sink, tuple);
    return this.#sink.taken(from);
  }

  /** A record with the four context headers, after `extra` when there is one. */
  record(key: Uint8Array | null, value: Uint8Array | null, extra?: RecordHeader): NewRecord {
    const headers = extra === undefined ? this.#contextHeaders : [extra, ...this.#contextHeaders];
    return { key, value, headers, timestampMs: this.#nowMs };
  }

  /**
   * A logical message: topic `<prefix>.message`, no headers. `transactionId` is null outside a transaction.
   */
  message(lsn: number, prefix: string, content: Uint8Array, inTransaction: boolean): NewRecord {
    const sink = this.#sink;
    const from = sink.reserve(ENVELOPE_BYTES + prefix.length * 6 + content.length * 2 + this.#head.length);
    sink.ascii(`{"op":"m","ts_ms":${this.#nowMs}`);
    const kept = this.#transactionId;
    if (!inTransaction) this.#transactionId = bytesOf(',"txId":null,"lsn":');
    this.#putSource(bytesOf('"","table":""'), lsn, 'false');
    this.#transactionId = kept;
    sink.ascii('null,"message":{"prefix":');
    sink.put(jsonBytes(prefix));
    sink.ascii(`,"content":"${Buffer.from(content).toString('base64')}"}}`);
    return { key: bytesOf(JSON.stringify({ prefix })), value: sink.taken(from), timestampMs: this.#nowMs };
  }

  #putRow(encoder: TableEncoder, row: EventRow | null): void {
    if (row === null) this.#sink.put(NULL);
    else encoder.putRow(this.#sink, row.tuple, row.shape, row.lender);
  }

  #putSource(tablePart: Uint8Array, lsn: number, mark: SnapshotMark): void {
    const sink = this.#sink;
    sink.put(this.#head);
    sink.ascii(mark);
    sink.put(this.#middle);
    sink.put(SEQUENCE_SECOND);
    sink.integer(lsn);
    sink.put(this.#micros);
    sink.put(tablePart);
    sink.put(this.#transactionId);
    sink.integer(lsn);
    sink.put(TAIL_XMIN);
  }

  #putOrder(lsn: number, order: EventOrder): void {
    const id = Buffer.from(this.#transactionId).toString('latin1').slice(8, -7);
    this.#sink.ascii(
      `{"id":"${id}:${lsn}","total_order":${order.totalOrder},"data_collection_order":${order.tableOrder}}`,
    );
  }

  #tablePart(encoder: TableEncoder): Uint8Array {
    const known = this.#tableParts.get(encoder.qualifiedName);
    if (known !== undefined) return known;
    const { schema, name } = encoder.table;
    const part = bytesOf(`${JSON.stringify(schema)},"table":${JSON.stringify(name)}`);
    this.#tableParts.set(encoder.qualifiedName, part);
    return part;
  }
}

function rowBytes(encoder: TableEncoder, row: EventRow | null): number {
  return row === null
    ? 8
    : encoder.bytesMax(row.tuple) + (row.lender === null ? 0 : encoder.bytesMax(row.lender));
}
