import { BATCH_ROWS_MAX, type Batch } from '../../core/batch.ts';
import { RowKind } from '../../core/row-kind.ts';
import type { Schema } from '../../core/types.ts';
import type { Decoder, Rejection } from '../decoder.ts';
import type { JsonOptions } from '../options.ts';
import { generateLayoutReader, generateObjectReader, type ReadObject } from './generate.ts';
import { generateEnvelopeReader, type ReadEnvelope } from './generate-envelope.ts';
import { LayoutLearner, LayoutTrial, learnEnvelope } from './learn.ts';
import { RowReader } from './row-reader.ts';
import { skipKey, skipSpace, skipValue, Unparsable } from './scan.ts';

/** What an envelope says: positions of the images (-1: null or absent) and the letter of `op` (0: absent). */
interface Envelope {
  before: number;
  after: number;
  op: number;
}

const LETTER = { c: 99, r: 114, u: 117, d: 100, t: 116, m: 109 } as const;

/**
 * Flink's `debezium-json` (without schema): an envelope becomes +I (c, r), -U and +U (u) or -D (d).
 * Truncates (t), logical messages (m) and tombstones are no rows: they are counted as skipped.
 */
export class DebeziumDecoder implements Decoder {
  readonly schema: Schema;
  readonly recordOfRow = new Int32Array(BATCH_ROWS_MAX);
  rowCount = 0;
  skipped = 0;
  readonly #rowKinds = new Uint8Array(BATCH_ROWS_MAX);
  readonly #reader: RowReader;
  readonly #readObject: ReadObject;
  readonly #learner: LayoutLearner;
  readonly #envelope: Envelope = { before: -1, after: -1, op: 0 };
  #readLayout: ReadObject | null = null;
  readonly #envelopeTrial = new LayoutTrial();
  #readEnvelope: ReadEnvelope | null = null;
  #rejections: Rejection[] = [];
  #hasChanges = false;

  constructor(schema: Schema, options: JsonOptions) {
    this.schema = schema;
    this.#reader = new RowReader(schema, options, 'without kernels');
    this.#readObject = generateObjectReader(this.#reader.tree, this.#reader, options.timestampStandard);
    this.#learner = new LayoutLearner(this.#reader, false);
  }

  load(bytes: Uint8Array): void {
    this.#reader.begin();
    this.#reader.load(bytes, this.rowCount > 0);
  }

