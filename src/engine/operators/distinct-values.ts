import { type Batch, type Column, type Field, fitDecimal, numbersOf, type Schema } from '../../core/mod.ts';
import { KeyTable, type RowStore } from '../../state/mod.ts';
import { CodeWriter } from '../codegen/code.ts';
import { instantiateLoop } from '../codegen/instantiate.ts';
import { makeRuntime } from '../codegen/runtime/mod.ts';
import type { Accumulator } from './accumulators.ts';
import { filterTests, writeChange } from './aggregate-code.ts';
import type { OperatorContext } from './operator.ts';

const INT = { kind: 'INT', nullable: false } as const;
const DOUBLE = { kind: 'DOUBLE', nullable: false } as const;
const [GROUP, VALUE, NEXT, PREVIOUS, FIRST] = [0, 1, 2, 3, 4] as const;
/** Filters in one column of bits. */
const BITS = 31;

type Loop = (
  columns: readonly Column[],
  rowKinds: Uint8Array | null,
  selection: Int32Array | null,
  count: number,
  groups: Int32Array,
  ids: Int32Array,
  store: RowStore,
  values: RowStore,
) => void;

type MergeLoop = (
  columns: readonly Column[],
  selection: Int32Array,
  count: number,
  groups: Int32Array,
  ids: Int32Array,
  store: RowStore,
  values: RowStore,
  given: RowStore,
) => void;

/**
 * The values of one argument in each group, shared by all DISTINCT calls on it. A call is told of a value
 * that comes to its group, past its own filter, for the first time, or leaves it for good. Beside each value
 * stands a bit a call where rows only come, else how often each call has met it.
 */
export class DistinctValues {
  readonly #store: RowStore;
  readonly #table: KeyTable;
  readonly #argument: number;
  readonly #heads: () => Int32Array;
  readonly #retracts: boolean;
  readonly #counters: number;
  readonly #loop: Loop;
  readonly #merge: MergeLoop;
  readonly #some: { rows: Int32Array; groups: Int32Array };
  #ids = new Int32Array(0);

  /** `calls` have the same argument. */
  constructor(
    context: OperatorContext,
    name: string,
    calls: readonly Accumulator[],
    input: Schema,
    retracts: boolean,
    heads: () => Int32Array,
  ) {
    this.#argument = calls[0]!.call.argument!;
    this.#heads = heads;
    this.#retracts = retracts;
    this.#counters = retracts ? calls.length : Math.ceil(calls.length / BITS);
    this.#some = { rows: new Int32Array(0), groups: new Int32Array(0) };
    const counters = Array.from(
      { length: this.#counters },
      (_, k): Field => ({ name: `${retracts ? 'count' : 'seen'}${k}`, type: retracts ? DOUBLE : INT }),
    );
    const { argumentType } = calls[0]!;
    const fields: Field[] = [
      { name: 'group', type: INT },
      { name: 'value', type: { ...argumentType, nullable: true } },
      { name: 'next', type: INT },
      { name: 'previous', type: INT },
      ...counters,
    ];
    this.#store = context.state.table(name, { fields }, { table: 'groups', column: GROUP }, [
      { column: NEXT, table: name },
      { column: PREVIOUS, table: name },
    ]);
    this.#table = new KeyTable(this.#store, [GROUP, VALUE], [0, 1]);
    this.#table.onAdd = id => this.#link(id);
    context.state.onRestored(() => this.#table.reindex());
    this.#loop = compileLoop(context, calls, input, retracts);
    this.#merge = compileMerge(context, calls, input, retracts);
  }

  #ints(c: number): Int32Array {
    return (this.#store.columns[c] as { values: Int32Array }).values;
  }

  #link(id: number): void {
    const heads = this.#heads();
    const group = this.#ints(GROUP)[id]!;
    const next = heads[group]!;
    this.#ints(NEXT)[id] = next;
    if (this.#retracts) {
      this.#ints(PREVIOUS)[id] = 0;
      if (next !== 0) this.#ints(PREVIOUS)[next] = id;
    }
    heads[group] = id;
    for (let k = 0; k < this.#counters; k++) {
      (this.#store.columns[FIRST + k] as { values: Float64Array | Int32Array }).values[id] = 0;
    }
  }

