import { type Batch, type Column, compileOnce, type DataType, isNestedType } from '../core/mod.ts';
import { hashBytes, hashCell, wordsOf } from './cells.ts';
import { KEY_GROUPS, keyGroupOf, taskOf } from './protocol/key-groups.ts';
import { cellCode } from './row-code.ts';

const MIX = 'h = Math.imul(h ^ x, 0x9e3779b1); h ^= h >>> 15;';

/**
 * Code that mixes key cells, declared by `cellCode` with prefixes x0_, x1_ …, into `h`. `ofBytes` may give other
 * code that sets `x` to the hash of the k-th cell's bytes.
 */
export function hashCode(
  types: readonly DataType[],
  index: readonly number[],
  columns: string,
  row: string,
  ofBytes?: (k: number) => string,
): string[] {
  return types.map((type, k) => {
    const name = `x${k}_`;
    const cell = cellCode(type, columns, index[k]!, row, name);
    const c = `${name}${index[k]}c`;
    const words =
      cell.words.length > 0
        ? cell.words.map(word => `x = ${word}; ${MIX}`).join(' ')
        : isNestedType(type)
          ? `x = hashCell(${c}, ${row}); ${MIX}`
          : `${ofBytes?.(k) ?? `x = hashBytes(${c}.data, ${c}.offsets[${row}], ${c}.lengths[${row}]);`} ${MIX}`;
    return `if (${cell.isNull}) { x = 0x5bd1e995; ${MIX} hasNull = true; } else { ${words} }`;
  });
}

/** What generated hashing calls. */
export const HASH_SCOPE = { hashBytes, hashCell, wordsOf } as const;

/** The hash of cells `index` of a row: equal keys of equal types have equal hashes, wherever their columns lie. */
export function compileHash(types: readonly DataType[], index: readonly number[]) {
  const declares = types.map((t, k) => cellCode(t, 'columns', index[k]!, 'i', `x${k}_`).declare);
  const source = `return function hash(columns, i) {
${declares.join('\n')}
let h = 0x2545f491, x = 0, hasNull = false;
${hashCode(types, index, 'columns', 'i').join('\n')}
return h ^ (h >>> 13);
}`;
  return compileOnce<(columns: readonly Column[], row: number) => number>(HASH_SCOPE, source);
}

/** The key group of a row whose key lies in cells `index`; a global key (no cells) is in group 0. */
export function compileKeyGroup(
  types: readonly DataType[],
  index: readonly number[],
): (columns: readonly Column[], row: number) => number {
  if (index.length === 0) return () => 0;
  const hash = compileHash(types, index);
  return (columns, row) => keyGroupOf(hash(columns, row));
}

/** For each live row of a batch, in order, the task that holds its key. */
export type RowRouter = (batch: Batch, targets: Uint8Array) => void;

/** Routes rows by their keys in columns `index` over `parallelism` tasks. */
export function compileRouter(
  types: readonly DataType[],
  index: readonly number[],
  parallelism: number,
): RowRouter {
  if (index.length === 0) return (batch, targets) => void targets.fill(0, 0, batch.selectionCount);
  const tasks = Uint8Array.from({ length: KEY_GROUPS }, (_, group) => taskOf(group, parallelism));
  const declares = types.map((t, k) => cellCode(t, 'columns', index[k]!, 'i', `x${k}_`).declare);
  const source = `return function route(tasks, batch, targets) {
const columns = batch.columns, selection = batch.selection, count = batch.selectionCount;
${declares.join('\n')}
for (let k = 0; k < count; k++) {
  const i = selection === null ? k : selection[k];
  let h = 0x2545f491, x = 0, hasNull = false;
  ${hashCode(types, index, 'columns', 'i').join('\n  ')}
  targets[k] = tasks[keyGroupOf(h ^ (h >>> 13))];
}
}`;
  const route = compileOnce<(tasks: Uint8Array, ...given: Parameters<RowRouter>) => void>(
    { ...HASH_SCOPE, keyGroupOf },
    source,
  );
  return (batch, targets) => route(tasks, batch, targets);
}
