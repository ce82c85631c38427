/**
 * Keyed state in typed arrays: row stores, hash tables over them, their snapshots, and the checkpoint
 * protocol.
 */
export type { SavedState } from './bytes.ts';
export { wordsOf } from './cells.ts';
export { compileRouter } from './key-hash.ts';
export { KeyTable } from './key-table.ts';
export { KeyedRows, type KeyedRowsShape } from './keyed-rows.ts';
export * from './protocol/mod.ts';
export { compileCopy, compileEqual, compileEqualAll } from './row-code.ts';
export { KeyHashes, type PairFinder, type Pairs, RowIndex } from './row-index.ts';
export { RowLists, type RowListsShape } from './row-lists.ts';
export { compileCompare, type RowCompare, type SortColumn } from './row-order.ts';
export { RowStore } from './row-store.ts';
export {
  greatest,
  type KeyedBy,
  least,
  type Reference,
  StateTables,
  type StateValue,
} from './state-tables.ts';
export { UPKEEP, type Upkeep } from './upkeep.ts';
