import { type BatchProducer, type EncodedBatch, stampProducer, type TopicPartition } from '../../log/mod.ts';
import { PRODUCE, type ReadResponse } from '../messages/mod.ts';
import { errorName } from '../protocol/mod.ts';
import type { Cluster } from './cluster.ts';
import { inMillraceWords, isKafka, KafkaError, mayRetry } from './failures.ts';
import { pauseMs } from './retry.ts';
import { type Sending, SendQueue } from './send-queue.ts';

/** Later versions name topics by ids, and add partitions to transactions by themselves. */
const PRODUCE_VERSION_MAX = 11;
/** Requests to one broker under way at once, and how much one holds: Kafka takes up to 100 MB. */
const REQUESTS_MAX = 5;
const REQUEST_BYTES_MAX = 8 << 20;
const ALL_REPLICAS = -1;
/** Batches under way to one partition: so many of a producer Kafka remembers. */
const IN_FLIGHT_MAX = 5;

type Answer = ReadResponse<typeof PRODUCE>['responses'][number]['partitionResponses'][number];

/** A producer as the brokers know it. */
export interface ProducerIdentity {
  readonly transactionalId: string | null;
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface ProducerOptions {
  readonly cluster: Cluster;
  /** Lane of the connections. */
  readonly lane: string;
  /**
   * Who we are from now on for a partition of which it is not known what is stored; null in a transaction,
   * where everything fails with the first batch.
   */
  readonly renew: (() => Promise<ProducerIdentity>) | null;
}

/** A partition's queue, and under which identity it goes. */
interface Lane {
  readonly queue: SendQueue;
  identity: ProducerIdentity;
  renewing: boolean;
}

/**
 * An idempotent producer (KIP-98): batches go to the leaders of their partitions in the order they were
 * given, several on their way at once, and are sent again until they are stored or time is up.
 */
export class Producer {
  readonly #options: ProducerOptions;
  readonly #identity: ProducerIdentity;
  readonly #lanes = new Map<string, Lane>();
  readonly #requests = new Map<number, number>();
  #isPumping = false;
  #failed: unknown = null;

  constructor(identity: ProducerIdentity, options: ProducerOptions) {
    this.#identity = identity;
    this.#options = options;
  }

  get identity(): ProducerIdentity {
    return this.#identity;
  }

  /** Sends a batch; resolves with the offset of its first record (-1: stored, where is not known). */
  send(at: TopicPartition, batch: EncodedBatch): Promise<number> {
    if (this.#failed !== null) return Promise.reject(this.#failed);
    return new Promise((resolve, reject) => {
      const sinceMs = this.#options.cluster.clock.monotonicMs();
      this.#laneOf(at).queue.push({ batch, sequence: -1, sends: 0, sinceMs, resolve, reject });
      this.#pumpSoon();
    });
  }

  /** Takes nothing more, and fails what waits. */
  close(error: unknown): void {
    this.#failed ??= error;
    for (const { queue } of this.#lanes.values()) queue.failWaiting(error);
  }

  #laneOf(at: TopicPartition): Lane {
    const key = keyOf(at);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      const place = { topic: at.topic, partition: at.partition };
      // Outside of a transaction a batch may be refused and the next one is to go on: one at a time.
      const inFlightMax = this.#options.renew === null ? IN_FLIGHT_MAX : 1;
      lane = { queue: new SendQueue(place, inFlightMax), identity: this.#identity, renewing: false };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #pumpSoon(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    queueMicrotask(() => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  /**
   * Sends what may be sent: to each broker the next batch of each of its partitions, as long as there are
   * any.
   */
  #pump(): void {
    const { cluster } = this.#options;
    for (;;) {
      const nowMs = cluster.clock.monotonicMs();
      const byLeader = new Map<number, Lane[]>();
      for (const lane of this.#lanes.values()) {
        if (lane.renewing || !lane.queue.maySend(nowMs)) continue;
        const leader = cluster.knownLeader(lane.queue.at);
        if (leader === undefined) void this.#findLeader(lane);
        else if ((this.#requests.get(leader) ?? 0) < REQUESTS_MAX) {
          byLeader.set(leader, [...(byLeader.get(leader) ?? []), lane]);
        }
      }
      if (byLeader.size === 0) return;
      for (const [leader, lanes] of byLeader) this.#request(leader, lanes);
    }
  }

  async #findLeader(lane: Lane): Promise<void> {
    const { cluster, renew } = this.#options;
    const { queue } = lane;
    // Not asked twice: nothing is sent before the answer.
    queue.notBeforeMs = Number.POSITIVE_INFINITY;
    try {
      await cluster.retrying(`writing to ${keyOf(queue.at)}`, () => cluster.leader(queue.at));
    } catch (error) {
      queue.failWaiting(error);
      // Some of them may have been sent, with sequences that the broker has or has not.
      if (renew !== null) void this.#renew(lane, renew);
    }
    queue.notBeforeMs = 0;
    this.#pumpSoon();
  }

  #request(leader: number, lanes: readonly Lane[]): void {
    const taken: { readonly lane: Lane; readonly sending: Sending }[] = [];
    let bytes = 0;
    for (const lane of lanes) {
      if (bytes >= REQUEST_BYTES_MAX) break;
      const sending = lane.queue.take();
      bytes += sending.batch.bytes.length;
      stampProducer(sending.batch.bytes, producerOf(lane.identity, sending.sequence));
      taken.push({ lane, sending });
    }
    this.#requests.set(leader, (this.#requests.get(leader) ?? 0) + 1);
    void this.#deliver(leader, taken).finally(() => {
      this.#requests.set(leader, this.#requests.get(leader)! - 1);
      this.#pumpSoon();
    });
  }

