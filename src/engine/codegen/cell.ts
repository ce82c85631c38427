import { childTypes, type DataType, isNestedType, physicalTypeOf } from '../../core/mod.ts';
import { type CodeWriter, isFine, nullValue, type Value } from './code.ts';

/** A column to read: its source text, and a prefix that makes hoisted names unique. */
export interface CellSource {
  readonly source: string;
  readonly prefix: string;
}

/** The value of a column's cell at `row`. `outside` is a test that what holds the cell is null itself. */
export function readCell(
  w: CodeWriter,
  { source, prefix: p }: CellSource,
  row: string,
  type: DataType,
  outside = 'false',
): Value {
  const own = type.nullable ? `(${p}n !== null && ${p}n[${row}] === 1)` : 'false';
  if (type.nullable) w.hoist(`${p}n`, `const ${p}n = ${source}.nulls;`);
  const tests = [outside, own].filter(test => test !== 'false');
  const isNull = tests.length > 1 ? `(${tests.join(' || ')})` : (tests[0] ?? 'false');
  const base = { type, isNull, nanos: '0', range: null };
  switch (physicalTypeOf(type)) {
    case 'bytes': {
      w.hoist(`${p}c`, `const ${p}c = ${source};`);
      const range = `${p}c.data, ${p}c.offsets[${row}], ${p}c.lengths[${row}]`;
      const binary = type.kind === 'BINARY' || type.kind === 'VARBINARY';
      return { ...base, code: `rt.${binary ? 'slice' : 'decode'}(${range})`, range };
    }
    case 'decimal128':
      w.hoist(`${p}c`, `const ${p}c = ${source};`);
      return { ...base, code: `rt.limbs(${p}c.high[${row}], ${p}c.low[${row}])` };
    case 'timestamp':
      w.hoist(`${p}v`, `const ${p}v = ${source}.millis, ${p}s = ${source}.nanos;`);
      return {
        ...base,
        code: `${p}v[${row}]`,
        nanos: isFine(type) ? `(${p}s === null ? 0 : ${p}s[${row}])` : '0',
      };
    case 'list':
    case 'map':
    case 'struct':
      w.hoist(`${p}c`, `const ${p}c = ${source};`);
      return {
        ...base,
        code: `rt.rowValue(${p}c, ${row}, ${w.constant(type)})`,
        cell: { column: `${p}c`, prefix: p, row },
      };
    case 'bool':
      w.hoist(`${p}v`, `const ${p}v = ${source}.values;`);
      return { ...base, code: `(${p}v[${row}] === 1)` };
    default:
      w.hoist(`${p}v`, `const ${p}v = ${source}.values;`);
      return { ...base, code: `${p}v[${row}]`, ...exactCell(w, { source, prefix: p }, row, type) };
  }
}

/** The words of 64-bit values are looked at where someone asks for their number. */
function exactCell(
  w: CodeWriter,
  { source, prefix: p }: CellSource,
  row: string,
  type: DataType,
): Pick<Value, 'exact'> {
  if (type.kind !== 'BIGINT' && physicalTypeOf(type) !== 'decimal64') return {};
  return {
    exact: () => {
      w.hoist(`${p}w`, `const ${p}w = rt.words(${source}.values);`);
      return `rt.exactLong(${p}w, ${row})`;
    },
  };
}

/** Field `index` of a row: read where it lies, without making the row. */
export function readField(w: CodeWriter, row: Value, index: number, type: DataType): Value {
  if (row.isNull === 'true') return nullValue(type);
  if (row.parts !== undefined) return { ...row.parts[index]!, type };
  if (row.cell === undefined) return fromPlain(w, type, `${row.code}[${index}]`, row.isNull);
  const { column, prefix, row: at } = row.cell;
  const own = childTypes(row.type)[index]!;
  const child = { source: `${column}.children[${index}]`, prefix: `${prefix}_${index}` };
  return { ...readCell(w, child, at, own, row.isNull), type };
}

/** A plain value (see `RowValue`) as a value; `outside` is a test that makes it null unread. */
export function fromPlain(w: CodeWriter, type: DataType, code: string, outside = 'false'): Value {
  const t = w.name('t');
  w.line(`const ${t} = ${outside === 'false' ? code : `${outside} ? null : ${code}`};`);
  const isNull = `(${t} === null)`;
  if (physicalTypeOf(type) !== 'timestamp') return { type, code: t, isNull, nanos: '0', range: null };
  return { type, code: `${t}.millis`, isNull, nanos: isFine(type) ? `${t}.nanos` : '0', range: null };
}

/** Code for the plain value, null included. */
export function toPlain(value: Value): string {
  if (value.isNull === 'true') return 'null';
  const fine = physicalTypeOf(value.type) === 'timestamp';
  const code = fine ? `{ millis: ${value.code}, nanos: ${value.nanos} }` : value.code;
  return value.isNull === 'false' ? `(${code})` : `(${value.isNull} ? null : ${code})`;
}

