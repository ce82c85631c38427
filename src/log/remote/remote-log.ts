import type { Rpc } from '../../core/mod.ts';
import type {
  IsolationLevel,
  Log,
  LogStats,
  NewRecords,
  PartitionOffsets,
  ReadResult,
  TopicDescription,
  TopicPartition,
  TransactionalWriter,
  WriterState,
} from '../log.ts';

/** A read asked for ahead: sequential readers find their next bytes already here. */
interface Ahead {
  readonly offset: number;
  readonly maxBytes: number;
  readonly isolation: IsolationLevel;
  readonly result: Promise<ReadResult>;
}

/**
 * A log that another thread serves (`serveLog`). The bytes of reads, and packed batches that are appended,
 * move between the threads without a copy: who appends them has them no more.
 */
export function remoteLog(rpc: Rpc): Log {
  const ahead = new Map<string, Ahead>();
  const counts = { recordsAppended: 0, bytesAppended: 0, recordsRead: 0, bytesRead: 0, flushes: 0 };
  const call = <T>(method: string, payload: unknown): Promise<T> =>
    rpc.call(`log.${method}`, payload) as Promise<T>;
  const fetch = (at: TopicPartition, offset: number, maxBytes: number, isolation: IsolationLevel) =>
    call<ReadResult>('read', { at, offset, maxBytes, isolation });

  const read: Log['read'] = async (at, offset, maxBytes, isolation) => {
    const key = `${at.topic}-${at.partition}`;
    const known = ahead.get(key);
    ahead.delete(key);
    let result: ReadResult | null = null;
    if (known?.offset === offset && known.maxBytes === maxBytes && known.isolation === isolation) {
      result = await known.result;
    }
    // What was empty when it was asked for ahead may have been written since.
    if (result === null || result.nextOffset === offset)
      result = await fetch(at, offset, maxBytes, isolation);
    counts.bytesRead += result.bytes.length;
    if (result.nextOffset > offset && result.nextOffset < result.highWatermark) {
      const next = fetch(at, result.nextOffset, maxBytes, isolation);
      next.catch(() => undefined); // whoever asks for it has the error
      ahead.set(key, { offset: result.nextOffset, maxBytes, isolation, result: next });
    }
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
