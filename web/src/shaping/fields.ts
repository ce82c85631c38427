import { ExactNumber, jsonOf, type Message } from './messages.ts';

/** A field that the values of some messages have. */
export interface Field {
  /** `payload.after.id`; `[]` stands for the elements of an array. */
  readonly path: string;
  readonly depth: number;
  readonly name: string;
  /** The types seen, most frequent first, with how often. */
  readonly types: readonly { readonly type: string; readonly count: number }[];
  /** In how many messages it is there at all, of those looked at. */
  readonly present: number;
  readonly example: string;
}

export interface FieldTree {
  readonly fields: readonly Field[];
  /** Messages looked at; those of them that are JSON. */
  readonly looked: number;
  readonly json: number;
}

interface Seen {
  readonly name: string;
  readonly depth: number;
  readonly types: Map<string, number>;
  readonly in: Set<number>;
  example: string | null;
}

const FIELDS_MAX = 500;
const ELEMENTS_MAX = 20;
const EXAMPLE_CHARS = 80;

/** Infers a tree of fields from the values of messages, in the order in which they come. */
export function inferFields(messages: readonly Message[]): FieldTree {
  const seen = new Map<string, Seen>();
  let json = 0;
  messages.forEach((message, index) => {
    const parsed = jsonOf(message.value);
    if (parsed === undefined) return;
    json++;
    note(seen, '', '(value)', 0, parsed.json, index);
  });
  const fields = [...seen].map(
    ([path, field]): Field => ({
      ...{ path, name: field.name, depth: field.depth, present: field.in.size, example: field.example ?? '' },
      types: Array.from(field.types, ([type, count]) => ({ type, count })).sort((a, b) => b.count - a.count),
    }),
  );
  return { fields: inTreeOrder(fields), looked: messages.length, json };
}

function note(
  seen: Map<string, Seen>,
  path: string,
  name: string,
  depth: number,
  value: unknown,
  index: number,
): void {
  let field = seen.get(path);
  if (field === undefined) {
    if (seen.size >= FIELDS_MAX) return;
    field = { name, depth, types: new Map(), in: new Set(), example: null };
    seen.set(path, field);
  }
  const type = typeOf(value);
  field.types.set(type, (field.types.get(type) ?? 0) + 1);
  field.in.add(index);
  if (type !== 'null' && type !== 'object' && type !== 'array')
    field.example ??= (value instanceof ExactNumber ? value.text : String(value)).slice(0, EXAMPLE_CHARS);
  if (Array.isArray(value)) {
    for (const each of value.slice(0, ELEMENTS_MAX)) note(seen, `${path}[]`, '[]', depth + 1, each, index);
  } else if (type === 'object') {
    for (const [key, each] of Object.entries(value as object))
      note(seen, path === '' ? key : `${path}.${key}`, key, depth + 1, each, index);
  }
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof ExactNumber) return 'integer';
  if (typeof value === 'object') return 'object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** Children stand under their parent, also those that only later messages had. */
function inTreeOrder(fields: readonly Field[]): Field[] {
  const childrenOf = new Map<string | null, Field[]>();
  for (const field of fields) {
    const parent = parentOf(field);
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), field]);
  }
  const ordered: Field[] = [];
  const add = (field: Field): void => {
    ordered.push(field);
    for (const child of childrenOf.get(field.path) ?? []) add(child);
  };
  const root = fields.find(field => field.path === '');
  if (root) add(root);
  return ordered;
}

/** The path of the field a field stands in; null for the root. */
function parentOf(field: Field): string | null {
  if (field.path === '') return null;
  if (field.path.endsWith('[]')) return field.path.slice(0, -2);
  return field.path.slice(0, Math.max(0, field.path.length - field.name.length - 1));
}
