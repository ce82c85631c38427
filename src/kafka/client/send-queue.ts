import { assert } from '../../core/mod.ts';
import type { EncodedBatch, TopicPartition } from '../../log/mod.ts';

/** A batch on its way to a partition. */
export interface Sending {
  readonly batch: EncodedBatch;
  /** Of its first record; -1 until it was sent for the first time. */
  sequence: number;
  sends: number;
  /** When it was handed over. */
  readonly sinceMs: number;
  readonly resolve: (baseOffset: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The batches of one producer for one partition, in order. A batch that must be sent again holds back all
 * later ones until whatever is under way was answered; then they go again in the same order with the same
 * sequences, so that the broker stores each once.
 */
export class SendQueue {
  readonly at: TopicPartition;
  readonly #inFlightMax: number;
  readonly #waiting: Sending[] = [];
  readonly #inFlight = new Set<Sending>();
  #again: Sending[] = [];
  #nextSequence = 0;
  /** Not before this time after a failure, and how many there were in a row. */
  notBeforeMs = 0;
  failures = 0;

  /** Kafka remembers 5 batches of a producer per partition: no more may be under way. */
  constructor(at: TopicPartition, inFlightMax: number) {
    this.at = at;
    this.#inFlightMax = inFlightMax;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#inFlight.size === 0 && this.#again.length === 0;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** True while batches wait that may be sent now. */
  maySend(nowMs: number): boolean {
    const isFree = this.#again.length === 0 && this.#inFlight.size < this.#inFlightMax;
    return isFree && this.#waiting.length > 0 && nowMs >= this.notBeforeMs;
  }

  push(sending: Sending): void {
    this.#waiting.push(sending);
  }

  /** The next batch to send, with its sequence. */
  take(): Sending {
    const sending = this.#waiting.shift();
    assert(sending !== undefined, 'a batch is taken where one may be sent');
    if (sending.sequence < 0) {
      sending.sequence = this.#nextSequence;
      this.#nextSequence = (this.#nextSequence + sending.batch.recordCount) % 2 ** 31;
    }
    sending.sends++;
    this.#inFlight.add(sending);
    return sending;
  }

  /** The batch is stored. */
  stored(sending: Sending, baseOffset: number): void {
    this.#inFlight.delete(sending);
    this.failures = 0;
    this.#settle();
    sending.resolve(baseOffset);
  }

  /** The batch has to be sent again, with the same sequence. */
  again(sending: Sending): void {
    this.#inFlight.delete(sending);
    this.#again.push(sending);
    this.#settle();
  }

  /** The batch is not sent again; whether it is stored is not known where it was under way. */
  failed(sending: Sending, error: unknown): void {
    this.#inFlight.delete(sending);
    this.#settle();
    sending.reject(error);
  }

  /** The only batch under way was refused, for certain: the next one takes its sequence. */
  refused(sending: Sending, error: unknown): void {
    this.failed(sending, error);
    assert(this.#inFlight.size === 0, 'a sequence is given again where no later one is under way');
    this.#nextSequence = sending.sequence;
  }

  /**
   * True when an earlier batch is still to be stored: then a later one is out of order for no other reason.
   */
  hasEarlier(sending: Sending): boolean {
    const isEarlier = (other: Sending): boolean =>
      other !== sending && (sending.sequence - other.sequence + 2 ** 31) % 2 ** 31 < 2 ** 30;
    return [...this.#inFlight, ...this.#again].some(isEarlier);
  }

  /** Fails all that is not stored and not under way. */
  failWaiting(error: unknown): void {
    for (const sending of [...this.#again, ...this.#waiting.splice(0)]) sending.reject(error);
    this.#again = [];
  }

  /** Begins with sequence 0, for a new producer id: those that were refused get new sequences. */
  restart(): void {
    assert(this.#inFlight.size === 0, 'nothing is under way when a producer begins anew');
    this.#nextSequence = 0;
    for (const sending of this.#waiting) sending.sequence = -1;
  }

  /** Once nothing is under way, what has to go again is first in the queue. */
  #settle(): void {
    if (this.#again.length === 0 || this.#inFlight.size > 0) return;
    const first = this.#again[0]!.sequence;
    const distance = ({ sequence }: Sending): number => (sequence - first + 2 ** 30 + 2 ** 31) % 2 ** 31;
    this.#again.sort((a, b) => distance(a) - distance(b));
    this.#waiting.unshift(...this.#again);
    this.#again = [];
  }
}
