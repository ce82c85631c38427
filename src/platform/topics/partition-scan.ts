import { MillraceError } from '../../core/mod.ts';
import {
  decodeRecords,
  type IsolationLevel,
  type Log,
  type LogRecord,
  type PartitionOffsets,
  storedBatches,
  type TopicPartition,
} from '../../log/mod.ts';
import type { RecordFilter } from './record-filter.ts';
import { type BatchView, type RecordView, recordView } from './record-view.ts';

/** What holds for every partition of a scan. */
export interface ScanOptions {
  readonly isolation: IsolationLevel;
  /** Null: every record is wanted. */
  readonly filter: RecordFilter | null;
  /** How much of a key, a value, a header is shown. */
  readonly shownBytesMax: number;
}

/** What reading on has cost. */
export interface ScanCost {
  readonly records: number;
  readonly bytes: number;
}

/** Records of one partition in the order asked for, read piece by piece as they are needed. */
export interface PartitionScan {
  readonly partition: number;
  /** Found and not yet taken, next first. */
  readonly found: RecordView[];
  /** True when there is nothing behind what is found. */
  readonly done: boolean;
  /** Reads on; may find nothing. */
  readMore(): Promise<ScanCost>;
  /** Where another scan goes on behind what was taken. */
  resumeAt(): number;
}

const READ_BYTES = 1 << 20;
/** A piece that is read backwards holds about this much. */
const PIECE_BYTES = 2 << 20;
const PIECE_RECORDS_FIRST = 16;
const PIECE_RECORDS_MAX = 20_000;

/** Where the readers of an isolation level end. */
export function readableEnd(offsets: PartitionOffsets, isolation: IsolationLevel): number {
  return isolation === 'read_committed' ? offsets.lastStableOffset : offsets.highWatermark;
}

interface Piece extends ScanCost {
  readonly found: readonly RecordView[];
  readonly nextOffset: number;
}

/** Reads once from `from` on, and drops what lies at `until` and behind. */
async function readPiece(
  log: Log,
  at: TopicPartition,
  from: number,
  until: number,
  options: ScanOptions,
): Promise<Piece> {
  const { isolation, filter, shownBytesMax } = options;
  const read = await log.read(at, from, READ_BYTES, isolation);
  const batchOf = batchFinder(read.bytes);
  const found: RecordView[] = [];
  let records = 0;
  let last = from - 1;
  for (const record of decodeRecords(read.bytes, { isolation, aborted: read.aborted, fromOffset: from })) {
    if (record.offset >= until) break;
    records++;
    last = record.offset;
    if (filter === null || filter(record))
      found.push(recordView(at.partition, record, batchOf(record), shownBytesMax));
  }
  // Behind the last record there may be offsets without one: markers, aborted and compacted records.
  const nextOffset = Math.min(until, Math.max(last + 1, read.nextOffset));
  return { found, records, bytes: read.bytes.length, nextOffset };
}

/** The batch a record lies in; asked in the order of offsets. */
function batchFinder(bytes: Uint8Array): (record: LogRecord) => BatchView | null {
  const batches = storedBatches(bytes).map(
    ({ lastOffset, baseOffset, recordCount, sizeBytes, compression }) => ({
      lastOffset,
      view: { baseOffset, records: recordCount, bytes: sizeBytes, compression },
    }),
  );
  let next = 0;
  return ({ offset }) => {
    while (next < batches.length && batches[next]!.lastOffset < offset) next++;
    return batches[next]?.view ?? null;
  };
}

/** From an offset on, up to before another one. */
export class ForwardScan implements PartitionScan {
  readonly partition: number;
  readonly found: RecordView[] = [];
  readonly #log: Log;
  readonly #at: TopicPartition;
  readonly #options: ScanOptions;
  #position: number;
  #until: number;

  constructor(log: Log, at: TopicPartition, from: number, until: number, options: ScanOptions) {
    this.partition = at.partition;
    this.#log = log;
    this.#at = at;
    this.#options = options;
    this.#position = from;
    this.#until = until;
  }

  get done(): boolean {
    return this.#position >= this.#until;
  }

  /** Lets a scan that is done go on to a later end. */
  extendTo(until: number): void {
    this.#until = Math.max(this.#until, until);
  }

  async readMore(): Promise<ScanCost> {
    const piece = await readPiece(this.#log, this.#at, this.#position, this.#until, this.#options).catch(
      error => this.#fromNewStart(error),
    );
    this.found.push(...piece.found);
    // Nothing is readable although offsets are left: the log was cut meanwhile.
    this.#position = piece.nextOffset > this.#position ? piece.nextOffset : this.#until;
    return piece;
  }

  /** Retention may have deleted what was to be read next: the scan goes on where the partition begins now. */
  async #fromNewStart(error: unknown): Promise<Piece> {
    const { logStartOffset } = await this.#log.offsets(this.#at);
    const outOfRange = error instanceof MillraceError && error.code === 'OFFSET_OUT_OF_RANGE';
    if (!outOfRange || logStartOffset <= this.#position) throw error;
    return { found: [], records: 0, bytes: 0, nextOffset: Math.min(logStartOffset, this.#until) };
  }

  /** Passes over what lies before an offset, found or not. */
  skipTo(offset: number): void {
    this.#position = Math.max(this.#position, Math.min(offset, this.#until));
    while (this.found.length > 0 && this.found[0]!.offset < offset) this.found.shift();
  }

  resumeAt(): number {
    return this.found[0]?.offset ?? this.#position;
  }
}

/** From before an offset back to another one, latest first. */
export class BackwardScan implements PartitionScan {
  readonly partition: number;
  readonly found: RecordView[] = [];
  readonly #log: Log;
  readonly #at: TopicPartition;
  readonly #options: ScanOptions;
  readonly #start: number;
  #position: number;
  #pieceRecords = PIECE_RECORDS_FIRST;

  constructor(log: Log, at: TopicPartition, before: number, start: number, options: ScanOptions) {
    this.partition = at.partition;
    this.#log = log;
    this.#at = at;
    this.#options = options;
    this.#position = before;
    this.#start = start;
  }

  get done(): boolean {
    return this.#position <= this.#start;
  }

  async readMore(): Promise<ScanCost> {
    const until = this.#position;
    const from = Math.max(this.#start, until - this.#pieceRecords);
    const forward = new ForwardScan(this.#log, this.#at, from, until, this.#options);
    let records = 0;
    let bytes = 0;
    while (!forward.done) {
      const cost = await forward.readMore();
      records += cost.records;
      bytes += cost.bytes;
    }
    this.found.push(...forward.found.reverse());
    this.#position = from;
    const fits = Math.floor(PIECE_BYTES / Math.max(1, bytes / Math.max(1, until - from)));
    this.#pieceRecords = Math.max(1, Math.min(this.#pieceRecords * 4, fits, PIECE_RECORDS_MAX));
    return { records, bytes };
  }

  /** Another backward scan reads what lies before this offset. */
  resumeAt(): number {
    const next = this.found[0];
    return next === undefined ? this.#position : next.offset + 1;
  }
}
