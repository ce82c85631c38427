import type { Position, RejectedRecord, Source, SourceEvent, SplitReader } from '../../contract/mod.ts';
import {
  type Batch,
  type Clock,
  type Column,
  type ColumnBuffer,
  createColumnBuffer,
  eachOf,
  putValue,
  type RowValue,
  type Schema,
} from '../../core/mod.ts';
import { createDecoder, type Decoder } from '../../formats/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';
import { LineFile } from './line-file.ts';
import { listFiles, type TableFile } from './list-files.ts';
import { type FilesystemOptions, filesystemOptions } from './options.ts';
import { partitionValues } from './partitions.ts';

/**
 * bounded: the files still to read, the first from `offset` on. watching: those that are read, and how far
 * into `file`.
 */
type FilesPosition =
  | { readonly kind: 'bounded'; readonly rest: readonly string[]; readonly offset: number }
  | {
      readonly kind: 'watching';
      readonly done: readonly string[];
      readonly file: string | null;
      readonly offset: number;
    };

/** A table over files, one split. Bounded unless `source.monitor-interval` looks for new files. */
export function filesystemSource(
  table: TableDeclaration,
  projection: readonly number[],
  { clock }: { readonly clock: Clock },
): Source {
  const options = filesystemOptions(table);
  const layout = columnLayout(table, projection);
  return {
    schema: layout.schema,
    bounded: options.monitorMs === null,
    splits: async () => [{ id: '0' }],
    open: async (_split, position) =>
      new FilesReader(table, options, layout, clock, position as FilesPosition | null),
  };
}

/** Where each output column comes from: the lines, the folders, or what is known of the file. */
interface ColumnLayout {
  readonly schema: Schema;
  readonly stored: readonly number[];
  readonly places: readonly ((values: Batch, file: FileFacts) => Column | { readonly constant: RowValue })[];
}

interface FileFacts {
  readonly file: TableFile;
  readonly partitions: readonly RowValue[];
}

function columnLayout(table: TableDeclaration, projection: readonly number[]): ColumnLayout {
  const { fields } = table.physicalSchema;
  const partitions = table.partitionKeys ?? [];
  const stored = projection.filter(i => i < fields.length && !partitions.includes(i));
  const places = projection.map((i): ColumnLayout['places'][number] => {
    if (i >= fields.length) {
      const { key } = table.metadata![i - fields.length]!;
      return (_, { file }) => ({ constant: metadataValue(key, file) });
    }
    const partition = partitions.indexOf(i);
    if (partition >= 0) return (_, facts) => ({ constant: facts.partitions[partition]! });
    const index = stored.indexOf(i);
    return values => values.columns[index]!;
  });
  return {
    schema: { fields: projection.map(i => fields[i] ?? table.metadata![i - fields.length]!) },
    stored,
    places,
  };
}

function metadataValue(key: string, { path, bytes, modifiedMs }: TableFile): RowValue {
  if (key === 'file.path') return path;
  if (key === 'file.name') return path.slice(path.lastIndexOf('/') + 1);
  return key === 'file.size' ? BigInt(bytes) : { millis: modifiedMs, nanos: 0 };
}

class FilesReader implements SplitReader {
  readonly #table: TableDeclaration;
  readonly #options: FilesystemOptions;
  readonly #layout: ColumnLayout;
  readonly #clock: Clock;
  readonly #decoder: Decoder;
  readonly #buffers: readonly ColumnBuffer[];
  readonly #done: Set<string> = new Set();
  #queue: TableFile[] = [];
  #open: { readonly lines: LineFile; readonly facts: FileFacts } | null = null;
  #piece: Uint8Array = new Uint8Array(0);
  /** The next line of the open file's piece. */
  #next = 0;
  /** Where to begin in the first file of the queue. */
  #offset = 0;
  #scannedMs: number;
  #rejected: RejectedRecord[] = [];

  constructor(
    table: TableDeclaration,
    options: FilesystemOptions,
    layout: ColumnLayout,
    clock: Clock,
    position: FilesPosition | null,
  ) {
    this.#table = table;
    this.#options = options;
    this.#layout = layout;
    this.#clock = clock;
    const { fields } = table.physicalSchema;
    const partitions = table.partitionKeys ?? [];
    const inLines = [...fields.keys()].filter(i => !partitions.includes(i));
    const schema: Schema = { fields: inLines.map(i => fields[i]!) };
    const wanted = layout.stored.map(i => inLines.indexOf(i));
    this.#decoder = createDecoder(options.format, schema, wanted, options.formatOptions);
    this.#buffers = layout.schema.fields.map(({ type }) => createColumnBuffer(type, 0));
    this.#scannedMs = clock.monotonicMs();
    this.#begin(position);
  }

