import type { Rpc } from '../../core/mod.ts';
import type { IsolationLevel, Log, ReadResult, TopicPartition } from '../log.ts';
import { type Stretch, StretchReader } from '../partition/stretch.ts';
import { openToRead } from '../storage/node-storage.ts';

/** How the other thread answers a read: with the bytes, or by where they lie. */
type Answer = ReadResult | { readonly stretch: Stretch };

/** A read asked for ahead: sequential readers find their next bytes already here. */
interface Ahead {
  readonly offset: number;
  readonly maxBytes: number;
  readonly isolation: IsolationLevel;
  readonly answer: Promise<Answer>;
}

/** Files that may be open; a reader that ends within a stretch does not say so. */
const STRETCHES_MAX = 32;

/**
 * Reads of a log that another thread serves. Where much lies in one file, that thread says where, and the
 * bytes are read here, into the memory that is given; else they come with the answer.
 */
export class RemoteReads {
  readonly #rpc: Rpc;
  readonly #ahead = new Map<string, Ahead>();
  /** By partition and the offset where the reading goes on; the one that was used last is at the end. */
  readonly #stretches = new Map<string, StretchReader>();
  readonly #topics = new WeakMap<StretchReader, string>();

  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  readonly read: Log['read'] = async (at, offset, maxBytes, isolation, into) => {
    const key = `${at.topic}-${at.partition} ${isolation}`;
    const near = this.#continued(key, this.#take(key, offset), maxBytes, into);
    if (near !== null) return near;
    const answer = await this.#answer(key, at, offset, maxBytes, isolation);
    if (!('stretch' in answer)) {
      this.#askAhead(key, at, offset, maxBytes, isolation, answer);
      return placed(answer, into);
    }
    const file = openToRead(answer.stretch.path, answer.stretch.fileId);
    if (file !== null) {
      const reader = new StretchReader(answer.stretch, file);
      this.#topics.set(reader, at.topic);
      const result = this.#continued(key, reader, maxBytes, into);
      if (result !== null) return result;
    }
    // The file was replaced meanwhile, or holds one batch larger than the memory.
    return placed((await this.#ask(at, offset, maxBytes, isolation, false)) as ReadResult, into);
  };

  #take(key: string, offset: number): StretchReader | null {
    const place = `${key} ${offset}`;
    const reader = this.#stretches.get(place) ?? null;
    this.#stretches.delete(place);
    return reader;
  }

  #continued(
    key: string,
    reader: StretchReader | null,
    maxBytes: number,
    into: Uint8Array | undefined,
  ): ReadResult | null {
    if (reader === null) return null;
    const result = reader.read(maxBytes, into);
    if (result === null) this.#close(reader);
    else this.#keep(key, reader);
    return result;
  }

  #keep(key: string, reader: StretchReader): void {
    const place = `${key} ${reader.offset}`;
    const other = this.#stretches.get(place);
    if (other !== undefined) this.#close(other);
    this.#stretches.set(place, reader);
    for (const [oldest, left] of this.#stretches) {
      if (this.#stretches.size <= STRETCHES_MAX) return;
      this.#stretches.delete(oldest);
      this.#close(left);
    }
  }

  #close(reader: StretchReader): void {
    reader.close();
    const topic = this.#topics.get(reader);
    this.#rpc.notify('log.hasRead', { topic, records: reader.recordsRead, bytes: reader.bytesRead });
  }

  async #answer(
    key: string,
    at: TopicPartition,
    offset: number,
    maxBytes: number,
    isolation: IsolationLevel,
  ): Promise<Answer> {
    const known = this.#ahead.get(key);
    this.#ahead.delete(key);
    if (known?.offset === offset && known.maxBytes === maxBytes) {
      const answer = await known.answer;
      // What was empty when it was asked for ahead may have been written since.
      if ('stretch' in answer || answer.nextOffset !== offset) return answer;
    }
    return this.#ask(at, offset, maxBytes, isolation, true);
  }

  #askAhead(
    key: string,
    at: TopicPartition,
    offset: number,
    maxBytes: number,
    isolation: IsolationLevel,
    { nextOffset, highWatermark }: ReadResult,
  ): void {
    if (nextOffset === offset || nextOffset >= highWatermark) return;
    const answer = this.#ask(at, nextOffset, maxBytes, isolation, true);
    answer.catch(() => undefined); // whoever asks for it has the error
    this.#ahead.set(key, { offset: nextOffset, maxBytes, isolation, answer });
  }

  #ask(
    at: TopicPartition,
    offset: number,
    maxBytes: number,
    isolation: IsolationLevel,
    mayStretch: boolean,
  ): Promise<Answer> {
    return this.#rpc.call('log.read', { at, offset, maxBytes, isolation, mayStretch }) as Promise<Answer>;
  }
}

/** The bytes in the memory that is given, where it has room. */
function placed(result: ReadResult, into: Uint8Array | undefined): ReadResult {
  const { bytes } = result;
  if (into === undefined || bytes.length === 0 || bytes.length > into.length) return result;
  into.set(bytes);
  return { ...result, bytes: into.subarray(0, bytes.length) };
}
