import { assert, type Clock, failpoint, messageOf } from '../../core/mod.ts';
import type { TopicPartition } from '../log.ts';
import type { ProducerIds } from '../producer-ids.ts';
import { Refusal } from '../refusal.ts';
import { decideEnd } from './decide-end.ts';
import { decideInit } from './decide-init.ts';
import { decideAdd, decideVerify } from './decide-partitions.ts';
import { type FinishOptions, writeEnds } from './finish.ts';
import { describeTransaction, listTransactions } from './list.ts';
import {
  type LiveEntry,
  liveEntry,
  settled,
  type TransactionPartitions,
  TransactionStore,
  type TransactionTable,
} from './live-entry.ts';
import {
  type Decision,
  isPrepared,
  newTransactionalId,
  type TransactionMetadata,
  type TransactionVersion,
  unknownId,
} from './metadata.ts';
import { offsetsPartitionOf } from './offsets-partition.ts';
import { endLeftOpen } from './recover.ts';
import type { TransactionSettings } from './settings.ts';
import { fromStored } from './stored.ts';
import type {
  EndTransaction,
  InitProducerId,
  ProducerIdentity,
  TransactionalProducer,
  TransactionDescription,
  TransactionFilter,
  TransactionListing,
  Transactions,
} from './transactions.ts';
import { completed, fence } from './transitions.ts';

export interface CoordinatorOptions {
  readonly table: TransactionTable;
  readonly ids: Pick<ProducerIds, 'fresh' | 'isOwn'>;
  readonly partitions: TransactionPartitions;
  readonly completeOffsets: FinishOptions['completeOffsets'];
  readonly clock: Clock;
  readonly settings: TransactionSettings;
}

const RETRY_MS = 1_000;
/**
 * How long the first record of a transaction waits for the end of the one before (Kafka's broker does so,
 * too).
 */
const ADD_WAIT_MS = 100;

/**
 * The transaction coordinator. What to do is decided by the functions of `decide-*.ts`; here it is stored,
 * and the decided transactions are finished. Storing `PrepareCommit` is the commit point.
 */
