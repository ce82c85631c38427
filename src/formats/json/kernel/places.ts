import type { ScalarBuilder } from '../../builders.ts';
import type { ObjectTree } from '../object-tree.ts';
import { CHUNK_ROWS, COLUMNS, FLAGS } from './memory.ts';

/** Where a column of scalars lies in the kernel's memory. */
export interface ColumnPlace {
  readonly builder: ScalarBuilder;
  /** A byte set to 1 when a null was met. */
  readonly flag: number;
  readonly nulls: number;
  /** Values; of texts the offsets. */
  readonly values: number;
  /** Lengths of texts, nanoseconds of timestamps. */
  readonly second: number;
}

/** Where a ROW's nulls lie. */
export interface RowPlace {
  readonly flag: number;
  readonly nulls: number;
}

export interface Places {
  readonly columns: readonly ColumnPlace[];
  /** By the object's id; undefined for objects that are no column. */
  readonly rows: readonly (RowPlace | undefined)[];
  /** Flags of columns, then of objects. */
  readonly flags: number;
  /** Where the arena begins. */
  readonly arena: number;
}

/** Room for every column of the tree; undefined when one is not made of plain values. */
export function placesOf(tree: ObjectTree): Places | undefined {
  const nulls = COLUMNS;
  const nullCount = tree.columns.length + tree.nodes.length;
  let next = nulls + nullCount * CHUNK_ROWS;
  const columns: ColumnPlace[] = [];
  for (const [k, { builder }] of tree.columns.entries()) {
    if ('children' in builder) return undefined;
    columns.push({
      builder,
      flag: FLAGS + k,
      nulls: nulls + k * CHUNK_ROWS,
      values: next,
      second: next + CHUNK_ROWS * 8,
    });
    next += CHUNK_ROWS * 12;
  }
  const rows = tree.nodes.map(({ id, row }) => {
    const at = tree.columns.length + id;
    return row === null ? undefined : { flag: FLAGS + at, nulls: nulls + at * CHUNK_ROWS };
  });
  return {
    columns,
    rows,
    flags: nullCount,
    arena: (next + 15) & ~15,
  };
}
