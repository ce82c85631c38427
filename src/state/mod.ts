/**
 * Keyed state in typed arrays: row stores, hash tables over them, their snapshots, and the checkpoint
 * protocol.
 */
export { BytesReader, BytesWriter } from './bytes.ts';
export { KeyTable } from './key-table.ts';
export * from './protocol/mod.ts';
export { compileCopy, compileEqual, type RowCopy, type RowEqual } from './row-code.ts';
export { RowStore } from './row-store.ts';
export { StateTables } from './state-tables.ts';