export class TransactionCoordinator implements Transactions {
  readonly #options: CoordinatorOptions;
  readonly #finishOptions: FinishOptions;
  readonly #store: TransactionStore;
  readonly #entries = new Map<string, LiveEntry>();
  readonly #closing = new AbortController();
  readonly #background = new Set<Promise<void>>();
  #failure: string | null = null;
  #isWatching = false;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    const { partitions, completeOffsets } = options;
    this.#finishOptions = { partitions, completeOffsets, nowMs: () => this.#nowMs() };
    this.#store = new TransactionStore(options.table, partitions);
  }

  #nowMs(): number {
    return Math.floor(this.#options.clock.nowMs());
  }

  /** What cannot be done now and is tried again, for people; null when all is well. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Take over what is stored, finish what was decided, and begin to watch the time. */
  async recover(): Promise<void> {
    for (const [transactionalId, stored] of this.#options.table.entries()) {
      const { metadata, ended } = fromStored(transactionalId, stored);
      this.#entries.set(transactionalId, liveEntry(metadata, ended));
    }
    const entries = [...this.#entries.values()];
    const { ids, table } = this.#options;
    const changed = await endLeftOpen(entries, id => ids.isOwn(id), this.#finishOptions);
    if (changed.length > 0) {
      await table.put(...changed.map(entry => this.#store.row(entry, entry.metadata)));
    }
    await Promise.all(entries.filter(({ metadata }) => isPrepared(metadata.state)).map(e => this.#finish(e)));
    if (entries.length > 0) this.#watchFromNow();
  }

  async initProducerId({ transactionalId, timeoutMs, expected }: InitProducerId): Promise<ProducerIdentity> {
    if (transactionalId === null) return { producerId: await this.#options.ids.fresh(), producerEpoch: 0 };
    checkTransactionalId(transactionalId);
    if (timeoutMs <= 0 || timeoutMs > this.#options.settings.maxTimeoutMs) {
      throw new Refusal(
        'INVALID_TRANSACTION_TIMEOUT',
        `a transaction's time-out is 1 to ${this.#options.settings.maxTimeoutMs} ms, not ${timeoutMs}`,
      );
    }
    const entry = this.#entries.get(transactionalId) ?? (await this.#create(transactionalId, timeoutMs));
    const request = { timeoutMs, expected };
    const after = await this.#carryOut(entry, spare => decideInit(entry, request, this.#nowMs(), spare));
    if (after.state === 'Empty') return after;
    // What was open is aborted first; this epoch is nobody's.
    throw new Refusal(
      'CONCURRENT_TRANSACTIONS',
      `an open transaction of ${transactionalId} is aborted first`,
    );
  }

  async #create(transactionalId: string, timeoutMs: number): Promise<LiveEntry> {
    const producerId = await this.#options.ids.fresh();
    const known = this.#entries.get(transactionalId);
    if (known !== undefined) return known;
    const entry = liveEntry(newTransactionalId(transactionalId, producerId, timeoutMs, this.#nowMs()));
    this.#entries.set(transactionalId, entry);
    this.#watchFromNow();
    return entry;
  }

  async addPartitions(
    producer: TransactionalProducer,
    partitions: readonly TopicPartition[],
    version: TransactionVersion,
  ): Promise<void> {
    const entry = this.#find(producer.transactionalId);
    const request = { ...producer, partitions };
    await this.#carryOut(entry, () => decideAdd(entry, request, version, this.#nowMs()));
  }

  addOffsets(producer: TransactionalProducer, groupId: string): Promise<void> {
    return this.addPartitions(producer, [offsetsPartitionOf(groupId)], 0);
  }

  async verifyAppend(producer: TransactionalProducer, at: TopicPartition, mayAdd: boolean): Promise<void> {
    const entry = this.#find(producer.transactionalId);
    if (!mayAdd) {
      checked(decideVerify(entry, producer, at));
      return;
    }
    const deadline = this.#options.clock.monotonicMs() + ADD_WAIT_MS;
    const request = { ...producer, partitions: [at] };
    for (;;) {
      const decision = decideAdd(entry, request, 2, this.#nowMs());
      if (decision.kind === 'answer') return;
      if (decision.kind === 'store') return this.#addTogether(entry, producer, at);
      const isBusy = decision.kind === 'refuse' && decision.error === 'CONCURRENT_TRANSACTIONS';
      // Other partitions of this transaction are just being added: that ends with the disk's answer.
      const waitMs = entry.pending === 'Ongoing' ? null : deadline - this.#options.clock.monotonicMs();
      if (!isBusy || entry.busy === null || (waitMs !== null && waitMs <= 0)) throw refusalOf(decision);
      await (waitMs === null ? entry.busy : this.#atMost(entry.busy, waitMs));
    }
  }

  /** All partitions of a request are added by one write. */
  #addTogether(entry: LiveEntry, producer: TransactionalProducer, at: TopicPartition): Promise<void> {
    const { gathering } = entry;
    if (gathering?.producerEpoch === producer.producerEpoch) {
      gathering.partitions.push(at);
      return gathering.done;
    }
    const partitions = [at];
    const { producerEpoch } = producer;
    const done = Promise.resolve().then(async () => {
      entry.gathering = null;
      await this.#carryOut(entry, () => decideAdd(entry, { ...producer, partitions }, 2, this.#nowMs()));
    });
    entry.gathering = { producerEpoch, partitions, done };
    return done;
  }

  verifyOffsets(producer: TransactionalProducer, groupId: string, mayAdd: boolean): Promise<void> {
    return this.verifyAppend(producer, offsetsPartitionOf(groupId), mayAdd);
  }

  async end(request: EndTransaction): Promise<ProducerIdentity> {
    const entry = this.#find(request.transactionalId);
    const after = await this.#carryOut(entry, spare => decideEnd(entry, request, this.#nowMs(), spare));
    return isPrepared(after.state) ? completed(after, this.#nowMs()) : after;
  }

  list(filter: TransactionFilter): readonly TransactionListing[] {
    return listTransactions(this.#metadata(), filter, this.#nowMs());
  }

  describe(transactionalId: string): TransactionDescription {
    checkTransactionalId(transactionalId);
    return describeTransaction(transactionalId, this.#entries.get(transactionalId)?.metadata);
  }

  *#metadata(): Iterable<TransactionMetadata> {
    for (const entry of this.#entries.values()) yield entry.metadata;
  }

  #find(transactionalId: string): LiveEntry {
    checkTransactionalId(transactionalId);
    const entry = this.#entries.get(transactionalId);
    if (entry === undefined) throw refusalOf(unknownId(transactionalId));
    return entry;
  }
  /** Store what was decided and finish it; returns what the id went on from then. */
  async #carryOut(
    entry: LiveEntry,
    decide: (spare: number | null) => Decision,
  ): Promise<TransactionMetadata> {
    let decision = decide(null);
    // Decided anew: much may have happened to the id meanwhile.
    if (decision.kind === 'producer-id') decision = decide(await this.#options.ids.fresh());
    assert(decision.kind !== 'producer-id', 'a spare producer id is enough');
    if (decision.kind === 'refuse') throw refusalOf(decision);
    if (decision.kind === 'answer') return entry.metadata;
    const { next } = decision;
    if (isPrepared(next.state)) failpoint('transaction.prepare.before');
    await this.#store.put(entry, next);
    passed(next);
    if (isPrepared(next.state)) await this.#finish(entry);
    return next;
  }

  /**
   * Write the markers of a decided transaction. Resolves behind the first try: what fails is tried again
   * until it works, and the id is busy until then.
   */
  async #finish(entry: LiveEntry): Promise<void> {
    const isCommit = entry.metadata.state === 'PrepareCommit';
    entry.pending = isCommit ? 'CompleteCommit' : 'CompleteAbort';
    const marked = new Set<string>();
    const first = this.#endOnce(entry, marked);
    const whole = first.then(isDone => (isDone ? undefined : this.#endLater(entry, marked)));
    entry.busy = whole;
    this.#track(whole);
    await first;
  }

  async #endLater(entry: LiveEntry, marked: Set<string>): Promise<void> {
    const { signal } = this.#closing;
    for (let isDone = false; !isDone && !signal.aborted; ) {
      await this.#options.clock.sleep(RETRY_MS, signal).catch(() => undefined);
      // What is left open at the end of the log is finished by its next start.
      isDone = signal.aborted || (await this.#endOnce(entry, marked));
    }
  }

  /** False where it has to be tried again. */
  async #endOnce(entry: LiveEntry, marked: Set<string>): Promise<boolean> {
    try {
      await writeEnds(entry, marked, this.#finishOptions);
    } catch (error) {
      const { transactionalId } = entry.metadata;
      this.#failure = `a transaction of ${transactionalId} cannot be finished: ${messageOf(error)}`;
      return false;
    }
    this.#failure = null;
    const next = completed(entry.metadata, this.#nowMs());
    entry.metadata = next;
    entry.pending = null;
    entry.busy = null;
    // Whether this is stored makes no difference: the next change says it too, and a start writes markers
    // again.
    const written = this.#store.write(entry, next).then(() => failpoint('transaction.complete.after'));
    this.#track(settled(written));
    return true;
  }

  /** Once there is somebody whose time may be up. */
  #watchFromNow(): void {
    if (!this.#isWatching) this.#track(this.#watch());
    this.#isWatching = true;
  }

  /** Abort what is open for too long, and forget ids that nobody uses, now and then. */
  async #watch(): Promise<void> {
    const { clock, settings } = this.#options;
    const { signal } = this.#closing;
    let expireAtMs = this.#nowMs() + settings.expiryCheckIntervalMs;
    for (;;) {
      await clock.sleep(settings.abortCheckIntervalMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      const nowMs = this.#nowMs();
      await this.#each(entry => (isTimedOut(entry, nowMs) ? this.#abort(entry) : null));
      if (nowMs < expireAtMs) continue;
      expireAtMs = nowMs + settings.expiryCheckIntervalMs;
      const before = nowMs - settings.idExpirationMs;
      await this.#each(entry => (isExpired(entry, before) ? this.#forget(entry) : null));
    }
  }

  /** A failure shows and is met again by the next round. */
  async #each(work: (entry: LiveEntry) => Promise<void> | null): Promise<void> {
    const all = [...this.#entries.values()].map(entry => work(entry));
    const failed = (await Promise.allSettled(all)).find(result => result.status === 'rejected');
    if (failed !== undefined) this.#failure = `transactions cannot be aborted: ${messageOf(failed.reason)}`;
  }

  async #abort(entry: LiveEntry): Promise<void> {
    await this.#carryOut(entry, spare => {
      const [{ metadata }, nowMs] = [entry, this.#nowMs()];
      // Its producer may have ended it while a producer id was looked for.
      return isTimedOut(entry, nowMs) ? fence(metadata, nowMs, spare) : { kind: 'answer', ...metadata };
    });
    failpoint('transaction.timeout.after');
  }

  async #forget(entry: LiveEntry): Promise<void> {
    await this.#store.remove(entry);
    this.#entries.delete(entry.metadata.transactionalId);
    failpoint('transaction.expire.after');
  }

  #track(work: Promise<void>): void {
    this.#background.add(work);
    work.finally(() => this.#background.delete(work));
  }

  async #atMost(work: Promise<void>, ms: number): Promise<void> {
    const over = new AbortController();
    await Promise.race([work, settled(this.#options.clock.sleep(ms, over.signal))]);
    over.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    while (this.#background.size > 0) await Promise.allSettled(this.#background);
  }
}

function checkTransactionalId(transactionalId: string): void {
  if (transactionalId === '') throw new Refusal('INVALID_REQUEST', 'a transactional id is not empty');
}

function refusalOf(decision: Decision): Refusal {
  assert(decision.kind === 'refuse', 'only a refusal is thrown');
  return new Refusal(decision.error, decision.message);
}

function checked(decision: Decision): void {
  if (decision.kind === 'refuse') throw refusalOf(decision);
}

const isTimedOut = ({ metadata, pending }: LiveEntry, nowMs: number): boolean =>
  pending === null && metadata.state === 'Ongoing' && metadata.startMs + metadata.timeoutMs < nowMs;

const isExpired = ({ metadata, pending }: LiveEntry, beforeMs: number): boolean =>
  pending === null &&
  metadata.state !== 'Ongoing' &&
  !isPrepared(metadata.state) &&
  metadata.lastUpdateMs <= beforeMs;

/** The kill tests stop the program here: the change is durable, nothing that follows from it is done. */
function passed({ state }: TransactionMetadata): void {
  if (isPrepared(state)) failpoint('transaction.prepare.after');
  else if (state === 'Ongoing') failpoint('transaction.add.after');
  else failpoint('transaction.init.after');
}
