import { MillraceError } from '../../core/mod.ts';
import type { EncodedBatch, TopicPartition } from '../../log/mod.ts';
import { ADD_PARTITIONS_TO_TXN, DESCRIBE_TRANSACTIONS, END_TXN, INIT_PRODUCER_ID } from '../messages/mod.ts';
import { errorName } from '../protocol/mod.ts';
import type { Cluster } from './cluster.ts';
import type { Connection } from './connection.ts';
import { check, isKafka, KafkaError, mayRetry } from './failures.ts';
import { Producer } from './producer.ts';

/** The last version in which clients add partitions by themselves, and end without a new epoch. */
const ADD_PARTITIONS_VERSION_MAX = 3;
const END_VERSION_MAX = 4;
/** How a transaction looks at its coordinator when its markers are written. */
const COMPLETE: ReadonlySet<string> = new Set(['CompleteCommit', 'CompleteAbort', 'Empty']);
const COMPLETE_PAUSE_MS_MAX = 50;

/**
 * A transactional id that we hold: transactions one after the other. Opening it fences whoever held it before
 * and ends what that one left open. Once anything failed only `close` may follow: opening anew settles the
 * rest.
 */
export class TransactionSession {
  readonly #cluster: Cluster;
  readonly #id: string;
  readonly #producer: Producer;
  /** Partitions that the coordinator knows of the open transaction. */
  readonly #added = new Set<string>();
  #sinceMs = 0;

  private constructor(cluster: Cluster, id: string, producer: Producer) {
    this.#cluster = cluster;
    this.#id = id;
    this.#producer = producer;
  }

  /** Takes over the transactional id; what was open is aborted, what was committed is visible. */
  static async open(cluster: Cluster, id: string): Promise<TransactionSession> {
    const { transactionTimeoutMs } = cluster.options;
    const { producerId, producerEpoch } = await atCoordinator(
      cluster,
      id,
      `opening the writer ${id}`,
      async c => {
        const answer = await c.request(INIT_PRODUCER_ID, { transactionalId: id, transactionTimeoutMs });
        check(answer.errorCode);
        return answer;
      },
    );
    const identity = { transactionalId: id, producerId, producerEpoch };
    const producer = new Producer(identity, { cluster, lane: laneOf(id), renew: null });
    return new TransactionSession(cluster, id, producer);
  }

  /** True while there is something to commit or to abort. */
  get isBegun(): boolean {
    return this.#added.size > 0;
  }

  /** Writes batches within the transaction, which begins with the first; the offsets of all, by partition. */
  async write(
    parts: readonly { readonly at: TopicPartition; readonly batches: readonly EncodedBatch[] }[],
  ): Promise<number[][]> {
    await this.#add(parts.map(({ at }) => at));
    try {
      const sent = parts.map(({ at, batches }) => allDone(batches.map(b => this.#producer.send(at, b))));
      return await allDone(sent);
    } catch (error) {
      throw this.#explained(error);
    }
  }

  async #add(places: readonly TopicPartition[]): Promise<void> {
    const topics = new Map<string, Set<number>>();
    for (const { topic, partition } of places) {
      if (this.#added.has(`${topic}-${partition}`)) continue;
      topics.set(topic, (topics.get(topic) ?? new Set()).add(partition));
    }
    if (topics.size === 0) return;
    if (this.#added.size === 0) this.#sinceMs = this.#cluster.clock.monotonicMs();
    const question = {
      transactions: [],
      v3AndBelowTransactionalId: this.#id,
      v3AndBelowProducerId: this.#producer.identity.producerId,
      v3AndBelowProducerEpoch: this.#producer.identity.producerEpoch,
      v3AndBelowTopics: Array.from(topics, ([name, all]) => ({ name, partitions: [...all] })),
    };
    await this.#atCoordinator('beginning a transaction', async connection => {
      const options = { versionMax: ADD_PARTITIONS_VERSION_MAX };
      const answer = await connection.request(ADD_PARTITIONS_TO_TXN, question, options);
      const codes = answer.resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) =>
        resultsByPartition.map(({ partitionErrorCode }) => errorName(partitionErrorCode)),
      );
      // Partitions beside a wrong one are not attempted.
      const wrong = codes.find(name => name !== 'NONE' && name !== 'OPERATION_NOT_ATTEMPTED');
      if (wrong !== undefined) throw new KafkaError(wrong);
    });
    for (const [name, all] of topics) for (const partition of all) this.#added.add(`${name}-${partition}`);
  }

