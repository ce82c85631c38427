import { type DataType, isNestedType } from '../../core/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import { call, coerce, STRING } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { isImplicitCast } from '../types/casts.ts';
import { isInteger, isString, simple, withNullable } from '../types/kinds.ts';
import { commonType } from '../types/merge.ts';
import { flinkType } from '../types/print.ts';
import { type BoundCall, cannotApply, type FunctionDefinition } from './definition.ts';

type ArrayType = DataType & { readonly kind: 'ARRAY' };
type MapType = DataType & { readonly kind: 'MAP' };

const anyNullable = (args: readonly Expression[]): boolean => args.some(arg => arg.type.nullable);

/** "Invalid function call:\nF(INT NOT NULL)". */
function invalidCall(bound: BoundCall): Error {
  const given = bound.args.map(arg => flinkType(arg.type)).join(', ');
  return sqlInvalid(bound.at, `Invalid function call:\n${bound.name}(${given})`);
}

function arrayOf(bound: BoundCall, index = 0): ArrayType {
  const type = bound.args[index]?.type;
  if (type?.kind !== 'ARRAY') throw invalidCall(bound);
  return type;
}

function mapOf(bound: BoundCall, index = 0): MapType {
  const type = bound.args[index]?.type;
  if (type?.kind !== 'MAP') throw invalidCall(bound);
  return type;
}

function checkCount(bound: BoundCall, min: number, max = min): void {
  if (bound.args.length < min || bound.args.length > max) throw invalidCall(bound);
}

/** The second argument as an element of the array; null may be one even where the array holds none. */
function elementOf(bound: BoundCall): Expression {
  const { element } = arrayOf(bound);
  const item = bound.args[1]!;
  if (!isImplicitCast(item.type, element)) throw invalidCall(bound);
  return coerce(item, element, bound.at);
}

const collection = (
  name: string,
  syntax: string,
  bind: FunctionDefinition['bind'],
  note = '',
): FunctionDefinition => ({ name, group: 'collection', syntax, note, bind });

const made = (bound: BoundCall, operands: readonly Expression[], type: DataType, nullable: boolean) =>
  call(bound.name, operands, withNullable(type, nullable), bound.at);

/** A function of one array that gives an array of the same type. */
const reordered = (name: string, note = '') =>
  collection(
    name,
    `${name}(array)`,
    bound => {
      checkCount(bound, 1);
      return made(bound, bound.args, arrayOf(bound), bound.args[0]!.type.nullable);
    },
    note,
  );

/** A function of an array and an element; `nullable`: of null elements the answer is null, too. */
const search = (name: string, result: (array: ArrayType) => DataType, nullable: 'array' | 'any', note = '') =>
  collection(
    name,
    `${name}(array, element)`,
    bound => {
      checkCount(bound, 2);
      const array = arrayOf(bound);
      const operands = [bound.args[0]!, elementOf(bound)];
      return made(
        bound,
        operands,
        result(array),
        nullable === 'any' ? anyNullable(bound.args) : array.nullable,
      );
    },
    note,
  );

const extended = (name: string) =>
  collection(name, `${name}(array, element)`, bound => {
    checkCount(bound, 2);
    const array = arrayOf(bound);
    const item = elementOf(bound);
    const element = withNullable(array.element, array.element.nullable || item.type.nullable);
    return made(bound, [bound.args[0]!, item], { ...array, element }, anyNullable(bound.args));
  });

/** A function of arrays, or maps, of one common type. */
const combined = (name: string, kind: 'ARRAY' | 'MAP', max: number, note = '') =>
  collection(
    name,
    max === 2 ? `${name}(${kind.toLowerCase()}, ${kind.toLowerCase()})` : `${name}(${kind.toLowerCase()}, …)`,
    bound => {
      checkCount(bound, max === 2 ? 2 : 1, max);
      const type = commonType(bound.args.map(arg => arg.type));
      if (type?.kind !== kind) throw invalidCall(bound);
      const operands = bound.args.map(arg => coerce(arg, type, bound.at));
      return made(bound, operands, type, anyNullable(bound.args));
    },
    note,
  );

const extreme = (name: string) =>
  collection(
    name,
    `${name}(array)`,
    bound => {
      checkCount(bound, 1);
      const { element } = arrayOf(bound);
      if (isNestedType(element)) throw invalidCall(bound);
      return made(bound, bound.args, element, true);
    },
    'Without the NULLs; NULL when nothing is left.',
  );

const isFlag = (arg: Expression | undefined) =>
  arg === undefined || arg.type.kind === 'BOOLEAN' || arg.type.kind === 'NULL';

function sort(bound: BoundCall): Expression {
  checkCount(bound, 1, 3);
  const array = arrayOf(bound);
  if (isNestedType(array.element) || !isFlag(bound.args[1]) || !isFlag(bound.args[2]))
    throw invalidCall(bound);
  return made(bound, bound.args, array, anyNullable(bound.args));
}

function slice(bound: BoundCall): Expression {
  checkCount(bound, 2, 3);
  const array = arrayOf(bound);
  if (!bound.args.slice(1).every(arg => isInteger(arg.type) || arg.type.kind === 'NULL'))
    throw invalidCall(bound);
  const operands = bound.args.map((arg, i) => (i === 0 ? arg : coerce(arg, simple('INT'), bound.at)));
  return made(bound, operands, array, anyNullable(bound.args));
}

