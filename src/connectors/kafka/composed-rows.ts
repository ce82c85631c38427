import {
  type Batch,
  type Column,
  type ColumnBuffer,
  copyCell,
  createColumnBuffer,
  eachOf,
  putNull,
  RowKind,
  reserveRows,
  selectRows,
} from '../../core/mod.ts';
import type { Decoder } from '../../formats/mod.ts';
import type { RecordFacts } from './facts.ts';
import { type ColumnPlace, nullable, type RecordLayout } from './layout.ts';
import type { RecordMetadata } from './metadata.ts';
import type { RecordRows, Rejection } from './rows.ts';

/** Records per batch: so many fit every decoder's batch whatever the values hold. */
const RECORDS_MAX = 2048;

/** What rows are composed of, beside the layout. */
export interface RowParts {
  readonly value: Decoder;
  /** Null where no column comes from the key. */
  readonly key: Decoder | null;
  readonly metadata: RecordMetadata;
  readonly isUpsert: boolean;
}

/**
 * Rows with columns from value, key and metadata. Of an upsert table a run of deletions is made of the keys
 * alone.
 */
export function composedRows(layout: RecordLayout, parts: RowParts): RecordRows {
  const { value, key, metadata, isUpsert } = parts;
  const { places, schema } = layout;
  const buffers = schema.fields.map(({ type }) => createColumnBuffer(nullable(type), 0));
  let rejections: Rejection[] = [];
  const keyRows = new Int32Array(RECORDS_MAX);

  /** Decodes the keys of [from, to) and notes which row each record's key became; -1 for none. */
  const readKeys = (facts: RecordFacts, from: number, to: number): Batch | null => {
    if (key === null) return null;
    keyRows.fill(-1);
    key.decode(facts.keyStarts, facts.keyEnds, from, to);
    rejections.push(...key.takeRejections());
    const batch = key.takeBatch();
    for (let row = 0; row < batch.rowCount; row++) keyRows[key.recordOfRow[row]! - from] = row;
    return batch;
  };

  const columnOf = (place: ColumnPlace, buffer: ColumnBuffer, rows: RowsOfRun): Column => {
    const { count, recordOf, from, keys, values } = rows;
    if (place.kind === 'value' && values !== null) return values.columns[place.index]!;
    reserveRows(buffer, count);
    if (buffer.physical === 'bytes') buffer.used = 0;
    if (place.kind === 'metadata') {
      metadata.fill(place.column.key, buffer, count, recordOf);
      return buffer;
    }
    const index = place.kind === 'key' ? place.index : place.keyIndex;
    for (let row = 0; row < count; row++) {
      const keyRow = keys === null || index < 0 ? -1 : keyRows[recordOf(row) - from]!;
      if (keyRow < 0) putNull(buffer, row);
      else copyCell(keys!.columns[index]!, keyRow, buffer, row);
    }
    return buffer;
  };

  const composed = (rows: RowsOfRun, rowKinds: Uint8Array | null): Batch => ({
    schema,
    rowCount: rows.count,
    columns: eachOf(places, (place, c) => columnOf(place, buffers[c]!, rows)),
    rowKinds,
    selection: null,
    selectionCount: rows.count,
  });

  return {
    isUpsert,
    keyForValue: false,
    load: bytes => {
      value.load(bytes);
      key?.load(bytes);
      metadata.load(bytes);
    },
    decode: (facts, from) => {
      const isDelete = facts.deletes[from] === 1;
      const to = endOfRun(facts, from);
      const keys = readKeys(facts, from, to);
      metadata.read(facts, from, to);
      if (isDelete) {
        const recordOf = (row: number) => (key === null ? from + row : key.recordOfRow[row]!);
        const count = keys?.rowCount ?? to - from;
        const kinds = new Uint8Array(count).fill(RowKind.delete);
        return { next: to, batch: composed({ count, recordOf, from, keys, values: null }, kinds) };
      }
      const next = value.decode(facts.starts, facts.ends, from, to);
      rejections.push(...value.takeRejections());
      const values = value.takeBatch();
      const recordOf = (row: number) => value.recordOfRow[row]!;
      const kinds = isUpsert ? new Uint8Array(values.rowCount).fill(RowKind.updateAfter) : values.rowKinds;
      const batch = composed({ count: values.rowCount, recordOf, from, keys, values }, kinds);
      return {
        next,
        batch: keys === null ? batch : withoutBadKeys(batch, row => keyRows[recordOf(row) - from]!),
      };
    },
    takeRejections: () => {
      const taken = rejections;
      rejections = [];
      return taken;
    },
  };
}

interface RowsOfRun {
  readonly count: number;
  /** The number of the record a row came from. */
  readonly recordOf: (row: number) => number;
  readonly from: number;
  readonly keys: Batch | null;
  /** Null for deletions, which have no values. */
  readonly values: Batch | null;
}

/** The records from `from` on that are deletions like it, or are not, as far as one batch may go. */
function endOfRun({ deletes, count }: RecordFacts, from: number): number {
  const end = Math.min(count, from + RECORDS_MAX);
  let to = from + 1;
  while (to < end && deletes[to] === deletes[from]) to++;
  return to;
}

/** The rows whose key could be read. */
function withoutBadKeys(batch: Batch, keyRowOf: (row: number) => number): Batch {
  const kept: number[] = [];
  for (let row = 0; row < batch.rowCount; row++) if (keyRowOf(row) >= 0) kept.push(row);
  if (kept.length === batch.rowCount) return batch;
  return selectRows(batch, Int32Array.from(kept), kept.length);
}
