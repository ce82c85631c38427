import { randomUUID } from 'node:crypto';
import type { LogBroker } from './broker.ts';
import { brokerAdmin } from './broker-admin.ts';
import { clientAppends } from './client-appends.ts';
import { clusterIdOf, takeDataDirectory } from './data-directory.ts';
import { DEFAULT_GROUP_SETTINGS, GroupCoordinator } from './group/mod.ts';
import { Housekeeping } from './housekeeping.ts';
import type { LogStats } from './log.ts';
import { type EmbeddedLogOptions, LogBase } from './log-base.ts';
import { ownAppends } from './own-appends.ts';
import { logReads } from './reads.ts';
import { inOurWords, type StorageLock } from './storage/storage.ts';
import { tablePart } from './table-part.ts';
import { topicCalls } from './topic-calls.ts';
import { TransactionCoordinator } from './transaction/coordinator.ts';
import { DEFAULT_TRANSACTION_SETTINGS } from './transaction/settings.ts';
import type { StoredTransaction } from './transaction/stored.ts';
import { transactionPartitions } from './transaction/transaction-partitions.ts';
import type { StoredWriter } from './transactional-writer.ts';
import { Writers } from './writers.ts';

/** Before the transactional ids of clients in that topic; the log's own writers have none. */
const CLIENT_PREFIX = 'client:';

/**
 * Open the log in a directory, recovering what a crash left: torn tails are cut off, transactions behind
 * their commit point are finished, others aborted. DATA_DIR_LOCKED, DATA_DIR_NEWER, LOG_CORRUPT.
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<LogBroker> {
  const { storage, directory } = options;
  return inOurWords(`opening the log in ${directory}`, async () => {
    const lock = await takeDataDirectory(storage, directory);
    const base = new LogBase(options);
    try {
      const clusterId = await clusterIdOf(storage, directory);
      return await opened(base, lock, clusterId);
    } catch (error) {
      await closeAll(base, lock, []);
      throw error;
    }
  });
}

async function opened(base: LogBase, lock: StorageLock, clusterId: string): Promise<LogBroker> {
  await base.recover();
  const states = await base.openTable<unknown>('__transaction_state');
  const writers = new Writers({
    table: tablePart<StoredWriter>(states, '', [CLIENT_PREFIX]),
    topics: base.topics,
    producers: base.producerIds,
    nowMs: () => base.nowMs(),
  });
  let groupFailure: string | null = null;
  const groups = await GroupCoordinator.open({
    partition: await base.openOwn('__consumer_offsets'),
    clock: base.clock,
    settings: { ...DEFAULT_GROUP_SETTINGS, ...base.options.groups },
    uuid: randomUUID,
    failed: message => {
      groupFailure = message;
    },
  });
  const transactions = new TransactionCoordinator({
    table: tablePart<StoredTransaction>(states, CLIENT_PREFIX),
    ids: base.producerIds,
    partitions: transactionPartitions(base.topics),
    completeOffsets: (producerId, committed) => groups.completeTransaction(producerId, committed),
    clock: base.clock,
    settings: { ...DEFAULT_TRANSACTION_SETTINGS, ...base.options.transactions },
  });
  await writers.finishAll();
  await transactions.recover();
  const housekeeping = new Housekeeping(base);
  /** In this order. */
  const closers = [
    () => housekeeping.ended(),
    async () => groups.close(),
    () => writers.close(),
    () => transactions.close(),
  ];
  const calls = topicCalls(base, name => groups.forgetTopic(name));
  const reads = logReads(base);
  const parts = { ...calls, sizeOf: reads.sizeOf, clusterId, groups, traffic: () => base.traffic };
  const admin = brokerAdmin(parts);
  return {
    ...calls,
    ...ownAppends(base),
    ...clientAppends(base),
    ...reads,
    clusterId,
    groups,
    admin,
    committedOffsets: groupId => admin.committedOffsets(groupId),
    commitOffsets: (groupId, offsets) => admin.commitOffsets(groupId, offsets),
    transactions,
    openTable: name => base.openTable(name),
    openWriter: id => inOurWords(`opening the writer ${id}`, () => writers.open(id)),
    stats: () => statsOf(base, housekeeping.failure ?? transactions.failure ?? groupFailure),
    close: () => closeAll(base, lock, closers),
  };
}

function statsOf(base: LogBase, background: string | null): LogStats {
  const sums = { recordsAppended: 0, bytesAppended: 0, recordsRead: 0, bytesRead: 0, flushes: 0 };
  for (const counters of base.traffic.values()) {
    sums.recordsAppended += counters.recordsAppended;
    sums.bytesAppended += counters.bytesAppended;
    sums.recordsRead += counters.recordsRead;
    sums.bytesRead += counters.bytesRead;
    sums.flushes += counters.flushes;
  }
  let bytesOnDisk = 0;
  let failure = background;
  for (const partition of base.partitions) {
    if (partition.closed) continue;
    bytesOnDisk += partition.sizeBytes;
    failure ??= partition.failure?.message ?? null;
  }
  return { ...sums, bytesOnDisk, failure };
}

async function closeAll(
  base: LogBase,
  lock: StorageLock,
  closers: readonly (() => Promise<void>)[],
): Promise<void> {
  if (base.closing.aborted) return;
  base.beginClosing();
  try {
    for (const close of closers) await close();
    await base.closePartitions();
  } finally {
    await lock.release();
  }
}
