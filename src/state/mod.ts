/**
 * Keyed state in typed arrays: row stores, hash tables over them, their snapshots, and the checkpoint
 * protocol.
 */
export { KeyTable } from './key-table.ts';
export * from './protocol/mod.ts';
export { compileCopy, compileEqual } from './row-code.ts';
export { RowStore } from './row-store.ts';
export { StateTables } from './state-tables.ts';
