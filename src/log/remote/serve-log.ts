import { assert, type RpcHandler, Transferred } from '../../core/mod.ts';
import type { OffsetToCommit } from '../admin.ts';
import type {
  IsolationLevel,
  Log,
  NewRecords,
  ProducerSequence,
  TopicConfig,
  TopicPartition,
  Transaction,
  TransactionalWriter,
  TransactionPart,
} from '../log.ts';

type At = { readonly at: TopicPartition };
type ReadCall = At & {
  readonly offset: number;
  readonly maxBytes: number;
  readonly isolation: IsolationLevel;
  readonly mayStretch: boolean;
};
type ById = { readonly id: number };

/** The log's side of `remoteLog`: what the calls of another thread do. */
export function serveLog(log: Log): Readonly<Record<string, RpcHandler>> {
  const writers = new Map<number, TransactionalWriter>();
  let nextWriter = 0;
  const writer = (id: number): TransactionalWriter => {
    const found = writers.get(id);
    assert(found !== undefined, 'a writer is used between its opening and its closing');
    return found;
  };
  const calls = {
    createTopic: (p: { name: string; partitions: number; config?: TopicConfig }) =>
      log.createTopic(p.name, p.partitions, p.config),
    deleteTopic: (p: { name: string }) => log.deleteTopic(p.name),
    topics: () => log.topics(),
    describeTopic: (p: { name: string }) => log.describeTopic(p.name),
    append: (p: At & { records: NewRecords; idempotence?: ProducerSequence }) =>
      log.append(p.at, p.records, p.idempotence),
    lastSequence: (p: At & { producer: string }) => log.lastSequence(p.at, p.producer),
    read: async (p: ReadCall) => {
      const stretch = p.mayStretch ? await log.stretch?.(p.at, p.offset, p.isolation) : null;
      if (stretch) return { stretch };
      const result = await log.read(p.at, p.offset, p.maxBytes, p.isolation);
      return handOver(result);
    },
    hasRead: (p: { topic: string; records: number; bytes: number }) =>
      log.hasRead?.(p.topic, p.records, p.bytes),
    waitFor: (
      p: At & { offset: number; isolation: IsolationLevel; timeoutMs: number },
      signal: AbortSignal,
    ) => log.waitFor(p.at, p.offset, p.isolation, p.timeoutMs, signal),
    offsets: (p: At) => log.offsets(p.at),
    offsetForTime: (p: At & { timestampMs: number }) => log.offsetForTime(p.at, p.timestampMs),
    committedOffsets: (p: { groupId: string }) => log.committedOffsets(p.groupId),
    commitOffsets: (p: { groupId: string; offsets: readonly OffsetToCommit[] }) =>
      log.commitOffsets(p.groupId, p.offsets),
    openWriter: async (p: { transactionalId: string }) => {
      const opened = await log.openWriter(p.transactionalId);
      const id = nextWriter++;
      writers.set(id, opened);
      return { id, state: opened.state };
    },
    stage: (p: ById & { parts: readonly TransactionPart[] }) => writer(p.id).stage(p.parts),
    adopt: async (p: ById & At & { path: string; sizeBytes: number }) =>
      (await writer(p.id).adopt?.(p.at, p.path, p.sizeBytes)) ?? false,
    commit: (p: ById & { transaction: Transaction }) => writer(p.id).commit(p.transaction),
    closeWriter: async (p: ById) => {
      await writer(p.id).close();
      writers.delete(p.id);
    },
  };
  return Object.fromEntries(
    Object.entries(calls).map(([name, serve]) => [`log.${name}`, serve as RpcHandler]),
  );
}

/** Gives the bytes away: a read without memory given for it has made its own. */
function handOver<R extends { readonly bytes: Uint8Array }>(result: R): Transferred {
  const bytes = result.bytes.length === 0 ? new Uint8Array(0) : result.bytes;
  return new Transferred({ ...result, bytes }, [bytes.buffer as ArrayBuffer]);
}
