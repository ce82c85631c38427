import {
  type Batch,
  type Field,
  MillraceError,
  type RowValue,
  rowValue,
  selectRows,
} from '../../core/mod.ts';
import { createEncoder, type Encoder } from '../../formats/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';
import type { FilesystemOptions } from './options.ts';
import type { StagedRows } from './part-state.ts';
import { partitionFolder } from './partitions.ts';

/** What stands before the bytes of an epoch: how many belong to each folder, in order. */
export interface StagedHeader {
  readonly folders: readonly StagedRows[];
  /** The input has ended: every part is complete. */
  readonly isEnd: boolean;
}

const NEWLINE = 10;

/** Rows of an epoch as lines, by the folder they go to. */
export class StagedLines {
  readonly #encoder: Encoder;
  readonly #partitions: readonly { readonly index: number; readonly field: Field }[];
  readonly #nullName: string;
  readonly #folders = new Map<string, Lines>();

  constructor(table: TableDeclaration, options: FilesystemOptions) {
    const { fields } = table.physicalSchema;
    const keys = table.partitionKeys ?? [];
    const stored = [...fields.keys()].filter(i => !keys.includes(i));
    this.#encoder = createEncoder(options.format, table.physicalSchema, stored, options.formatOptions);
    this.#partitions = keys.map(index => ({ index, field: fields[index]! }));
    this.#nullName = options.defaultPartition;
  }

  add(batch: Batch): void {
    if (this.#partitions.length === 0) this.#lines('').add(this.#encoder, batch);
    else {
      for (const [folder, rows] of this.#split(batch)) {
        const selection = Int32Array.from(rows);
        this.#lines(folder).add(this.#encoder, selectRows(batch, selection, rows.length));
      }
    }
  }

  #lines(folder: string): Lines {
    const known = this.#folders.get(folder) ?? new Lines();
    this.#folders.set(folder, known);
    return known;
  }

  #split(batch: Batch): Map<string, number[]> {
    const byFolder = new Map<string, number[]>();
    const fields = this.#partitions.map(({ field }) => field);
    for (let k = 0; k < batch.selectionCount; k++) {
      const row = batch.selection === null ? k : batch.selection[k]!;
      const values = this.#partitions.map(
        ({ index, field }): RowValue => rowValue(batch.columns[index]!, row, field.type),
      );
      const folder = partitionFolder(fields, values, this.#nullName);
      const rows = byFolder.get(folder) ?? [];
      if (rows.push(row) === 1) byFolder.set(folder, rows);
    }
    return byFolder;
  }

  /** Memory of what was added. */
  get byteLength(): number {
    return [...this.#folders.values()].reduce((sum, lines) => sum + lines.bytes.length, 0);
  }

  /** What was added; starts over. Null when nothing was and nothing must be said. */
  take(isEnd: boolean, mustSpeak: boolean): Uint8Array | null {
    const filled = [...this.#folders];
    if (filled.length === 0 && !isEnd && !mustSpeak) return null;
    const folders = filled.map(([folder, lines]) => ({ folder, bytes: lines.bytes.length }));
    const header = Buffer.from(JSON.stringify({ folders, isEnd } satisfies StagedHeader));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(header.length);
    this.#folders.clear();
    return Buffer.concat([length, header, ...filled.map(([, lines]) => lines.bytes)]);
  }
}

/** Growing bytes of lines. */
class Lines {
  #memory = new Uint8Array(1 << 12);
  #used = 0;

  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#used);
  }

  add(encoder: Encoder, batch: Batch): void {
    const { bytes, count, starts, ends } = encoder.encode(batch);
    for (let i = 0; i < count; i++) {
      // A record that is NULL as a whole is an empty line.
      const length = starts[i]! < 0 ? 0 : ends[i]! - starts[i]!;
      if (this.#used + length + 1 > this.#memory.length) {
        const grown = new Uint8Array((this.#used + length + 1) * 2);
        grown.set(this.bytes);
        this.#memory = grown;
      }
      if (length > 0) this.#memory.set(bytes.subarray(starts[i], ends[i]), this.#used);
      this.#used += length;
      this.#memory[this.#used++] = NEWLINE;
    }
  }
}

/** An epoch's bytes taken apart: views into `staged`. */
export function stagedParts(staged: Uint8Array): {
  readonly header: StagedHeader;
  readonly bytesOf: readonly Uint8Array[];
} {
  const view = Buffer.from(staged.buffer, staged.byteOffset, staged.byteLength);
  const end = staged.length < 4 ? Number.NaN : 4 + view.readUInt32LE(0);
  if (!(end <= staged.length)) throw new MillraceError('FORMAT_INVALID', 'staged lines are cut off');
  const header = JSON.parse(view.toString('utf8', 4, end)) as StagedHeader;
  let at = end;
  const bytesOf = header.folders.map(({ bytes }) => {
    at += bytes;
    return staged.subarray(at - bytes, at);
  });
  if (at !== staged.length) throw new MillraceError('FORMAT_INVALID', 'staged lines are cut off');
  return { header, bytesOf };
}