  /** Tell the calls of the live rows' values. `ids[k]` is the group of the k-th live row. */
  apply(batch: Batch, ids: Int32Array, store: RowStore): void {
    const { rows, groups, count } = this.#withValue(batch, ids);
    if (count === 0) return;
    if (this.#ids.length < count) this.#ids = new Int32Array(count * 2);
    const group: Column = numbersOf('i32', null, groups);
    const columns = [group, batch.columns[this.#argument]!];
    this.#table.findOrAdd(
      {
        schema: batch.schema,
        rowCount: batch.rowCount,
        columns,
        rowKinds: batch.rowKinds,
        selection: rows,
        selectionCount: count,
      },
      this.#ids,
    );
    this.#loop(batch.columns, batch.rowKinds, rows, count, groups, this.#ids, store, this.#store);
    if (this.#retracts) this.#sweep(count);
  }

  /** Take what the groups `from` of another hold over to the groups `into` of `store`. */
  merge(other: DistinctValues, from: Int32Array, into: Int32Array, count: number, store: RowStore): void {
    const values = other.#store;
    const groups = new Int32Array(values.end);
    const rows: number[] = [];
    const next = other.#ints(NEXT);
    for (let k = 0; k < count; k++) {
      for (let id = other.#heads()[from[k]!]!; id !== 0; id = next[id]!) {
        groups[id] = into[k]!;
        rows.push(id);
      }
    }
    if (rows.length === 0) return;
    if (this.#ids.length < rows.length) this.#ids = new Int32Array(rows.length * 2);
    const selection = Int32Array.from(rows);
    const group: Column = numbersOf('i32', null, groups);
    const keys = [group, values.columns[VALUE]!];
    const { schema, end: rowCount } = values;
    const selectionCount = rows.length;
    this.#table.findOrAdd(
      { schema, rowCount, columns: keys, rowKinds: null, selection, selectionCount },
      this.#ids,
    );
    const columns: Column[] = [];
    columns[this.#argument] = values.columns[VALUE]!;
    this.#merge(columns, selection, rows.length, groups, this.#ids, store, this.#store, values);
    if (this.#retracts) this.#sweep(rows.length);
  }

  /** The live rows whose argument is not NULL, and each physical row's group. */
  #withValue(
    { columns, rowCount, selection, selectionCount }: Batch,
    ids: Int32Array,
  ): { rows: Int32Array | null; groups: Int32Array; count: number } {
    const { nulls } = columns[this.#argument]!;
    if (selection === null && nulls === null) return { rows: null, groups: ids, count: selectionCount };
    const some = this.#some;
    if (some.rows.length < rowCount) {
      some.rows = new Int32Array(rowCount * 2);
      some.groups = new Int32Array(rowCount * 2);
    }
    const { rows, groups } = some;
    let count = 0;
    for (let k = 0; k < selectionCount; k++) {
      const row = selection === null ? k : selection[k]!;
      if (nulls !== null && nulls[row] === 1) continue;
      groups[row] = ids[k]!;
      rows[count++] = row;
    }
    return { rows, groups, count };
  }

  /** Drop the values of the last batch that no call has met any more. */
  #sweep(count: number): void {
    const { live, columns } = this.#store;
    for (let k = 0; k < count; k++) {
      const id = this.#ids[k]!;
      if (live[id] !== 1) continue;
      let isMet = false;
      for (let c = 0; c < this.#counters && !isMet; c++) {
        isMet = (columns[FIRST + c] as { values: Float64Array }).values[id] !== 0;
      }
      if (!isMet) this.#remove(id);
    }
  }

  #remove(id: number): void {
    const [next, previous] = [this.#ints(NEXT)[id]!, this.#ints(PREVIOUS)[id]!];
    if (next !== 0) this.#ints(PREVIOUS)[next] = previous;
    if (previous !== 0) this.#ints(NEXT)[previous] = next;
    else this.#heads()[this.#ints(GROUP)[id]!] = next;
    this.#table.remove(id);
  }

  /** The group is gone. */
  dropGroup(group: number): void {
    for (let id = this.#heads()[group]!; id !== 0; ) {
      const next = this.#ints(NEXT)[id]!;
      this.#remove(id);
      id = next;
    }
  }
}

function compileLoop(
  { session }: OperatorContext,
  calls: readonly Accumulator[],
  input: Schema,
  retracts: boolean,
): Loop {
  const w = new CodeWriter(index => ({ columns: 'columns', index, row: 'i' }));
  w.hoist('kept', 'const kept = store.columns;');
  if (retracts) writeCounted(w, calls, input);
  else writeBits(w, calls, input);
  const body = w.take();
  const code = `${w.hoisted.join('\n')}
for (let k = 0; k < count; k++) {
const i = selection === null ? k : selection[k];
const g = groups[i], v = ids[k];
const d = ${retracts ? 'kinds === null || kinds[i] === 0 || kinds[i] === 2 ? 1 : -1' : '1'};
${body}
}`;
  const signature = 'apply(columns, kinds, selection, count, groups, ids, store, values)';
  const scope = { constants: w.constants, rt: makeRuntime(session), fitDecimal };
  return instantiateLoop<Loop>(signature, code, scope);
}

function writeBits(w: CodeWriter, calls: readonly Accumulator[], input: Schema): void {
  for (let from = 0; from < calls.length; from += BITS) {
    const some = calls.slice(from, from + BITS);
    const seen = `seen${from}`;
    w.hoist(seen, `const ${seen} = values.columns[${FIRST + from / BITS}].values;`);
    w.line('{');
    const always = some.reduce((mask, { call }, k) => (call.filter === null ? mask | (1 << k) : mask), 0);
    w.line(`let mask = ${always};`);
    some.forEach(({ call }, k) => {
      if (call.filter === null) return;
      w.line('{');
      w.line(`if (${filterTests(w, call, input).join(' && ')}) mask |= ${1 << k}; }`);
    });
    w.line(`const fresh = mask & ~${seen}[v];`);
    w.line(`if (fresh !== 0) { ${seen}[v] |= fresh;`);
    some.forEach((accumulator, k) => {
      w.line(`if ((fresh & ${1 << k}) !== 0) {`);
      writeChange(w, accumulator, input);
      w.line('}');
    });
    w.line('} }');
  }
}

function writeCounted(w: CodeWriter, calls: readonly Accumulator[], input: Schema): void {
  calls.forEach((accumulator, k) => {
    const met = `met${k}`;
    w.hoist(met, `const ${met} = values.columns[${FIRST + k}].values;`);
    w.line('{');
    const tests = accumulator.call.filter === null ? ['true'] : filterTests(w, accumulator.call, input);
    w.line(`if (${tests.join(' && ')}) {`);
    // A retraction of what is not there counts below zero and is paid back later.
    w.line(`const before = ${met}[v]; ${met}[v] = before + d;`);
    w.line(`if (before === (d === 1 ? 0 : 1)) {`);
    writeChange(w, accumulator, input);
    w.line('} } }');
  });
}

/** What each call has met of the given values is new to the calls that have not. */
function compileMerge(
  { session }: OperatorContext,
  calls: readonly Accumulator[],
  input: Schema,
  retracts: boolean,
): MergeLoop {
  const w = new CodeWriter(index => ({ columns: 'columns', index, row: 'i' }));
  w.hoist('kept', 'const kept = store.columns;');
  calls.forEach((accumulator, k) => {
    const column = FIRST + (retracts ? k : Math.floor(k / BITS));
    const [met, from] = [`met${column}`, `from${column}`];
    w.hoist(
      met,
      `const ${met} = values.columns[${column}].values, ${from} = given.columns[${column}].values;`,
    );
    w.line('{');
    if (retracts) {
      w.line(`const before = ${met}[v], after = before + ${from}[i]; ${met}[v] = after;`);
      w.line(`const d = before <= 0 && after > 0 ? 1 : before > 0 && after <= 0 ? -1 : 0;`);
    } else {
      const bit = 1 << (k % BITS);
      w.line(`const d = (${from}[i] & ~${met}[v] & ${bit}) === 0 ? 0 : 1; ${met}[v] |= ${from}[i] & ${bit};`);
    }
    w.line('if (d !== 0) {');
    writeChange(w, accumulator, input);
    w.line('} }');
  });
  const body = w.take();
  const code = `${w.hoisted.join('\n')}
for (let k = 0; k < count; k++) {
const i = selection[k];
const g = groups[i], v = ids[k];
${body}
}`;
  const signature = 'merge(columns, selection, count, groups, ids, store, values, given)';
  const scope = { constants: w.constants, rt: makeRuntime(session), fitDecimal };
  return instantiateLoop<MergeLoop>(signature, code, scope);
}
