import { type Batch, RowKind } from '../../core/mod.ts';
import type { Decoder } from '../../formats/mod.ts';
import type { RecordFacts } from './facts.ts';

/** A record that makes no row, and why. */
export interface Rejection {
  /** Its number in the read. */
  readonly index: number;
  readonly reason: string;
}

/** Makes rows of the records of a read. */
export interface RecordRows {
  /** A record is an update of its key, one without a value its deletion. */
  readonly isUpsert: boolean;
  /** A deletion's key is decoded in the place of its value. */
  readonly keyForValue: boolean;
  /** Memory for the next read, where that saves a copy; no rows are borrowed any more. */
  memory?(bytes: number): Uint8Array;
  /** The bytes of a read, borrowed until the next one. */
  load(bytes: Uint8Array): void;
  /** Rows of the records from number `from` on, and the first number that is left. The batch is borrowed. */
  decode(facts: RecordFacts, from: number): { readonly next: number; readonly batch: Batch };
  takeRejections(): readonly Rejection[];
}

/** Rows that lie in the values as they are. */
export function plainRows(decoder: Decoder, isUpsert: boolean): RecordRows {
  const rowKinds = new Uint8Array(decoder.recordOfRow.length);
  const withKinds = (batch: Batch, { deletes }: RecordFacts): Batch => {
    for (let row = 0; row < batch.rowCount; row++) {
      const isDelete = deletes[decoder.recordOfRow[row]!] === 1;
      rowKinds[row] = isDelete ? RowKind.delete : RowKind.updateAfter;
    }
    return { ...batch, rowKinds };
  };
  return {
    isUpsert,
    keyForValue: isUpsert,
    ...(decoder.memory === undefined ? {} : { memory: bytes => decoder.memory!(bytes) }),
    load: bytes => decoder.load(bytes),
    decode: (facts, from) => {
      const next = decoder.decode(facts.starts, facts.ends, from, facts.count);
      const batch = decoder.takeBatch();
      return { next, batch: isUpsert ? withKinds(batch, facts) : batch };
    },
    takeRejections: () => decoder.takeRejections(),
  };
}