  /** Ends the transaction; resolves when readers see its outcome. */
  async end(outcome: 'commit' | 'abort'): Promise<void> {
    const { producerId, producerEpoch } = this.#producer.identity;
    const question = {
      transactionalId: this.#id,
      producerId,
      producerEpoch,
      committed: outcome === 'commit',
    };
    await this.#atCoordinator('ending a transaction', async connection => {
      const answer = await connection.request(END_TXN, question, { versionMax: END_VERSION_MAX });
      check(answer.errorCode);
    });
    this.#added.clear();
    await this.#completed();
  }

  /** The coordinator has decided; the markers reach the partitions a little later. */
  async #completed(): Promise<void> {
    const { clock, signal } = this.#cluster;
    for (let pause = 1; !signal.aborted; pause = Math.min(pause * 2, COMPLETE_PAUSE_MS_MAX)) {
      const isDone = await this.#atCoordinator('waiting for the end of a transaction', async connection => {
        if (!connection.speaks(DESCRIBE_TRANSACTIONS)) return true;
        const question = { transactionalIds: [this.#id] };
        const answer = await connection.request(DESCRIBE_TRANSACTIONS, question);
        const state = answer.transactionStates[0];
        check(state?.errorCode ?? 0);
        return state === undefined || COMPLETE.has(state.transactionState);
      });
      if (isDone) return;
      await clock.sleep(pause, signal).catch(() => undefined);
    }
  }

  /** Gives the transactional id up; what is open is aborted when it is opened again, or by time. */
  close(): void {
    this.#producer.close(new MillraceError('PRODUCER_FENCED', `${this.#id}: the writer is closed`));
    this.#cluster.brokers.closeLane(laneOf(this.#id));
  }

  async #atCoordinator<T>(doing: string, ask: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await atCoordinator(this.#cluster, this.#id, `${doing} of the writer ${this.#id}`, ask);
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** A coordinator that aborts by time fences us like a newer holder. */
  #explained(error: unknown): unknown {
    if (!(error instanceof MillraceError) || error.code !== 'PRODUCER_FENCED') return error;
    const { clock, options } = this.#cluster;
    const tookMs = clock.monotonicMs() - this.#sinceMs;
    if (!this.isBegun || tookMs < options.transactionTimeoutMs) {
      const message = `${this.#id}: a newer writer of this transactional id took over`;
      return new MillraceError('PRODUCER_FENCED', message, { cause: error });
    }
    const seconds = Math.round(tookMs / 1000);
    return new MillraceError(
      'TRANSACTION_EXPIRED',
      `${this.#id}: the cluster aborted a transaction that was open for ${seconds} s: raise ` +
        `log.transaction-timeout-ms, now ${options.transactionTimeoutMs}`,
      { cause: error },
    );
  }
}

const laneOf = (id: string): string => `transactions of ${id}`;

/** Asks who coordinates the transactional id, and looks for that one anew where it is not it any more. */
function atCoordinator<T>(
  cluster: Cluster,
  id: string,
  doing: string,
  ask: (connection: Connection) => Promise<T>,
): Promise<T> {
  return cluster.retrying(doing, async () => {
    try {
      const node = await cluster.coordinator('transaction', id);
      return await ask(await cluster.brokers.node(node, laneOf(id)));
    } catch (error) {
      const isElsewhere = mayRetry(error) && !isKafka(error, 'CONCURRENT_TRANSACTIONS');
      if (isElsewhere) cluster.forgetCoordinator('transaction', id);
      throw error;
    }
  });
}

/** Wait for all, then throw the first failure: nothing is left under way. */
async function allDone<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  const failed = settled.find(result => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return settled.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
}
