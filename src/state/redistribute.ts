import { assert } from '../core/mod.ts';
import { compileKeyGroup } from './key-hash.ts';
import type { KeyGroupRange } from './protocol/mod.ts';
import { compileCopy } from './row-code.ts';
import type { RowStore } from './row-store.ts';
import type { KeyedBy, Reference } from './state-tables.ts';

/** A declared table. */
export interface TableShape {
  readonly store: RowStore;
  readonly keyedBy: KeyedBy;
  readonly references: readonly Reference[];
}

/** A table of one task as it was saved, and the store that takes its share of the rows. */
export interface SavedTable extends TableShape {
  readonly target: RowStore;
}

/**
 * Moves the rows in `groups` into the target stores, under new ids, and changes the references to them. Rows
 * never refer to rows of another group, so nothing is left dangling.
 */
export function redistribute(saved: ReadonlyMap<string, SavedTable>, groups: KeyGroupRange): void {
  const kept = new Map<string, Uint8Array>();
  const keptOf = (name: string): Uint8Array => {
    const known = kept.get(name);
    if (known !== undefined) return known;
    const table = saved.get(name);
    assert(table !== undefined, 'the table that a row goes with is declared too');
    const { store, keyedBy } = table;
    const parent = 'table' in keyedBy ? keptOf(keyedBy.table) : null;
    const found = parent === null ? ownRows(store, keyedBy, groups) : rowsWith(store, keyedBy, parent);
    kept.set(name, found);
    return found;
  };
  const ids = new Map<string, Int32Array>();
  for (const [name, table] of saved) ids.set(name, move(table, keptOf(name)));
  for (const [name, { target, references }] of saved) {
    const moved = ids.get(name)!;
    for (const { column, table } of references) {
      const values = intsOf(target, column);
      const renamed = ids.get(table)!;
      for (const id of moved) if (id !== 0) values[id] = renamed[values[id]!]!;
    }
  }
}

const intsOf = (store: RowStore, column: number): Int32Array =>
  (store.columns[column] as { values: Int32Array }).values;

/** The rows whose own key is in the groups. */
function ownRows(store: RowStore, keyedBy: KeyedBy, groups: KeyGroupRange): Uint8Array {
  const index = keyedBy as readonly number[];
  const groupOf = compileKeyGroup(
    index.map(c => store.schema.fields[c]!.type),
    index,
  );
  const kept = new Uint8Array(store.end);
  for (let id = 1; id < store.end; id++) {
    if (store.live[id] !== 1) continue;
    const group = groupOf(store.columns, id);
    if (group >= groups.first && group < groups.end) kept[id] = 1;
  }
  return kept;
}

/** The rows that go with a kept row of another table. */
function rowsWith(store: RowStore, keyedBy: KeyedBy, parent: Uint8Array): Uint8Array {
  const values = intsOf(store, (keyedBy as Reference).column);
  const kept = new Uint8Array(store.end);
  for (let id = 1; id < store.end; id++) if (store.live[id] === 1) kept[id] = parent[values[id]!]!;
  return kept;
}

/** Copies the kept rows; returns their new ids by the old ones, 0 for those that stay behind. */
function move({ store, target }: SavedTable, kept: Uint8Array): Int32Array {
  const types = store.schema.fields.map(f => f.type);
  const all = [...types.keys()];
  const copy = compileCopy(types, all, all);
  const ids = new Int32Array(store.end);
  target.reserve(kept.reduce((sum, one) => sum + one, 0));
  for (let id = 1; id < store.end; id++) {
    if (kept[id] !== 1) continue;
    ids[id] = target.allocate();
    copy(store.columns, id, target.columns, ids[id]!);
  }
  return ids;
}
