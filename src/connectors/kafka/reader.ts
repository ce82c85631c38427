import type { RejectedRecord, SourceEvent, SplitReader } from '../../contract/mod.ts';
import { type Log, plainRead, RecordCursor, type TopicPartition } from '../../log/mod.ts';
import { RecordFacts } from './facts.ts';
import type { RecordRows } from './rows.ts';

/** Bytes per read: they, their copy and the columns made of them fit the second-level cache together. */
const READ_BYTES = 1 << 19;
/** What a read may take once it is decompressed; a single batch may take more. */
const PLAIN_BYTES = 2 << 20;

/** The next offset to read and, for bounded reading, the offset before which it ends. */
export interface KafkaPosition {
  readonly offset: number;
  readonly end: number | null;
}

/**
 * Reads one partition. A read's bytes go to the decoder as they are; only positions of keys and values are
 * taken out of them.
 */
export class KafkaReader implements SplitReader {
  readonly #log: Log;
  readonly #at: TopicPartition;
  readonly #rows: RecordRows;
  readonly #end: number | null;
  readonly #cursor = new RecordCursor();
  /** What the last read brought: the records from `#next` on are not decoded yet. */
  readonly #facts = new RecordFacts();
  #bytes: Uint8Array = new Uint8Array(0);
  #memory: Uint8Array | undefined;
  #next = 0;
  /** Where the next read goes on. */
  #offset: number;
  #rejected: RejectedRecord[] = [];

  constructor(log: Log, at: TopicPartition, rows: RecordRows, from: KafkaPosition) {
    this.#log = log;
    this.#at = at;
    this.#rows = rows;
    this.#offset = from.offset;
    this.#end = from.end;
  }

  async poll(maxWaitMs: number, signal: AbortSignal): Promise<SourceEvent> {
    if (this.#next < this.#facts.count) return this.#decode();
    if (this.#isAtEnd()) return { kind: 'end' };
    if (!(await this.#read())) {
      await this.#log.waitFor(this.#at, this.#offset, 'read_committed', maxWaitMs, signal);
      if (!(await this.#read())) return this.#isAtEnd() ? { kind: 'end' } : { kind: 'idle' };
    }
    return this.#decode();
  }

  position(): KafkaPosition {
    return {
      offset: this.#next < this.#facts.count ? this.#facts.offsets[this.#next]! : this.#offset,
      end: this.#end,
    };
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
      const memory = this.#rows.memory?.(READ_BYTES) ?? (this.#memory ??= new Uint8Array(READ_BYTES));
      const result = await this.#log.read(this.#at, from, READ_BYTES, 'read_committed', memory);
      const plain = plainRead(result, PLAIN_BYTES);
      this.#cursor.reset(plain.bytes, from, result.aborted);
      this.#bytes = plain.bytes;
      this.#offset = plain.nextOffset;
      this.#collect();
      if (this.#facts.count > 0) {
        this.#rows.load(plain.bytes);
        return true;
      }
      if (this.#isAtEnd() || plain.nextOffset === from) return false;
    }
  }

  /** Note where the records lie, up to the end of bounded reading. */
  #collect(): void {
    const { isUpsert, keyForValue } = this.#rows;
    this.#facts.clear();
    this.#next = 0;
    const isEnded = this.#cursor.collect(this.#facts, this.#end ?? Number.POSITIVE_INFINITY);
    if (isEnded) this.#offset = this.#end!;
    if (isUpsert) this.#facts.markDeletes(keyForValue);
  }

  #decode(): SourceEvent {
    const { next, batch } = this.#rows.decode(this.#facts, this.#next);
    this.#next = next;
    const { keyStarts, keyEnds, starts, ends, deletes, offsets } = this.#facts;
    for (const { index, reason } of this.#rows.takeRejections()) {
      this.#rejected.push({
        ...this.#at,
        offset: offsets[index]!,
        reason,
        key: this.#copy(keyStarts[index]!, keyEnds[index]!),
        value: this.#rows.isUpsert && deletes[index] === 1 ? null : this.#copy(starts[index]!, ends[index]!),
      });
    }
    return { kind: 'batch', batch };
  }

  #copy(start: number, end: number): Uint8Array | null {
    return start < 0 ? null : this.#bytes.slice(start, end);
  }
}
