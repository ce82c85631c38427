import type { RejectedRecord, SourceEvent, SplitReader } from '../../contract/mod.ts';
import { type Batch, RowKind, type Schema } from '../../core/mod.ts';
import type { Decoder } from '../../formats/mod.ts';
import { type Log, RecordCursor, type TopicPartition } from '../../log/mod.ts';

/** Bytes per read: they, their copy and the columns made of them fit the second-level cache together. */
const READ_BYTES = 1 << 19;

/** The next offset to read and, for bounded reading, the offset before which it ends. */
export interface KafkaPosition {
  readonly offset: number;
  readonly end: number | null;
}

/**
 * Reads one partition. A read's bytes go to the decoder as they are; only positions of values are taken out
 * of them. With `isUpsert` a record is an update of its key, a null value its deletion.
 */
export class KafkaReader implements SplitReader {
  readonly #log: Log;
  readonly #at: TopicPartition;
  readonly #decoder: Decoder;
  readonly #schema: Schema;
  readonly #isUpsert: boolean;
  readonly #end: number | null;
  readonly #cursor = new RecordCursor();
  readonly #rowKinds: Uint8Array;
  /** What the last read brought: the records from `#next` to `#count` are not decoded yet. */
  #bytes: Uint8Array = new Uint8Array(0);
  readonly #memory = new Uint8Array(READ_BYTES);
  #starts = new Int32Array(1024);
  #ends = new Int32Array(1024);
  #offsets = new Float64Array(1024);
  #keyStarts = new Int32Array(1024);
  #keyLengths = new Int32Array(1024);
  #deletes = new Uint8Array(1024);
  #next = 0;
  #count = 0;
  /** Where the next read goes on. */
  #offset: number;
  #rejected: RejectedRecord[] = [];

  constructor(
    log: Log,
    at: TopicPartition,
    decoder: Decoder,
    schema: Schema,
    isUpsert: boolean,
    from: KafkaPosition,
  ) {
    this.#log = log;
    this.#at = at;
    this.#decoder = decoder;
    this.#schema = schema;
    this.#isUpsert = isUpsert;
    this.#rowKinds = new Uint8Array(decoder.recordOfRow.length);
    this.#offset = from.offset;
    this.#end = from.end;
  }

  async poll(maxWaitMs: number, signal: AbortSignal): Promise<SourceEvent> {
    if (this.#next < this.#count) return this.#decode();
    if (this.#isAtEnd()) return { kind: 'end' };
    if (!(await this.#read())) {
      await this.#log.waitFor(this.#at, this.#offset, 'read_committed', maxWaitMs, signal);
      if (!(await this.#read())) return this.#isAtEnd() ? { kind: 'end' } : { kind: 'idle' };
    }
    return this.#decode();
  }

  position(): KafkaPosition {
    return { offset: this.#next < this.#count ? this.#offsets[this.#next]! : this.#offset, end: this.#end };
  }

  async lag(): Promise<number> {
    const { lastStableOffset } = await this.#log.offsets(this.#at);
    return Math.max(0, (this.#end ?? lastStableOffset) - this.position().offset);
  }

  takeRejected(): readonly RejectedRecord[] {
    const taken = this.#rejected;
    this.#rejected = [];
    return taken;
  }

  async close(): Promise<void> {}

  #isAtEnd(): boolean {
    return this.#end !== null && this.#offset >= this.#end;
  }

  /**
   * Fetch the next records; false when there are none. Reads on over what is not for us (control records,
   * aborted ones).
   */
  async #read(): Promise<boolean> {
    for (;;) {
      const from = this.#offset;
      const result = await this.#log.read(this.#at, from, READ_BYTES, 'read_committed', this.#memory);
      this.#cursor.reset(result.bytes, from, result.aborted);
      this.#bytes = result.bytes;
      this.#offset = result.nextOffset;
      this.#collect();
      if (this.#count > 0) {
        this.#decoder.load(result.bytes);
        return true;
      }
      if (this.#isAtEnd() || result.nextOffset === from) return false;
    }
  }

  /** Note where the records lie, up to the end of bounded reading. */
  #collect(): void {
    const cursor = this.#cursor;
    this.#count = 0;
    this.#next = 0;
    while (cursor.next()) {
      if (this.#end !== null && cursor.offset >= this.#end) {
        this.#offset = this.#end;
        return;
      }
      const i = this.#count++;
      if (i === this.#starts.length) this.#grow();
      const isDelete = this.#isUpsert && cursor.valueLength < 0 && cursor.keyLength >= 0;
      const start = isDelete ? cursor.keyStart : cursor.valueStart;
      const length = isDelete ? cursor.keyLength : cursor.valueLength;
      this.#starts[i] = length < 0 ? -1 : start;
      this.#ends[i] = start + length;
      this.#offsets[i] = cursor.offset;
      this.#deletes[i] = isDelete ? 1 : 0;
      this.#keyStarts[i] = cursor.keyStart;
      this.#keyLengths[i] = cursor.keyLength;
    }
  }

  #grow(): void {
    const length = this.#starts.length * 2;
    const grown = <T extends Int32Array | Float64Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#starts = grown(this.#starts, new Int32Array(length));
    this.#ends = grown(this.#ends, new Int32Array(length));
    this.#offsets = grown(this.#offsets, new Float64Array(length));
    this.#keyStarts = grown(this.#keyStarts, new Int32Array(length));
    this.#keyLengths = grown(this.#keyLengths, new Int32Array(length));
    this.#deletes = grown(this.#deletes, new Uint8Array(length));
  }

  #decode(): SourceEvent {
    this.#next = this.#decoder.decode(this.#starts, this.#ends, this.#next, this.#count);
    for (const { index, reason } of this.#decoder.takeRejections()) {
      const isDelete = this.#deletes[index] === 1;
      const start = this.#starts[index]!;
      this.#rejected.push({
        ...this.#at,
        offset: this.#offsets[index]!,
        reason,
        key: this.#copy(this.#keyStarts[index]!, this.#keyLengths[index]!),
        value: isDelete ? null : this.#copy(start, this.#ends[index]! - start),
      });
    }
    const batch = this.#decoder.takeBatch();
    return { kind: 'batch', batch: this.#isUpsert ? this.#withKinds(batch) : batch };
  }

  #copy(start: number, length: number): Uint8Array | null {
    return length < 0 ? null : this.#bytes.slice(start, start + length);
  }

  #withKinds(batch: Batch): Batch {
    const { recordOfRow } = this.#decoder;
    for (let row = 0; row < batch.rowCount; row++) {
      this.#rowKinds[row] = this.#deletes[recordOfRow[row]!] === 1 ? RowKind.delete : RowKind.updateAfter;
    }
    return { ...batch, schema: this.#schema, rowKinds: this.#rowKinds };
  }
}
