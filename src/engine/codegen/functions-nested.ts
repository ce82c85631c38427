import { childTypes, type DataType, MillraceError, physicalTypeOf, rowValue } from '../../core/mod.ts';
import { fromPlain, readCell, readField, rowOf, toPlain } from './cell.ts';
import { anyNull, type CodeWriter, nullValue, strict, type Value } from './code.ts';
import type { FunctionCompiler } from './functions.ts';

/** A number of any integer type as a JavaScript number. */
const asNumber = (v: Value): string => (physicalTypeOf(v.type) === 'i64' ? `Number(${v.code})` : v.code);

const field: FunctionCompiler = (w, call, values) =>
  readField(w, values[0]!, Number(values[1]!.literal), call.type);

/** `array[i]` counts from 1; beyond the end it is null. `map[key]` is null for a key that is not there. */
const item: FunctionCompiler = (w, call, values) => {
  const [from, at] = values as [Value, Value];
  if (from.isNull === 'true' || at.isNull === 'true') return nullValue(call.type);
  return from.type.kind === 'ARRAY' ? element(w, from, at, call.type) : entry(w, from, at, call.type);
};

function element(w: CodeWriter, array: Value, at: Value, type: DataType): Value {
  const absent = anyNull([array, at]);
  const i = w.name('i');
  if (array.cell === undefined) {
    w.line(`const ${i} = ${absent} ? -1 : ${asNumber(at)} - 1;`);
    return fromPlain(w, type, `(${array.code}[${i}] ?? null)`, absent);
  }
  const { column, row, prefix } = array.cell;
  w.line(`let ${i} = ${absent} ? -1 : ${asNumber(at)} - 1;`);
  w.line(`if (${i} >= 0) ${i} = ${i} < ${column}.lengths[${row}] ? ${column}.offsets[${row}] + ${i} : -1;`);
  return readCell(w, { source: `${column}.child`, prefix: `${prefix}e` }, i, type, `${i} < 0`);
}

function entry(w: CodeWriter, map: Value, key: Value, type: DataType): Value {
  const [keyType] = childTypes(map.type);
  const absent = anyNull([map, key]);
  if (map.cell === undefined) return fromPlain(w, type, `rt.lookUp(${map.code}, ${toPlain(key)})`, absent);
  const { column, row, prefix } = map.cell;
  const read = w.constant((keys: Parameters<typeof rowValue>[0], i: number) => rowValue(keys, i, keyType!));
  const i = w.name('i');
  w.line(`const ${i} = ${absent} ? -1 : rt.entryOf(${column}, ${row}, ${toPlain(key)}, ${read});`);
  return readCell(w, { source: `${column}.values`, prefix: `${prefix}w` }, i, type, `${i} < 0`);
}

const cardinality: FunctionCompiler = (w, call, values) => {
  const [v] = values as [Value];
  const code = v.cell === undefined ? `${v.code}.length` : `${v.cell.column}.lengths[${v.cell.row}]`;
  return strict(w, call.type, values, code);
};

/** The only element of an array; null of an empty one. */
const onlyElement: FunctionCompiler = (w, call, values) => {
  const [array] = values as [Value];
  if (array.isNull === 'true') return nullValue(call.type);
  const error = () =>
    new MillraceError('EXPRESSION_FAILED', 'Array has more than one element.', { position: call.at });
  const t = w.name('t');
  const list = array.type.kind === 'MULTISET' ? `rt.elementsOf(${array.code})` : array.code;
  w.line(`const ${t} = ${array.isNull} ? null : ${list};`);
  w.line(`if (${t} !== null && ${t}.length > 1) rt.fail(${w.constant(error)});`);
  return { ...fromPlain(w, call.type, `(${t}[0] ?? null)`, `${t} === null`), type: call.type };
};

/** Constructors and access of rows, arrays and maps. */
export const NESTED_FUNCTIONS: Readonly<Record<string, FunctionCompiler>> = {
  FIELD: field,
  ITEM: item,
  CARDINALITY: cardinality,
  ELEMENT: onlyElement,
  ROW: (_w, call, values) => rowOf(call.type, values),
  ARRAY: (_w, call, values) => ({
    type: call.type,
    code: `[${values.map(toPlain).join(', ')}]`,
    isNull: 'false',
    nanos: '0',
    range: null,
  }),
  MAP: (w, call, values) => strict(w, call.type, [], `rt.mapOf([${values.map(toPlain).join(', ')}])`),
};
