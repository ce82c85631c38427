import type { Rpc } from '../../core/mod.ts';
import type {
  Log,
  LogStats,
  NewRecords,
  PartitionOffsets,
  TopicDescription,
  TransactionalWriter,
  WriterState,
} from '../log.ts';
import { RemoteReads } from './remote-reads.ts';

/**
 * A log that another thread serves (`serveLog`). The bytes of reads are read here where they lie in a file, or
 * move between the threads without a copy, as packed batches that are appended do: who appends them has them
 * no more.
 */
export function remoteLog(rpc: Rpc): Log {
  const reads = new RemoteReads(rpc);
  const counts = { recordsAppended: 0, bytesAppended: 0, recordsRead: 0, bytesRead: 0, flushes: 0 };
  const call = <T>(method: string, payload: unknown): Promise<T> =>
    rpc.call(`log.${method}`, payload) as Promise<T>;
  const read: Log['read'] = async (at, offset, maxBytes, isolation, into) => {
    const result = await reads.read(at, offset, maxBytes, isolation, into);
    counts.bytesRead += result.bytes.length;
    return result;
  };

  return {
    createTopic: (name, partitions, config) => call('createTopic', { name, partitions, config }),
    deleteTopic: name => call('deleteTopic', { name }),
    topics: () => call<readonly TopicDescription[]>('topics', null),
    describeTopic: name => call<TopicDescription | undefined>('describeTopic', { name }),
    append: async (at, records, idempotence) => {
      counts.bytesAppended += packedBytes(records);
      const payload = { at, records, idempotence };
      return rpc.call('log.append', payload, packedBuffers([records])) as ReturnType<Log['append']>;
    },
    lastSequence: (at, producer) => call('lastSequence', { at, producer }),
    read,
    waitFor: async (at, offset, isolation, timeoutMs, signal) => {
      await rpc.callUntil('log.waitFor', { at, offset, isolation, timeoutMs }, signal);
    },
    offsets: at => call<PartitionOffsets>('offsets', { at }),
    offsetForTime: (at, timestampMs) => call('offsetForTime', { at, timestampMs }),
    openWriter: async transactionalId => {
      const opened = await call<{ id: number; state: WriterState }>('openWriter', { transactionalId });
      return remoteWriter(rpc, opened.id, opened.state);
    },
    committedOffsets: groupId => call('committedOffsets', { groupId }),
    commitOffsets: (groupId, offsets) => call('commitOffsets', { groupId, offsets }),
    stats: (): LogStats => ({ ...counts, bytesOnDisk: 0, failure: null }),
    close: async () => undefined,
  };
}

function remoteWriter(rpc: Rpc, id: number, opened: WriterState): TransactionalWriter {
  let state = opened;
  return {
    get state() {
      return state;
    },
    stage: async parts => {
      await rpc.call('log.stage', { id, parts }, packedBuffers(parts.map(part => part.records)));
    },
    adopt: (at, path, sizeBytes) => rpc.call('log.adopt', { id, at, path, sizeBytes }) as Promise<boolean>,
    commit: async transaction => {
      const buffers = packedBuffers(transaction.parts.map(part => part.records));
      await rpc.call('log.commit', { id, transaction }, buffers);
      state = { sequence: transaction.sequence, position: transaction.position };
    },
    close: async () => {
      await rpc.call('log.closeWriter', { id });
    },
  };
}

const packedBytes = (records: NewRecords): number =>
  'packed' in records ? records.packed.reduce((sum, batch) => sum + batch.length, 0) : 0;

/** The memory of packed batches; records in plain form are copied. */
function packedBuffers(all: readonly NewRecords[]): ArrayBuffer[] {
  const batches = all.flatMap(records => ('packed' in records ? records.packed : []));
  return [...new Set(batches.map(batch => batch.buffer))].filter(buffer => buffer instanceof ArrayBuffer);
}