const isText = (arg: Expression) => isString(arg.type) || arg.type.kind === 'NULL';

function join(bound: BoundCall): Expression {
  checkCount(bound, 2, 3);
  if (!isString(arrayOf(bound).element) || !bound.args.slice(1).every(isText)) throw invalidCall(bound);
  return made(bound, bound.args, STRING, anyNullable(bound.args));
}

function texts(bound: BoundCall, min: number, max: number, type: DataType, nullable: boolean): Expression {
  checkCount(bound, min, max);
  if (!bound.args.every(isText)) throw invalidCall(bound);
  const operands = bound.args.map(arg => coerce(arg, STRING, bound.at));
  return made(bound, operands, type, nullable);
}

function part(bound: BoundCall, result: (map: MapType) => DataType): Expression {
  checkCount(bound, 1);
  const map = mapOf(bound);
  return made(bound, bound.args, { kind: 'ARRAY', element: result(map), nullable: true }, map.nullable);
}

function entryOf({ key, value }: MapType): DataType {
  const fields = [
    { name: 'key', type: key },
    { name: 'value', type: value },
  ];
  return { kind: 'ROW', fields, nullable: true };
}

function mapFromArrays(bound: BoundCall): Expression {
  checkCount(bound, 2);
  const [key, value] = [arrayOf(bound, 0).element, arrayOf(bound, 1).element];
  return made(bound, bound.args, { kind: 'MAP', key, value, nullable: true }, anyNullable(bound.args));
}

function cardinality(bound: BoundCall): Expression {
  const [of] = bound.args;
  if (of === undefined || bound.args.length !== 1 || !isNestedType(of.type) || of.type.kind === 'ROW') {
    throw cannotApply(bound, ['<MULTISET>']);
  }
  return made(bound, [of], simple('INT'), of.type.nullable);
}

function onlyElement(bound: BoundCall): Expression {
  const [of] = bound.args;
  if ((of?.type.kind !== 'ARRAY' && of?.type.kind !== 'MULTISET') || bound.args.length !== 1) {
    throw cannotApply(bound, ['<MULTISET>']);
  }
  const { element, nullable } = of.type;
  return made(bound, [of], element, nullable || element.nullable);
}

const TEXTS: DataType = { kind: 'ARRAY', element: STRING, nullable: true };
const TEXT_MAP: DataType = { kind: 'MAP', key: STRING, value: STRING, nullable: true };

/** Functions over arrays and maps. */
export const COLLECTION_FUNCTIONS: readonly FunctionDefinition[] = [
  collection('CARDINALITY', 'CARDINALITY(array or map)', cardinality),
  collection(
    'ELEMENT',
    'ELEMENT(array)',
    onlyElement,
    'NULL of an empty array, an error of one with more than one element.',
  ),
  extended('ARRAY_APPEND'),
  combined('ARRAY_CONCAT', 'ARRAY', Number.POSITIVE_INFINITY),
  search('ARRAY_CONTAINS', () => simple('BOOLEAN'), 'array'),
  reordered('ARRAY_DISTINCT', 'In the order they first come.'),
  combined('ARRAY_EXCEPT', 'ARRAY', 2, 'Each element once.'),
  combined('ARRAY_INTERSECT', 'ARRAY', 2, 'Each element once.'),
  collection(
    'ARRAY_JOIN',
    'ARRAY_JOIN(array, delimiter [, for nulls])',
    join,
    'NULLs are left out otherwise.',
  ),
  extreme('ARRAY_MAX'),
  extreme('ARRAY_MIN'),
  search('ARRAY_POSITION', () => simple('INT'), 'any', 'From 1; 0 when it is not there.'),
  extended('ARRAY_PREPEND'),
  search('ARRAY_REMOVE', array => array, 'array'),
  reordered('ARRAY_REVERSE'),
  collection(
    'ARRAY_SLICE',
    'ARRAY_SLICE(array, start [, end])',
    slice,
    'Both from 1 and included, negative ones from the end.',
  ),
  collection('ARRAY_SORT', 'ARRAY_SORT(array [, ascending [, nulls first]])', sort),
  combined('ARRAY_UNION', 'ARRAY', 2, 'Each element once.'),
  collection('MAP_ENTRIES', 'MAP_ENTRIES(map)', bound => part(bound, entryOf)),
  collection('MAP_FROM_ARRAYS', 'MAP_FROM_ARRAYS(keys, values)', mapFromArrays),
  collection('MAP_KEYS', 'MAP_KEYS(map)', bound => part(bound, map => map.key)),
  combined('MAP_UNION', 'MAP', Number.POSITIVE_INFINITY, 'Values of later maps win.'),
  collection('MAP_VALUES', 'MAP_VALUES(map)', bound => part(bound, map => map.value)),
  collection('SPLIT', 'SPLIT(text, delimiter)', bound => texts(bound, 2, 2, TEXTS, anyNullable(bound.args))),
  collection(
    'STR_TO_MAP',
    'STR_TO_MAP(text [, between entries, between key and value])',
    bound => {
      if (bound.args.length === 2) throw invalidCall(bound);
      return texts(bound, 1, 3, TEXT_MAP, true);
    },
    'The delimiters are regular expressions of Java.',
  ),
];
