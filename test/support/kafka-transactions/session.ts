import {
  APIS,
  type Api,
  DESCRIBE_TRANSACTIONS,
  type Fields,
  type Read,
  type Write,
} from '../../../src/kafka/messages/mod.ts';
import { KAFKA_ERRORS } from '../../../src/kafka/protocol/errors.ts';
import { markerAt, readBatchHeader } from '../../../src/log/codec/mod.ts';
import type { Wire } from '../kafka-wire.ts';

/**
 * What was asked and answered, with all that differs from broker to broker and run to run put in its place.
 */
export interface Step {
  readonly ask: string;
  readonly answer: unknown;
}

/** What a scenario needs of a broker beside its protocol. */
export interface Broker {
  createTopic(name: string, partitions: number): Promise<void>;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
}

const NAMES = new Map<number, string>(Object.entries(KAFKA_ERRORS).map(([name, { code }]) => [code, name]));
/** What clients repeat: in a script it would depend on the broker's speed. */
const PASSING = new Set([
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_ENOUGH_REPLICAS',
]);
const TRIES_MAX = 250;
/** Left out: times, throttling, texts for people, and what other parts have tests of. */
const LEFT_OUT = new Set([
  'throttleTimeMs',
  'errorMessage',
  'recordErrors',
  'logAppendTimeMs',
  'sessionId',
  'divergingEpoch',
  'currentLeader',
  'snapshotId',
  'preferredReadReplica',
  'nodeEndpoints',
  'topicId',
]);

/** What an error leaves as it happens to be. */
const LEFT_OUT_OF_FAILURES = new Set(['logStartOffset', 'producerId', 'producerEpoch']);

/** A scenario's connection: asks, and writes down. */
export class Session {
  readonly steps: Step[] = [];
  readonly broker: Broker;
  readonly #wire: Wire;
  /** Comes before every name, so that scenarios share nothing. */
  readonly prefix: string;
  readonly #producers = new Map<number, string>();

  constructor(wire: Wire, broker: Broker, prefix: string) {
    this.#wire = wire;
    this.broker = broker;
    this.prefix = prefix;
  }

  /** Asks until the answer is none of those that clients repeat. */
  async ask<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    request: Write<Q>,
    note = '',
  ): Promise<Read<S>> {
    return this.#note(api, version, note, await this.quietly(api, version, request));
  }

  /** As `ask`, and writes nothing down. */
  async quietly<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    request: Write<Q>,
  ): Promise<Read<S>> {
    for (let tries = 1; ; tries++) {
      const response = await this.#wire.ask(api, version, request);
      const isPassing = errorsIn(response).some(name => PASSING.has(name));
      if (!isPassing || tries === TRIES_MAX) return response;
      await new Promise(resolve => setTimeout(resolve, Math.min(tries, 20)));
    }
  }

  /** Asks once. */
  async askOnce<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    request: Write<Q>,
    note = '',
  ): Promise<Read<S>> {
    return this.#note(api, version, note, await this.#wire.ask(api, version, request));
  }

  /** Waits until the markers of an ended transaction are written; Kafka answers before that. */
  async settle(id: string): Promise<void> {
    for (let tries = 1; tries <= TRIES_MAX; tries++) {
      const request = { transactionalIds: [this.prefix + id] };
      const { transactionStates } = await this.#wire.ask(DESCRIBE_TRANSACTIONS, 0, request);
      if (!transactionStates.some(({ transactionState }) => transactionState.startsWith('Prepare'))) return;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    throw new Error(`${id} does not settle`);
  }

  #note<R>(api: Api, version: number, note: string, response: R): R {
    const ask = `${APIS.get(api.key)!.name} ${version}${note === '' ? '' : `: ${note}`}`;
    this.steps.push({ ask, answer: this.#comparable(response, '') });
    return response;
  }

  #comparable(value: unknown, name: string): unknown {
    if (value instanceof Uint8Array) return this.#batches(value);
    if (Array.isArray(value)) return sorted(value.map(item => this.#comparable(item, '')));
    if (typeof value === 'object' && value !== null) {
      const hasFailed = 'errorCode' in value && value.errorCode !== 0;
      return Object.fromEntries(
        Object.entries(value)
          .filter(([key]) => !LEFT_OUT.has(key) && !(hasFailed && LEFT_OUT_OF_FAILURES.has(key)))
          .map(([key, field]) => [key, this.#comparable(field, key)]),
      );
    }
    if (typeof value === 'number' && /errorCode$/i.test(name)) return NAMES.get(value) ?? value;
    if (typeof value === 'number' && name === 'producerId') return this.#producer(value);
    if (typeof value === 'number' && /time(Ms|stamp)$/i.test(name) && value > 1_000_000_000_000)
      return 'a time';
    if (typeof value === 'string' && value.startsWith(this.prefix)) return value.slice(this.prefix.length);
    return value;
  }

  /** Producer ids in the order in which they show up; 0 and -1 are what is answered with an error. */
  #producer(id: number): string | number {
    if (id < 0) return id;
    const known = this.#producers.get(id) ?? `producer ${this.#producers.size + 1}`;
    this.#producers.set(id, known);
    return known;
  }

  #batches(bytes: Uint8Array): unknown[] {
    const found: unknown[] = [];
    for (let at = 0; at < bytes.length; ) {
      const header = readBatchHeader(bytes, at);
      found.push({
        offsets: `${header.baseOffset}-${header.lastOffset}`,
        producer: this.#producer(header.producerId),
        epoch: header.producerEpoch,
        sequence: header.baseSequence,
        what: header.control ? markerAt(bytes, at) : header.transactional ? 'in a transaction' : 'plain',
      });
      at += header.sizeBytes;
    }
    return found;
  }
}

function errorsIn(value: unknown): string[] {
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) =>
    /errorCode$/i.test(key) ? [NAMES.get(field as number) ?? ''] : errorsIn(field),
  );
}

/** Kafka's order within an answer is that of its hash tables. */
const sorted = (items: unknown[]): unknown[] =>
  items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