  decode(starts: Int32Array, ends: Int32Array, from: number, to: number): number {
    const reader = this.#reader;
    reader.begin();
    let i = from;
    for (; i < to && this.rowCount <= BATCH_ROWS_MAX - 2; i++) {
      if (starts[i] === -1) {
        this.skipped++;
        continue;
      }
      const { arena } = reader;
      const { side } = arena;
      const start = arena.base + starts[i]!;
      const end = arena.base + ends[i]!;
      if (this.#known(start, end, i)) continue;
      arena.side = side;
      if (this.#record(start, end, i)) {
        if (this.#envelopeTrial.miss()) this.#learnEnvelope(start, end);
        continue;
      }
      arena.side = side;
      if (reader.options.ignoreParseErrors) this.skipped++;
      else this.#rejections.push({ index: i, reason: reader.reason(start, end) });
    }
    return i;
  }

  takeBatch(): Batch {
    const batch: Batch = {
      schema: this.schema,
      rowCount: this.rowCount,
      columns: this.#reader.finish(),
      rowKinds: this.#hasChanges ? this.#rowKinds : null,
      selection: null,
      selectionCount: this.rowCount,
    };
    this.rowCount = 0;
    this.#hasChanges = false;
    return batch;
  }

  takeRejections(): readonly Rejection[] {
    const taken = this.#rejections;
    this.#rejections = [];
    return taken;
  }

  /** An envelope of the learned layout; false for all others. */
  #known(start: number, end: number, index: number): boolean {
    if (this.#readEnvelope === null) return false;
    const { u8, dv, i32 } = this.#reader.arena;
    const rows = this.#readEnvelope(u8, dv, i32, start, end, this.rowCount);
    if (rows < 0) return false;
    this.#envelopeTrial.hit(1);
    if (rows > 1 || this.#rowKinds[this.rowCount] !== RowKind.insert) this.#hasChanges = true;
    return this.#add(rows, index);
  }

  #learnEnvelope(start: number, end: number): void {
    const layout = learnEnvelope(this.#reader.arena.u8, start, end);
    if (layout === undefined) return;
    const skip = (at: number, to: number): number => this.#reader.skip(at, to);
    const image = (at: number, to: number, row: number): number => this.#image(at, to, row);
    this.#readEnvelope = generateEnvelopeReader(layout, { skip, image, kinds: this.#rowKinds });
  }

  /** False, with the reason kept, when the record is no envelope or its images are no rows. */
  #record(start: number, end: number, index: number): boolean {
    try {
      readEnvelope(this.#reader.arena.u8, start, end, this.#envelope);
    } catch (error) {
      if (!(error instanceof Unparsable)) throw error;
      this.#reader.fail(error.at, error.expected);
      return false;
    }
    const { before, after, op } = this.#envelope;
    switch (op) {
      case LETTER.c:
      case LETTER.r:
        return (
          this.#require(after, 'after', 'INSERT') &&
          this.#row(after, end, RowKind.insert, 0) &&
          this.#add(1, index)
        );
      case LETTER.u: {
        if (!this.#require(before, 'before', 'UPDATE') || !this.#require(after, 'after', 'UPDATE'))
          return false;
        const isRead =
          this.#row(before, end, RowKind.updateBefore, 0) && this.#row(after, end, RowKind.updateAfter, 1);
        return isRead && this.#add(2, index);
      }
      case LETTER.d:
        return (
          this.#require(before, 'before', 'DELETE') &&
          this.#row(before, end, RowKind.delete, 0) &&
          this.#add(1, index)
        );
      case LETTER.t:
      case LETTER.m:
        this.skipped++;
        return true;
      default:
        this.#reader.complain('Not a Debezium envelope without schema: "op" is none of c, r, u, d, t, m.');
        return false;
    }
  }

  #require(at: number, image: string, operation: string): boolean {
    if (at >= 0) return true;
    const remedy =
      image === 'before'
        ? ', if you are using Debezium Postgres Connector, please check the Postgres table has been set ' +
          'REPLICA IDENTITY to FULL level.'
        : '.';
    this.#reader.complain(`The "${image}" field of ${operation} message is null${remedy}`);
    return false;
  }

  /** Read the image at `at` as the row `offset` behind those there are. */
  #row(at: number, end: number, kind: RowKind, offset: number): boolean {
    const row = this.rowCount + offset;
    this.#rowKinds[row] = kind;
    if (kind !== RowKind.insert) this.#hasChanges = true;
    return this.#image(at, end, row) >= 0;
  }

  /** Read the image at `at` into row `row`; the position behind it, or -1. */
  #image(at: number, end: number, row: number): number {
    const { u8, dv, i32 } = this.#reader.arena;
    if (this.#readLayout !== null) {
      const behind = this.#readLayout(u8, dv, i32, at, end, row);
      if (behind >= 0) {
        this.#learner.hit(1);
        return behind;
      }
    }
    const behind = this.#readObject(u8, dv, i32, at, end, row);
    if (behind >= 0) this.#learn(at, behind);
    return behind;
  }

  #add(rows: number, index: number): boolean {
    for (let i = 0; i < rows; i++) this.recordOfRow[this.rowCount++] = index;
    return true;
  }

  #learn(at: number, end: number): void {
    const layout = this.#learner.miss(at, end);
    if (layout === undefined) return;
    const { tree, options } = this.#reader;
    this.#readLayout = generateLayoutReader(tree, this.#reader, options.timestampStandard, layout);
  }
}

/** Find the images and `op`; everything is checked to be well-formed on the way. */
function readEnvelope(u8: Uint8Array, start: number, end: number, found: Envelope): void {
  found.before = -1;
  found.after = -1;
  found.op = 0;
  let p = skipSpace(u8, start, end);
  if (p >= end || u8[p] !== 123) throw new Unparsable(Math.min(p, end), 'a Debezium envelope');
  p = skipSpace(u8, p + 1, end);
  if (u8[p] === 125 && p < end) p++;
  else {
    for (;;) {
      const key = p;
      p = skipKey(u8, p, end);
      const behind = skipValue(u8, p, end);
      note(u8, key, p, behind, found);
      p = skipSpace(u8, behind, end);
      const c = p < end ? u8[p] : 0;
      p++;
      if (c === 125) break;
      if (c !== 44) throw new Unparsable(p - 1, '`,` or `}`');
      p = skipSpace(u8, p, end);
    }
  }
  if (skipSpace(u8, p, end) !== end) throw new Unparsable(p, 'the end of the record');
}

function note(u8: Uint8Array, key: number, value: number, behind: number, found: Envelope): void {
  const isNull = u8[value] === 110;
  if (u8[key + 1] === 98 && isKey(u8, key, 'before')) found.before = isNull ? -1 : value;
  else if (u8[key + 1] === 97 && isKey(u8, key, 'after')) found.after = isNull ? -1 : value;
  else if (u8[key + 1] === 111 && isKey(u8, key, 'op')) {
    found.op = u8[value] === 34 && behind === value + 3 ? u8[value + 1]! : 0;
  }
}

function isKey(u8: Uint8Array, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) if (u8[at + 1 + i] !== name.charCodeAt(i)) return false;
  return u8[at + 1 + name.length] === 34;
}
