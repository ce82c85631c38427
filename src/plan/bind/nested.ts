import type { DataType } from '../../core/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import { call, coerce, literal } from '../build-expression.ts';
import type { Expression, LiteralValue, SourcePosition } from '../expression.ts';
import { isInteger, simple, withNullable } from '../types/kinds.ts';
import { commonType } from '../types/merge.ts';
import { calciteType } from '../types/print.ts';

/** `ROW(a, b)` and `(a, b)`: fields without names are EXPR$0, EXPR$1 … */
export function bindRow(items: readonly Expression[], at: SourcePosition): Expression {
  const fields = items.map((item, i) => ({ name: `EXPR$${i}`, type: item.type }));
  return call('ROW', items, { kind: 'ROW', fields, nullable: false }, at);
}

/** `ARRAY[a, b]`: elements take their common type. */
export function bindArray(items: readonly Expression[], at: SourcePosition): Expression {
  if (items.length === 0) throw sqlInvalid(at, 'Require at least 1 argument');
  const element = commonOf(items, at);
  const elements = items.map(item => coerce(item, element, at));
  return call('ARRAY', elements, { kind: 'ARRAY', element, nullable: false }, at);
}

/** `MAP[k, v, …]`: keys take their common type, and so do values. */
export function bindMap(items: readonly Expression[], at: SourcePosition): Expression {
  if (items.length === 0) throw sqlInvalid(at, 'Map requires at least 2 arguments');
  if (items.length % 2 === 1) throw sqlInvalid(at, 'Map requires an even number of arguments');
  const isKey = (_: Expression, i: number) => i % 2 === 0;
  const key = commonOf(items.filter(isKey), at);
  const value = commonOf(
    items.filter((_, i) => i % 2 === 1),
    at,
  );
  const entries = items.map((item, i) => coerce(item, i % 2 === 0 ? key : value, at));
  return call('MAP', entries, { kind: 'MAP', key, value, nullable: false }, at);
}

function commonOf(items: readonly Expression[], at: SourcePosition): DataType {
  const type = commonType(items.map(item => item.type));
  if (type === null || type.kind === 'NULL') throw sqlInvalid(at, 'Parameters must be of the same type');
  return type;
}

/** `array[i]`, counted from 1, and `map[key]`. */
export function bindItem(from: Expression, at: Expression, place: SourcePosition): Expression {
  const { type } = from;
  if (type.kind === 'ARRAY' && (isInteger(at.type) || at.type.kind === 'NULL')) {
    const index = at.kind === 'literal' && at.value !== null ? Number(at.value) : 1;
    if (index < 1) {
      throw sqlInvalid(place, `Array element access needs an index starting at 1 but was ${index}.`);
    }
    return call('ITEM', [from, coerce(at, simple('INT'), place)], withNullable(type.element, true), place);
  }
  if (type.kind === 'MAP' && commonType([type.key, at.type]) !== null) {
    return call('ITEM', [from, coerce(at, type.key, place)], withNullable(type.value, true), place);
  }
  const field = type.kind === 'ROW' && at.kind === 'literal' ? fieldAt(type, at.value) : undefined;
  if (field !== undefined) return bindField(from, field, place);
  throw sqlInvalid(
    place,
    `Cannot apply 'ITEM' to arguments of type 'ITEM(<${calciteType(type)}>, <${calciteType(at.type)}>)'. ` +
      'Supported form(s): <ARRAY>[<INTEGER>]\n<MAP>[<ANY>]\n<ROW>[<CHARACTER>|<INTEGER>]',
  );
}

/** The name of a field given by its place, from 1, or by the name itself. */
function fieldAt(type: DataType & { readonly kind: 'ROW' }, at: LiteralValue): string | undefined {
  if (typeof at === 'number') return type.fields[at - 1]?.name;
  return type.fields.find(field => field.name === at)?.name;
}

/** A field of a row; null where the row is. */
export function bindField(row: Expression, name: string, at: SourcePosition, missing?: string): Expression {
  if (row.type.kind !== 'ROW') {
    throw sqlInvalid(at, missing ?? `Column '${name}' not found: ${calciteType(row.type)} has no fields`);
  }
  const index = row.type.fields.findIndex(field => field.name === name);
  const field = row.type.fields[index];
  if (field === undefined) throw sqlInvalid(at, missing ?? `Column '${name}' not found in any table`);
  if (row.kind === 'call' && row.name === 'ROW') return row.operands[index]!;
  const type = withNullable(field.type, field.type.nullable || row.type.nullable);
  return call('FIELD', [row, literal(index, simple('INT', false))], type, at);
}
