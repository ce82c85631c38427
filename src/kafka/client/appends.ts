import { MillraceError } from '../../core/mod.ts';
import { type NewRecord, type NewRecords, recordCountOf, type TopicPartition } from '../../log/mod.ts';
import { INIT_PRODUCER_ID } from '../messages/mod.ts';
import type { Cluster } from './cluster.ts';
import type { WriterContext } from './cluster-writer.ts';
import { check } from './failures.ts';
import { Producer, type ProducerIdentity } from './producer.ts';

/** Records that go together at most. */
const RECORDS_PER_TURN_MAX = 10_000;

interface Waiting {
  readonly records: NewRecords;
  readonly resolve: (baseOffset: number) => void;
  readonly reject: (error: unknown) => void;
}

interface Lane {
  readonly at: TopicPartition;
  readonly waiting: Waiting[];
  isRunning: boolean;
}

/**
 * Plain appends: those to one partition that wait while another is under way go together. Idempotent, so that
 * a lost answer doubles nothing.
 */
export class Appends {
  readonly #context: WriterContext;
  readonly #cluster: Cluster;
  readonly #lanes = new Map<string, Lane>();
  #producer: Promise<Producer> | null = null;

  constructor(context: WriterContext) {
    this.#context = context;
    this.#cluster = context.cluster;
  }

  /** Append records; resolves with the offset of the first. */
  append(at: TopicPartition, records: NewRecords): Promise<number> {
    const key = `${at.topic}-${at.partition}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { at: { topic: at.topic, partition: at.partition }, waiting: [], isRunning: false };
      this.#lanes.set(key, lane);
    }
    const { waiting } = lane;
    return new Promise((resolve, reject) => {
      waiting.push({ records, resolve, reject });
      void this.#run(lane);
    });
  }

  async #run(lane: Lane): Promise<void> {
    if (lane.isRunning) return;
    lane.isRunning = true;
    while (lane.waiting.length > 0) {
      const turn = takeTurn(lane.waiting);
      try {
        await this.#write(lane.at, turn);
      } catch (error) {
        // One of them cannot be laid out, e.g. is too large: each for itself, then. What the cluster could
        // not do for all it cannot do for one either, and time is up.
        const isForEach = turn.length > 1 && isOfRecords(error);
        for (const one of turn) {
          if (isForEach) await this.#write(lane.at, [one]).catch(one.reject);
          else one.reject(error);
        }
      }
    }
    lane.isRunning = false;
  }

  /** Throws before anything was sent; later failures are told to those whose records they concern. */
  async #write(at: TopicPartition, turn: readonly Waiting[]): Promise<void> {
    const first = turn[0]!.records;
    const records = 'packed' in first ? first : turn.flatMap(({ records }) => records as NewRecord[]);
    // The leader first: a topic or partition that is not there is told so.
    await this.#cluster.retrying(`writing to ${at.topic}-${at.partition}`, () => this.#cluster.leader(at));
    const batches = await this.#context.maker.batches(at.topic, records);
    const producer = await this.#open();
    const sent = await Promise.allSettled(batches.map(batch => producer.send(at, batch)));
    this.#context.count(batches.filter((_, i) => sent[i]?.status === 'fulfilled'));
    const ends: number[] = [];
    for (const { recordCount } of batches) ends.push((ends.at(-1) ?? 0) + recordCount);
    let from = 0;
    for (const one of turn) {
      const to = from + recordCountOf(one.records);
      settle(one, sent, ends, from, to);
      from = to;
    }
  }

  #open(): Promise<Producer> {
    this.#producer ??= this.#openNow();
    this.#producer.catch(() => {
      this.#producer = null;
    });
    return this.#producer;
  }

  async #openNow(): Promise<Producer> {
    const renew = (): Promise<ProducerIdentity> => newIdentity(this.#cluster);
    return new Producer(await renew(), { cluster: this.#cluster, lane: 'appends', renew });
  }
}

/** True where the records are at fault; what the cluster fails at comes in Millrace's words. */
const isOfRecords = (error: unknown): boolean =>
  !(error instanceof MillraceError) || error.code === 'RECORD_TOO_LARGE';

/** A producer id of no transaction. */
function newIdentity(cluster: Cluster): Promise<ProducerIdentity> {
  return cluster.retrying('asking for a producer id', async () => {
    const connection = await cluster.brokers.any();
    const question = { transactionalId: null, transactionTimeoutMs: cluster.options.transactionTimeoutMs };
    const { errorCode, producerId, producerEpoch } = await connection.request(INIT_PRODUCER_ID, question);
    check(errorCode);
    return { transactionalId: null, producerId, producerEpoch };
  });
}

/** Packed batches alone, single records together. */
function takeTurn(waiting: Waiting[]): Waiting[] {
  if ('packed' in waiting[0]!.records) return waiting.splice(0, 1);
  let count = 0;
  let records = 0;
  for (const one of waiting) {
    records += recordCountOf(one.records);
    if ('packed' in one.records || (count > 0 && records > RECORDS_PER_TURN_MAX)) break;
    count++;
  }
  return waiting.splice(0, count);
}

/** An append is done when all batches with records of it are; its offset is that of its first record. */
function settle(
  one: Waiting,
  sent: readonly PromiseSettledResult<number>[],
  ends: readonly number[],
  from: number,
  to: number,
): void {
  const first = ends.findIndex(end => end > from);
  const last = ends.findIndex(end => end >= to);
  const own = sent.slice(first, last + 1);
  const failed = own.find(result => result.status === 'rejected');
  const base = own[0]?.status === 'fulfilled' ? own[0].value : -1;
  if (failed !== undefined) one.reject(failed.reason);
  else one.resolve(base < 0 ? -1 : base + from - (ends[first - 1] ?? 0));
}
