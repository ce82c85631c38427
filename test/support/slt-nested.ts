import { assert, childTypes, type DataType, type Field, type RowValue } from '../../src/core/mod.ts';

type Parse = (text: string, type: DataType) => RowValue;
type Print = (value: RowValue, type: DataType) => string;

/** `[1, 2]`, `{a=1, b=NULL}` and `(1, x)` as Flink prints them. */
export function parseNested(text: string, type: DataType, parse: Parse): RowValue {
  const types = childTypes(type);
  const items = partsOf(text.slice(1, -1));
  if (type.kind === 'ARRAY') return items.map(item => parse(item, types[0]!));
  if (type.kind === 'ROW') return items.map((item, i) => parse(item, types[i]!));
  return items.map(item => {
    const at = item.indexOf('=');
    return [parse(item.slice(0, at), types[0]!), parse(item.slice(at + 1), types[1]!)];
  });
}

function partsOf(text: string): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    if ('([{'.includes(text[i]!)) depth++;
    if (')]}'.includes(text[i]!)) depth--;
    if (depth > 0 || text[i] !== ',') continue;
    parts.push(text.slice(from, i).trim());
    from = i + 1;
  }
  if (text.trim() !== '') parts.push(text.slice(from).trim());
  return parts;
}

export function printNested(value: RowValue, type: DataType, print: Print): string {
  const types = childTypes(type);
  const items = value as readonly RowValue[];
  if (type.kind === 'ARRAY') return `[${items.map(item => print(item, types[0]!)).join(', ')}]`;
  if (type.kind === 'ROW') return `(${items.map((item, i) => print(item, types[i]!)).join(', ')})`;
  const entries = (items as readonly (readonly RowValue[])[]).map(
    ([key, held]) => `${print(key!, types[0]!)}=${print(held!, types[1]!)}`,
  );
  return `{${entries.join(', ')}}`;
}

/** What a scan reads: a column of the record, or a field inside a row of it. */
export function scanned(field: Field, stored: readonly Field[], values: readonly RowValue[]): RowValue {
  const [name, ...inner] = field.path ?? [field.name];
  const at = stored.findIndex(f => f.name === name);
  let value: RowValue = values[at]!;
  let { type } = stored[at]!;
  for (const step of inner) {
    assert(type.kind === 'ROW', `a field of a row: ${step}`);
    const index = type.fields.findIndex(f => f.name === step);
    value = value === null ? null : (value as readonly RowValue[])[index]!;
    type = type.fields[index]!.type;
  }
  return value;
}
