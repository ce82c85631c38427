import { type DataType, physicalTypeOf } from '../../core/mod.ts';
import { storeNested } from './cell.ts';
import { type CodeWriter, isFine, type Value } from './code.ts';

/** A cell to write: `columns[index]` at `row`; `prefix` makes hoisted names unique. */
export interface CellTarget {
  readonly columns: string;
  readonly index: number;
  readonly row: string;
  readonly prefix: string;
}

/**
 * A statement that stores a value that is not null into a growable column's cell and clears its null mark.
 */
export function cellStore(w: CodeWriter, target: CellTarget, value: Value, type: DataType): string {
  const column = `${target.columns}[${target.index}]`;
  const p = `${target.prefix}${target.index}`;
  const { row } = target;
  w.hoist(`${p}x`, `const ${p}x = ${column};`);
  const clear = `${p}x.nulls[${row}] = 0;`;
  switch (physicalTypeOf(type)) {
    case 'bytes': {
      if (value.range !== null) return `rt.putBytes(${p}x, ${row}, ${value.range}); ${clear}`;
      const binary = type.kind === 'BINARY' || type.kind === 'VARBINARY';
      return binary
        ? `rt.putBytes(${p}x, ${row}, ${value.code}, 0, ${value.code}.length); ${clear}`
        : `rt.putText(${p}x, ${row}, ${value.code}); ${clear}`;
    }
    case 'decimal128':
      return `${p}x.high[${row}] = ${value.code} >> 64n; ${p}x.low[${row}] = ${value.code}; ${clear}`;
    case 'timestamp': {
      const nanos = isFine(type) ? ` ${p}x.nanos[${row}] = ${value.nanos};` : '';
      return `${p}x.millis[${row}] = ${value.code};${nanos} ${clear}`;
    }
    case 'list':
    case 'map':
    case 'struct':
      return storeNested(`${p}x`, row, value);
    case 'bool':
      return `${p}x.values[${row}] = ${value.code} ? 1 : 0; ${clear}`;
    default:
      return `${p}x.values[${row}] = ${value.code}; ${clear}`;
  }
}
