import { Refusal } from '../refusal.ts';
import type { TransactionMetadata } from './metadata.ts';
import type { TransactionDescription, TransactionFilter, TransactionListing } from './transactions.ts';

/** What ListTransactions tells. */
export function listTransactions(
  all: Iterable<TransactionMetadata>,
  filter: TransactionFilter,
  nowMs: number,
): TransactionListing[] {
  const found: TransactionListing[] = [];
  for (const metadata of all) {
    const { transactionalId, producerId, state } = metadata;
    if (isMeant(metadata, filter, nowMs)) found.push({ transactionalId, producerId, state });
  }
  return found;
}

function isMeant(metadata: TransactionMetadata, filter: TransactionFilter, nowMs: number): boolean {
  const { states, producerIds, durationMs, matches } = filter;
  if (producerIds.length > 0 && !producerIds.includes(metadata.producerId)) return false;
  if (states.length > 0 && !states.includes(metadata.state)) return false;
  if (durationMs !== null && nowMs - metadata.startMs <= durationMs) return false;
  return matches === null || matches(metadata.transactionalId);
}

/** What DescribeTransactions tells of one. */
export function describeTransaction(
  transactionalId: string,
  metadata: TransactionMetadata | undefined,
): TransactionDescription {
  if (metadata === undefined) {
    throw new Refusal('TRANSACTIONAL_ID_NOT_FOUND', `there is no transactional id ${transactionalId}`);
  }
  const { producerId, producerEpoch, state, timeoutMs, startMs, partitions } = metadata;
  return {
    transactionalId,
    producerId,
    producerEpoch,
    state,
    timeoutMs,
    startMs,
    partitions: [...partitions.values()],
  };
}
