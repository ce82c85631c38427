import { MillraceError } from '../../core/mod.ts';
import type { CatalogTable } from './catalog.ts';
import type { CaptureConfig } from './config.ts';
import type { Delivery } from './delivery.ts';
import type { EnvelopeWriter, SnapshotMark } from './encode/envelope.ts';
import { TableEncoder } from './encode/table-encoder.ts';
import { copySql } from './publication.ts';
import { newTuple, readCopyRow } from './read/tuple.ts';
import { type RawSession, serverError } from './wire.ts';

/** What the initial read needs. The session is inside the transaction that sees the slot's tableSnapshot. */
export interface SnapshotReadOptions {
  readonly config: CaptureConfig;
  readonly tables: readonly CatalogTable[];
  readonly session: RawSession;
  readonly delivery: Delivery;
  readonly envelopes: EnvelopeWriter;
  readonly topicOf: (table: CatalogTable) => string;
  /** The slot's consistent point. */
  readonly lsn: number;
  readonly nowMs: () => number;
  readonly onRows: (rows: number) => void;
}

const COPY_DATA = 0x64;
const ERROR = 0x45;
const READY = 0x5a;

/**
 * Read all tables into the open transaction of `delivery`; the caller commits it, so a killed read leaves
 * nothing.
 * Returns the number of rows.
 */
export async function readSnapshot(options: SnapshotReadOptions): Promise<number> {
  const reader = new SnapshotReader(options);
  for (const table of options.tables) {
    await options.delivery.ensureTopic(options.topicOf(table));
  }
  const frames = options.session.frames();
  for (const [i, table] of options.tables.entries()) await reader.readTable(table, i === 0, frames);
  reader.finish();
  return reader.rows;
}

/** Where a row stands in the read. */
type Place = 'firstOfAll' | 'firstOfTable' | 'inside';

/**
 * A row that waits for its mark: whether it is the last one shows only when the next comes or the table
 * ends.
 */
interface HeldRow {
  readonly encoder: TableEncoder;
  readonly topic: string;
  bytes: Uint8Array;
  from: number;
  end: number;
  place: Place;
  lastOfTable: boolean;
}

/** Debezium's mark of a row, unless it is the last of all. */
function markOf({ place, lastOfTable }: Pick<HeldRow, 'place' | 'lastOfTable'>): SnapshotMark {
  if (place === 'firstOfAll') return 'first';
  if (lastOfTable) return 'last_in_data_collection';
  return place === 'firstOfTable' ? 'first_in_data_collection' : 'true';
}

type Source = Pick<HeldRow, 'encoder' | 'topic'>;

class SnapshotReader {
  rows = 0;
  readonly #options: SnapshotReadOptions;
  readonly #tuple = newTuple();
  #held: HeldRow | null = null;

  constructor(options: SnapshotReadOptions) {
    this.#options = options;
  }

  async readTable(
    table: CatalogTable,
    firstTable: boolean,
    frames: ReturnType<RawSession['frames']>,
  ): Promise<void> {
    const { config, session, delivery } = this.#options;
    const encoder = new TableEncoder(table, { ...config, half: 'snapshotRead' });
    const source = { encoder, topic: this.#options.topicOf(table) };
    session.query(copySql(table));
    let place: Place = firstTable ? 'firstOfAll' : 'firstOfTable';
    for (;;) {
      const { value: framer } = await frames.next();
      if (framer === undefined) throw new MillraceError('CAPTURE_FAILED', 'the initial read was cut off');
      this.#begin();
      const before = this.rows;
      for (let frame = framer.next(); frame !== null; frame = framer.next()) {
        if (frame.type === COPY_DATA) {
          this.#hold(source, frame.bytes, frame.from, frame.end - 1, place);
          place = 'inside';
        } else if (frame.type === ERROR) throw this.#failed(table, frame.bytes, frame.from, frame.end);
        else if (frame.type === READY) {
          if (this.#held?.encoder === encoder) this.#held.lastOfTable = true;
          this.#options.onRows(this.rows - before);
          return;
        }
      }
      this.#options.onRows(this.rows - before);
      if (delivery.full) await delivery.room();
    }
  }

  /** The row held at the end of all is the last, also when later tables were empty. */
  finish(): void {
    this.#begin();
    this.#emit('last');
  }

  #begin(): void {
    const nowMs = this.#options.nowMs();
    const origin = {
      transactionId: 0,
      commitMicros: Math.floor(nowMs * 1000),
      lastCommitLsn: null,
      mark: 'true',
    } as const;
    this.#options.envelopes.begin(origin, nowMs);
  }

  #hold(source: Source, bytes: Uint8Array, from: number, end: number, place: Place): void {
    const held = this.#held;
    if (held !== null) this.#emit(markOf(held));
    this.rows++;
    if (held === null || place !== 'inside') {
      this.#held = { ...source, bytes, from, end, place, lastOfTable: false };
      return;
    }
    held.bytes = bytes;
    held.from = from;
    held.end = end;
    held.place = 'inside';
  }

  #emit(mark: SnapshotMark): void {
    const held = this.#held;
    if (held === null) return;
    const { envelopes, delivery, lsn } = this.#options;
    const tuple = this.#tuple;
    readCopyRow(held.bytes, held.from, held.end, tuple);
    const row = { tuple, shape: 'whole', lender: null } as const;
    const { key, value } = envelopes.event(held.encoder, 'r', null, row, tuple, { lsn, mark, order: null });
    delivery.add(held.topic, envelopes.record(key, value));
  }

  #failed(table: CatalogTable, bytes: Uint8Array, from: number, end: number): MillraceError {
    const cause = serverError(bytes, from, end);
    return new MillraceError(
      'CAPTURE_FAILED',
      `the initial read of ${table.schema}.${table.name} failed: ${cause.message}`,
      { cause },
    );
  }
}