  /** Files are listed now; after a restart those that were still to read, or that are not read yet. */
  #begin(position: FilesPosition | null): void {
    const { path, pattern } = this.#options;
    const found = listFiles(path, pattern);
    if (position?.kind === 'watching') for (const file of position.done) this.#done.add(file);
    const isLeft = (file: TableFile): boolean => {
      if (position === null) return true;
      return position.kind === 'bounded' ? position.rest.includes(file.path) : !this.#done.has(file.path);
    };
    this.#queue = found.filter(isLeft);
    const began = position?.kind === 'bounded' ? position.rest[0] : position?.file;
    const first = this.#queue.findIndex(file => file.path === began);
    if (first < 0) return;
    this.#queue.unshift(...this.#queue.splice(first, 1));
    this.#offset = position!.offset;
  }

  async poll(maxWaitMs: number, signal: AbortSignal): Promise<SourceEvent> {
    for (;;) {
      const batch = this.#read();
      if (batch !== null) return { kind: 'batch', batch };
      const { monitorMs } = this.#options;
      if (monitorMs === null) return { kind: 'end' };
      const dueMs = this.#scannedMs + monitorMs - this.#clock.monotonicMs();
      const waitMs = Math.min(dueMs, maxWaitMs);
      if (waitMs > 0) await this.#clock.sleep(waitMs, signal).catch(() => undefined);
      if (signal.aborted || dueMs > maxWaitMs) return { kind: 'idle' };
      if (!this.#look()) return { kind: 'idle' };
    }
  }

  /** Looks for files that are new; false when there are none. */
  #look(): boolean {
    const { path, pattern } = this.#options;
    this.#scannedMs = this.#clock.monotonicMs();
    this.#queue = listFiles(path, pattern).filter(file => !this.#done.has(file.path));
    return this.#queue.length > 0;
  }

  /** The next rows of the files in the queue; null when all are read. */
  #read(): Batch | null {
    while (this.#queue.length > 0) {
      this.#open ??= this.#openFirst();
      const { lines, facts } = this.#open;
      if (this.#next === lines.count) {
        const piece = lines.next();
        this.#next = 0;
        if (piece === null) {
          this.#closeFirst();
          continue;
        }
        this.#piece = piece;
        this.#decoder.load(piece);
      }
      if (lines.count > 0) return this.#decode(lines, facts);
    }
    return null;
  }

  #openFirst(): { readonly lines: LineFile; readonly facts: FileFacts } {
    const file = this.#queue[0]!;
    const { physicalSchema, partitionKeys = [] } = this.#table;
    const fields = partitionKeys.map(i => physicalSchema.fields[i]!);
    const partitions = partitionValues(file.path, fields, this.#options.defaultPartition);
    const lines = new LineFile(file.path, this.#offset);
    this.#offset = 0;
    return { lines, facts: { file, partitions } };
  }

  #closeFirst(): void {
    this.#open?.lines.close();
    this.#open = null;
    const file = this.#queue.shift()!;
    if (this.#options.monitorMs !== null) this.#done.add(file.path);
  }

  #decode(lines: LineFile, facts: FileFacts): Batch {
    const from = this.#next;
    this.#next = this.#decoder.decode(lines.starts, lines.ends, from, lines.count);
    for (const { index, reason } of this.#decoder.takeRejections()) {
      this.#rejected.push({
        topic: this.#table.name.replace(/[^A-Za-z0-9._-]/g, '_'),
        partition: 0,
        offset: lines.base + lines.starts[index]!,
        reason: `${facts.file.path}: ${reason}`,
        key: null,
        value: this.#piece.slice(lines.starts[index]!, lines.ends[index]!),
      });
    }
    const values = this.#decoder.takeBatch();
    const columns = eachOf(this.#layout.places, (place, c): Column => {
      const from = place(values, facts);
      if (!('constant' in from)) return from;
      const buffer = this.#buffers[c]!;
      if (buffer.physical === 'bytes') buffer.used = 0;
      for (let row = 0; row < values.rowCount; row++) putValue(buffer, row, from.constant);
      return buffer;
    });
    return { ...values, schema: this.#layout.schema, columns };
  }

  position(): Position {
    const lines = this.#open?.lines;
    const offset =
      lines === undefined
        ? this.#offset
        : this.#next < lines.count
          ? lines.base + lines.starts[this.#next]!
          : lines.pieceEnd;
    const rest = this.#queue.map(file => file.path);
    const position: FilesPosition =
      this.#options.monitorMs === null
        ? { kind: 'bounded', rest, offset }
        : { kind: 'watching', done: [...this.#done], file: rest[0] ?? null, offset };
    return position;
  }

  async lag(): Promise<number | null> {
    return this.#queue.length === 0 ? 0 : null;
  }

  takeRejected(): readonly RejectedRecord[] {
    const taken = this.#rejected;
    this.#rejected = [];
    return taken;
  }

  async close(): Promise<void> {
    this.#open?.lines.close();
    this.#open = null;
  }
}