/** A row made of computed values: they stay apart until someone needs the row. */
export function rowOf(type: DataType, parts: readonly Value[]): Value {
  const code = `[${parts.map(toPlain).join(', ')}]`;
  return { type, code, isNull: 'false', nanos: '0', range: null, parts };
}

/** Statements that store a value, null included, as cell `row` of a growable column with room for it. */
export function writeCell(
  w: CodeWriter,
  { source, prefix: p }: CellSource,
  row: string,
  value: Value,
  type: DataType,
): void {
  if (isNestedType(type)) {
    writeNested(w, { source, prefix: p }, row, value, type);
    return;
  }
  w.hoist(`${p}n`, `const ${p}n = ${source}.nulls;`);
  if (value.isNull === 'true') {
    w.line(`${p}n[${row}] = 1;`);
    return;
  }
  const store = storeCode(w, { source, prefix: p }, row, value, type);
  if (value.isNull === 'false') w.line(`${type.nullable ? `${p}n[${row}] = 0; ` : ''}${store}`);
  else w.line(`if (${value.isNull}) ${p}n[${row}] = 1; else { ${p}n[${row}] = 0; ${store} }`);
}

function writeNested(
  w: CodeWriter,
  { source, prefix: p }: CellSource,
  row: string,
  value: Value,
  type: DataType,
): void {
  w.hoist(`${p}x`, `const ${p}x = ${source};`);
  if (value.parts === undefined) {
    w.line(`if (${value.isNull}) rt.putNull(${p}x, ${row}); else ${storeNested(`${p}x`, row, value)}`);
    return;
  }
  w.line(`${p}x.nulls[${row}] = 0;`);
  const types = childTypes(type);
  value.parts.forEach((part, k) => {
    writeCell(w, { source: `${source}.children[${k}]`, prefix: `${p}_${k}` }, row, part, types[k]!);
  });
}

/** A statement that stores a nested value that is not null, its null mark included. */
export function storeNested(column: string, row: string, value: Value): string {
  return value.cell === undefined
    ? `rt.putValue(${column}, ${row}, ${value.code});`
    : `rt.copyCell(${value.cell.column}, ${value.cell.row}, ${column}, ${row});`;
}

/** Stores a decimal of 128 bits, by its number where it has one. */
function exactStore(w: CodeWriter, { source, prefix: p }: CellSource, row: string, value: Value): string {
  const store = `${p}h[${row}] = ${value.code} >> 64n; ${p}l[${row}] = ${value.code};`;
  const exact = value.exact?.();
  if (exact === undefined) return store;
  w.hoist(`${p}hw`, `const ${p}hw = rt.words(${source}.high), ${p}lw = rt.words(${source}.low);`);
  return `if (${exact} === ${exact}) rt.putExact(${p}hw, ${p}lw, ${row}, ${exact}); else { ${store} }`;
}

function storeCode(
  w: CodeWriter,
  { source, prefix: p }: CellSource,
  row: string,
  value: Value,
  type: DataType,
): string {
  switch (physicalTypeOf(type)) {
    case 'bytes': {
      if (value.range !== null && value.mark !== undefined) {
        // The same bytes as in the row written before are not copied again.
        w.hoist(`${p}c`, `const ${p}c = ${source};`);
        w.hoist(`${p}k`, `let ${p}k = NaN, ${p}r = 0;`);
        const again = `${p}c.offsets[${row}] = ${p}c.offsets[${p}r]; ${p}c.lengths[${row}] = ${p}c.lengths[${p}r];`;
        const anew = `putBytes(${p}c, ${row}, ${value.range}); ${p}k = ${value.mark}; ${p}r = ${row};`;
        return `if (${p}k === ${value.mark}) { ${again} } else { ${anew} }`;
      }
      if (value.range !== null) return `putBytes(${source}, ${row}, ${value.range});`;
      const binary = value.type.kind === 'BINARY' || value.type.kind === 'VARBINARY';
      return binary
        ? `putBytes(${source}, ${row}, ${value.code}, 0, ${value.code}.length);`
        : `putText(${source}, ${row}, ${value.code});`;
    }
    case 'decimal128':
      w.hoist(`${p}v`, `const ${p}h = ${source}.high, ${p}l = ${source}.low;`);
      return exactStore(w, { source, prefix: p }, row, value);
    case 'timestamp': {
      w.hoist(`${p}v`, `const ${p}m = ${source}.millis, ${p}s = ${source}.nanos;`);
      const nanos = isFine(type) ? ` ${p}s[${row}] = ${value.nanos};` : '';
      return `${p}m[${row}] = ${value.code};${nanos}`;
    }
    case 'bool':
      w.hoist(`${p}v`, `const ${p}v = ${source}.values;`);
      return `${p}v[${row}] = ${value.code} ? 1 : 0;`;
    default:
      w.hoist(`${p}v`, `const ${p}v = ${source}.values;`);
      return `${p}v[${row}] = ${value.code};`;
  }
}
