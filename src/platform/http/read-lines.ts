import { decodeRecords, type IsolationLevel, type Log, type TopicPartition } from '../../log/mod.ts';
import { recordLine } from './record-lines.ts';

export interface ReadLinesOptions {
  readonly offset: number | 'earliest' | 'latest';
  readonly limit: number;
  readonly wait_ms: number;
  readonly isolation: IsolationLevel;
  readonly signal: AbortSignal;
}

const READ_BYTES = 1 << 20;
/** An answer is cut behind the read in which it passes this; the caller goes on from `nextOffset`. */
const ANSWER_CHARS_MAX = 16 << 20;

/** Reads records as NDJSON, waiting for the first where there is none yet. */
export async function readLines(
  log: Log,
  at: TopicPartition,
  options: ReadLinesOptions,
): Promise<{ readonly text: string; readonly nextOffset: number }> {
  const { isolation, limit, signal } = options;
  let offset = await startOffset(log, at, options);
  let text = '';
  let count = 0;
  for (let waited = options.wait_ms === 0; ; ) {
    const read = await log.read(at, offset, READ_BYTES, isolation);
    for (const record of decodeRecords(read.bytes, {
      isolation,
      aborted: read.aborted,
      fromOffset: offset,
    })) {
      text += recordLine(at.partition, record);
      offset = record.offset + 1;
      if (++count >= limit) return { text, nextOffset: offset };
    }
    const stuck = read.nextOffset <= offset && read.bytes.length === 0;
    offset = Math.max(offset, read.nextOffset);
    if (text.length > ANSWER_CHARS_MAX || signal.aborted) return { text, nextOffset: offset };
    if (!stuck) continue;
    if (count > 0 || waited) return { text, nextOffset: offset };
    await log.waitFor(at, offset, isolation, options.wait_ms, signal);
    waited = true;
  }
}

async function startOffset(log: Log, at: TopicPartition, options: ReadLinesOptions): Promise<number> {
  if (typeof options.offset === 'number') return options.offset;
  const offsets = await log.offsets(at);
  if (options.offset === 'earliest') return offsets.logStartOffset;
  return options.isolation === 'read_committed' ? offsets.lastStableOffset : offsets.highWatermark;
}
