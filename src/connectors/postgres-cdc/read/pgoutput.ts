import { MillraceError } from '../../../core/mod.ts';
import { readLsn, readUint16, readUint32 } from '../lsn.ts';
import { readTupleData, type Tuple } from './tuple.ts';

/**
 * Messages of pgoutput, protocol version 1 (PostgreSQL documentation, "Logical Replication Message Formats").
 * Row changes are read into tuples that are used again; everything else is a plain object.
 */
export interface RelationMessage {
  readonly relationId: number;
  readonly schema: string;
  readonly name: string;
  /** `d` default, `n` nothing, `f` full, `i` index. */
  readonly replicaIdentity: string;
  readonly columns: readonly RelationColumn[];
}

export interface RelationColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly modifier: number;
  readonly inIdentity: boolean;
}

/** The tuples of the row change read last. */
export interface RowChange {
  readonly oldTuple: Tuple;
  readonly newTuple: Tuple;
  /** What `oldTuple` holds. */
  old: 'none' | 'key' | 'full';
}

/** Microseconds between 1970-01-01 and PostgreSQL's epoch, 2000-01-01. */
const POSTGRES_EPOCH_MICROS = 946_684_800_000_000;

/** `I`: Int32 relation, `N`, TupleData. Returns the relation. */
export function readInsert(bytes: Uint8Array, at: number, change: RowChange): number {
  change.old = 'none';
  readTupleData(bytes, at + 6, change.newTuple);
  return readUint32(bytes, at + 1);
}

/** `U`: Int32 relation, [`K`|`O` TupleData], `N` TupleData. Returns the relation. */
export function readUpdate(bytes: Uint8Array, at: number, change: RowChange): number {
  const p = readOld(bytes, at + 5, change);
  readTupleData(bytes, p + 1, change.newTuple);
  return readUint32(bytes, at + 1);
}

/** `D`: Int32 relation, `K`|`O` TupleData. Returns the relation. */
export function readDelete(bytes: Uint8Array, at: number, change: RowChange): number {
  readOld(bytes, at + 5, change);
  return readUint32(bytes, at + 1);
}

function readOld(bytes: Uint8Array, at: number, change: RowChange): number {
  const kind = bytes[at];
  change.old = kind === 0x4b ? 'key' : kind === 0x4f ? 'full' : 'none';
  return change.old === 'none' ? at : readTupleData(bytes, at + 1, change.oldTuple);
}

/** `B`: Int64 LSN of the commit, Int64 commit time, Int32 transaction. */
export function readBegin(bytes: Uint8Array, at: number) {
  return {
    commitLsn: readLsn(bytes, at + 1),
    commitMicros: readMicros(bytes, at + 9),
    transactionId: readUint32(bytes, at + 17),
  };
}

/** `C`: Int8 flags, Int64 LSN of the commit, Int64 end of the transaction, Int64 commit time. */
export function readCommit(bytes: Uint8Array, at: number) {
  return { commitLsn: readLsn(bytes, at + 2), endLsn: readLsn(bytes, at + 10) };
}

/**
 * `R`: Int32 relation, schema, name, Int8 replica identity, Int16 columns: Int8 flags, name, Int32 type,
 * Int32 modifier.
 */
export function readRelation(bytes: Uint8Array, at: number): RelationMessage {
  const text = new TextCursor(bytes, at + 5);
  const [schema, name] = [text.next() || 'pg_catalog', text.next()];
  const replicaIdentity = String.fromCharCode(bytes[text.at]!);
  const count = readUint16(bytes, text.at + 1);
  text.at += 3;
  const columns: RelationColumn[] = [];
  for (let i = 0; i < count; i++) {
    const inIdentity = (bytes[text.at++]! & 1) === 1;
    const column = text.next();
    const typeOid = readUint32(bytes, text.at);
    const modifier = readUint32(bytes, text.at + 4) | 0;
    text.at += 8;
    columns.push({ name: column, typeOid, modifier, inIdentity });
  }
  return { relationId: readUint32(bytes, at + 1), schema, name, replicaIdentity, columns };
}

/** `T`: Int32 relations, Int8 options, Int32 relation each. */
export function readTruncate(bytes: Uint8Array, at: number): readonly number[] {
  const count = readUint32(bytes, at + 1);
  return Array.from({ length: count }, (_, i) => readUint32(bytes, at + 6 + 4 * i));
}

/** `M`: Int8 flags (1: transactional), Int64 LSN, prefix, Int32 length, content. */
export function readLogicalMessage(bytes: Uint8Array, at: number) {
  const text = new TextCursor(bytes, at + 10);
  const prefix = text.next();
  const from = text.at + 4;
  return {
    transactional: (bytes[at + 1]! & 1) === 1,
    lsn: readLsn(bytes, at + 2),
    prefix,
    content: bytes.subarray(from, from + readUint32(bytes, text.at)),
  };
}

/** Int64 microseconds since 2000 as microseconds since 1970; exact until the year 2255. */
export function readMicros(bytes: Uint8Array, at: number): number {
  return (readUint32(bytes, at) | 0) * 2 ** 32 + readUint32(bytes, at + 4) + POSTGRES_EPOCH_MICROS;
}

/** The error for a message kind that was not asked for. */
export function unknownMessage(kind: number): MillraceError {
  const shown = String.fromCharCode(kind);
  return new MillraceError(
    'CAPTURE_UNSUPPORTED',
    `pgoutput sent a message of unknown kind ${JSON.stringify(shown)}`,
  );
}

class TextCursor {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** The text up to the next zero byte. */
  next(): string {
    const end = this.#bytes.indexOf(0, this.at);
    const text = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + this.at, end - this.at).toString(
      'utf8',
    );
    this.at = end + 1;
    return text;
  }
}
