import { physicalTypeOf } from '../../core/mod.ts';
import { fromPlain, toPlain } from './cell.ts';
import { anyNull, type CodeWriter, nullValue, strict, type Value } from './code.ts';
import type { FunctionCompiler } from './functions.ts';

/** An operand as the runtime takes it: integers as numbers, all else as plain values. */
const argument = (v: Value): string => {
  if (v.isNull !== 'false') return toPlain(v);
  return physicalTypeOf(v.type) === 'timestamp' ? toPlain(v) : v.code;
};
const asInt = (v: Value): string => (physicalTypeOf(v.type) === 'i64' ? `Number(${v.code})` : v.code);

/** A function of the runtime; null when any operand is. */
const strictly =
  (name: string): FunctionCompiler =>
  (w, call, values) =>
    strict(w, call.type, values, `rt.${name}(${values.map(argument).join(', ')})`);

/** The same, where the second operand is an element that may well be null. */
const withElement =
  (name: string): FunctionCompiler =>
  (w, call, [list, item]) =>
    strict(w, call.type, [list!], `rt.${name}(${list!.code}, ${toPlain(item!)})`);

const extreme =
  (greatest: boolean): FunctionCompiler =>
  (w, call, [list]) => {
    if (list!.isNull === 'true') return nullValue(call.type);
    return fromPlain(w, call.type, `rt.arrayExtreme(${list!.code}, ${greatest})`, list!.isNull);
  };

const slice: FunctionCompiler = (w, call, [list, ...bounds]) =>
  strict(w, call.type, [list!, ...bounds], `rt.arraySlice(${[list!.code, ...bounds.map(asInt)].join(', ')})`);

/** STR_TO_MAP(text[, between entries[, between key and value]]). */
const strToMap: FunctionCompiler = (w, call, values) => {
  if (anyNull(values) === 'true') return nullValue(call.type);
  return strict(w, call.type, values, `rt.strToMap(${values.map(v => v.code).join(', ')})`);
};

const entries: FunctionCompiler = (w: CodeWriter, call, values) =>
  strict(w, call.type, values, values[0]!.code);

/** Functions over arrays and maps, computed on plain values. */
export const COLLECTION_FUNCTIONS: Readonly<Record<string, FunctionCompiler>> = {
  ARRAY_APPEND: withElement('arrayAppend'),
  ARRAY_CONCAT: strictly('arrayConcat'),
  ARRAY_CONTAINS: withElement('arrayContains'),
  ARRAY_DISTINCT: strictly('arrayDistinct'),
  ARRAY_EXCEPT: strictly('arrayExcept'),
  ARRAY_INTERSECT: strictly('arrayIntersect'),
  ARRAY_JOIN: strictly('arrayJoin'),
  ARRAY_MAX: extreme(true),
  ARRAY_MIN: extreme(false),
  ARRAY_POSITION: strictly('arrayPosition'),
  ARRAY_PREPEND: withElement('arrayPrepend'),
  ARRAY_REMOVE: withElement('arrayRemove'),
  ARRAY_REVERSE: strictly('arrayReverse'),
  ARRAY_SLICE: slice,
  ARRAY_SORT: strictly('arraySort'),
  ARRAY_UNION: strictly('arrayDistinct'),
  // A map's plain value is the list of its entries.
  MAP_ENTRIES: entries,
  MAP_FROM_ARRAYS: strictly('mapFromArrays'),
  MAP_KEYS: strictly('mapKeys'),
  MAP_UNION: strictly('mapUnion'),
  MAP_VALUES: strictly('mapValues'),
  SPLIT: strictly('split'),
  STR_TO_MAP: strToMap,
};