  async #deliver(
    leader: number,
    taken: readonly { readonly lane: Lane; readonly sending: Sending }[],
  ): Promise<void> {
    const { cluster } = this.#options;
    const answers = new Map<string, Answer>();
    let failure: unknown = null;
    try {
      const connection = await cluster.brokers.node(leader, this.#options.lane);
      const answer = await connection.request(
        PRODUCE,
        {
          transactionalId: this.#identity.transactionalId,
          acks: ALL_REPLICAS,
          timeoutMs: cluster.options.requestTimeoutMs,
          topicData: byTopic(taken),
        },
        { versionMax: PRODUCE_VERSION_MAX },
      );
      for (const { name, partitionResponses } of answer.responses) {
        for (const one of partitionResponses) answers.set(keyOf({ topic: name, partition: one.index }), one);
      }
    } catch (error) {
      failure = error;
    }
    for (const { lane, sending } of taken) {
      const found = answers.get(keyOf(lane.queue.at));
      if (found?.errorCode === 0) lane.queue.stored(sending, found.baseOffset);
      else this.#failedTo(lane, sending, failure ?? errorOf(found));
    }
  }

  #failedTo(lane: Lane, sending: Sending, error: unknown): void {
    const { cluster, renew } = this.#options;
    const { queue } = lane;
    if (isKafka(error, 'DUPLICATE_SEQUENCE_NUMBER')) {
      queue.stored(sending, -1);
      return;
    }
    const isLate = cluster.clock.monotonicMs() - sending.sinceMs > cluster.options.deliveryTimeoutMs;
    const isOver = isLate || cluster.signal.aborted || this.#failed !== null;
    const isOutOfTurn = isKafka(error, 'OUT_OF_ORDER_SEQUENCE_NUMBER') && queue.hasEarlier(sending);
    if (!isOver && (isOutOfTurn || mayRetry(error))) {
      if (!isOutOfTurn) this.#pause(queue);
      queue.again(sending);
      return;
    }
    if (isKafka(error, 'MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE')) cluster.forgetLimits();
    const told = inMillraceWords(`writing to ${keyOf(queue.at)}`, error);
    if (renew !== null && isRefusal(error, sending)) {
      queue.refused(sending, told);
      return;
    }
    queue.failed(sending, told);
    if (renew === null) this.close(told);
    else void this.#renew(lane, renew);
  }

  /** Before a batch goes again: its partition may be led by another broker by now. */
  #pause(queue: SendQueue): void {
    const { clock, signal } = this.#options.cluster;
    this.#options.cluster.forget(queue.at.topic);
    queue.failures++;
    const ms = pauseMs(queue.failures);
    const untilMs = clock.monotonicMs() + ms;
    queue.notBeforeMs = untilMs;
    clock
      .sleep(ms, signal)
      .catch(() => undefined)
      .then(() => {
        // A timer may ring a little before its time, and nothing rings again.
        if (queue.notBeforeMs === untilMs) queue.notBeforeMs = 0;
        this.#pumpSoon();
      });
  }

  /**
   * The broker may have stored what was given up, or forgot our sequences: go on under another producer id.
   */
  async #renew(lane: Lane, renew: () => Promise<ProducerIdentity>): Promise<void> {
    lane.renewing = true;
    try {
      lane.identity = await renew();
      lane.queue.restart();
    } catch (error) {
      lane.queue.failWaiting(error);
    }
    lane.renewing = false;
    this.#pumpSoon();
  }
}

/** True where the broker has certainly not stored the batch and expects its sequence again. */
function isRefusal(error: unknown, sending: Sending): boolean {
  const isSequence = isKafka(
    error,
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    'UNKNOWN_PRODUCER_ID',
    'INVALID_PRODUCER_EPOCH',
  );
  return error instanceof KafkaError && !isSequence && !mayRetry(error) && sending.sends === 1;
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

function producerOf(identity: ProducerIdentity, baseSequence: number): BatchProducer {
  const { producerId, producerEpoch, transactionalId } = identity;
  return { producerId, producerEpoch, baseSequence, transactional: transactionalId !== null };
}

function errorOf(answer: Answer | undefined): unknown {
  if (answer === undefined) return new KafkaError('UNKNOWN_SERVER_ERROR', 'the broker left out a partition');
  const [record] = answer.recordErrors;
  return new KafkaError(errorName(answer.errorCode), answer.errorMessage ?? record?.batchIndexErrorMessage);
}

function byTopic(taken: readonly { readonly lane: Lane; readonly sending: Sending }[]) {
  const topics = new Map<string, { index: number; records: Uint8Array }[]>();
  for (const { lane, sending } of taken) {
    const { topic, partition } = lane.queue.at;
    const known = topics.get(topic) ?? [];
    topics.set(topic, known);
    known.push({ index: partition, records: sending.batch.bytes });
  }
  return Array.from(topics, ([name, partitionData]) => ({ name, partitionData }));
}
