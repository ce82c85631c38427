import { MillraceError } from '../../core/mod.ts';
import type { AppendResult, NewRecords, ProducerSequence, TopicPartition } from '../../log/mod.ts';
import type { WriterContext } from './cluster-writer.ts';
import { TransactionSession } from './transaction-session.ts';

const SEQUENCE_MAX = 2 ** 31 - 1;
/**
 * Another process under the same name takes the transactional id over; so often we take it back for one
 * append.
 */
const TAKEOVERS_MAX = 3;

/** What is stored of a producer on a partition. */
interface Stored {
  readonly sequence: number;
  readonly baseOffset: number;
}

interface Waiting {
  readonly at: TopicPartition;
  readonly records: NewRecords;
  readonly idempotence: ProducerSequence;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Producer {
  readonly name: string;
  readonly waiting: Waiting[];
  isRunning: boolean;
  session: TransactionSession | null;
  /** As of the opening of the session; nobody else changes it while we hold that. */
  readonly stored: Map<string, Stored | null>;
}

/**
 * Appends with a sequence: each is a transaction with a record of the sequence in the state topic, under a
 * transactional id of the producer's name. So a sequence is stored if and only if its records are, and found
 * again by any process at any time, which a broker's memory of producers does not promise.
 */
export class OnceAppends {
  readonly #context: WriterContext;
  readonly #producers = new Map<string, Producer>();

  constructor(context: WriterContext) {
    this.#context = context;
  }

  append(at: TopicPartition, records: NewRecords, idempotence: ProducerSequence): Promise<AppendResult> {
    const { producer: name, sequence } = idempotence;
    if (!Number.isInteger(sequence) || sequence < 0 || sequence > SEQUENCE_MAX) {
      const message = `a sequence is a whole number from 0 to ${SEQUENCE_MAX}, not ${sequence}`;
      return Promise.reject(new MillraceError('OUT_OF_ORDER_SEQUENCE', message));
    }
    let producer = this.#producers.get(name);
    if (producer === undefined) {
      producer = { name, waiting: [], isRunning: false, session: null, stored: new Map() };
      this.#producers.set(name, producer);
    }
    const { waiting } = producer;
    return new Promise((resolve, reject) => {
      waiting.push({ at, records, idempotence, resolve, reject });
      void this.#run(producer);
    });
  }

  async lastSequence(at: TopicPartition, producer: string): Promise<number> {
    const stored = await this.#context.states.find(await this.#keyOf(at, producer));
    return (stored as Stored | undefined)?.sequence ?? -1;
  }

  close(): void {
    for (const { session } of this.#producers.values()) session?.close();
  }

  /** A topic that is made again under its name begins anew. */
  async #keyOf(at: TopicPartition, producer: string): Promise<string> {
    const { cluster } = this.#context;
    await cluster.retrying(`asking for ${at.topic}-${at.partition}`, () => cluster.leader(at));
    const { id } = await cluster.topic(at.topic);
    return `producer/${producer}/${id}/${at.partition}`;
  }

  async #run(producer: Producer): Promise<void> {
    if (producer.isRunning) return;
    producer.isRunning = true;
    for (let one = producer.waiting.shift(); one !== undefined; one = producer.waiting.shift()) {
      try {
        one.resolve(await this.#appendOne(producer, one));
      } catch (error) {
        one.reject(error);
      }
    }
    producer.isRunning = false;
  }

  async #appendOne(producer: Producer, one: Waiting): Promise<AppendResult> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#append(producer, one);
      } catch (error) {
        const isTaken = error instanceof MillraceError && error.code === 'PRODUCER_FENCED';
        if (!isTaken || attempt === TAKEOVERS_MAX) throw error;
      }
    }
  }

  async #append(producer: Producer, { at, records, idempotence }: Waiting): Promise<AppendResult> {
    const { sequence, sparse = false } = idempotence;
    const key = await this.#keyOf(at, producer.name);
    const stored = await this.#storedOf(producer, key);
    if (stored !== null && sequence <= stored.sequence) {
      return { baseOffset: sequence === stored.sequence ? stored.baseOffset : -1, duplicate: true };
    }
    if (stored !== null && !sparse && sequence !== stored.sequence + 1) {
      const next = stored.sequence + 1;
      const message = `${producer.name} should continue with sequence ${next}, not ${sequence}`;
      throw new MillraceError('OUT_OF_ORDER_SEQUENCE', message);
    }
    const { maker, states, count } = this.#context;
    const batches = await maker.batches(at.topic, records);
    const session = producer.session!;
    try {
      const [offsets] = await session.write([{ at, batches }]);
      const written = { sequence, baseOffset: offsets?.[0] ?? -1 };
      const entry = states.entry(key, written);
      const own = await maker.batches(entry.at.topic, entry.records);
      await session.write([{ at: entry.at, batches: own }]);
      await session.end('commit');
      producer.stored.set(key, written);
      count(batches);
      return { baseOffset: written.baseOffset, duplicate: false };
    } catch (error) {
      // What is stored of it is settled, and learned, when the transactional id is opened again.
      session.close();
      producer.session = null;
      producer.stored.clear();
      throw error;
    }
  }

  async #storedOf(producer: Producer, key: string): Promise<Stored | null> {
    const { cluster, states } = this.#context;
    if (producer.session === null) {
      await states.make();
      producer.session = await TransactionSession.open(cluster, `append/${producer.name}`);
    }
    let stored = producer.stored.get(key);
    if (stored === undefined) {
      stored = ((await states.find(key)) as Stored | undefined) ?? null;
      producer.stored.set(key, stored);
    }
    return stored;
  }
}
