import {
  block,
  br,
  br_if,
  type Code,
  clear,
  F64,
  get,
  give,
  I32,
  I64,
  i32,
  i32_add,
  i32_ge_s,
  i32_load,
  i32_ne,
  i32_shl,
  i32_store8,
  loop,
  set,
  when,
} from '../../../core/wasm/code.ts';
import { encodeModule } from '../../../core/wasm/module.ts';
import type { JsonOptions } from '../../options.ts';
import type { InnerObject, Layout } from '../generate.ts';
import { columnsBelow, nodesBelow, type ObjectNode, type ObjectTree } from '../object-tree.ts';
import { ENDS, FLAGS, STARTS } from './memory.ts';
import type { Places } from './places.ts';
import { BASE, END, GUESS_LOCALS, type Guess, I, I4, I8, LOCALS, literal, P, pass, TO } from './scan-code.ts';
import { isNull, skipCode, storeNull, valueCode } from './value-code.ts';

/** Thrown while generating: the layout has something that only the general code reads. */
class NotHere extends Error {}

/** What the code is made for. */
interface Target {
  readonly tree: ObjectTree;
  readonly places: Places;
  readonly options: JsonOptions;
  /** Types of the locals so far; places in the layout get more of them. */
  readonly locals: number[];
}

/**
 * A module whose `run` reads records of a learned layout into the columns of `places`, up to the first that
 * is different; undefined when the layout or a column's type asks for the general code. It takes what
 * `ReadRun` takes for the same layout, or less.
 */
export function generateKernel(
  tree: ObjectTree,
  places: Places,
  options: JsonOptions,
  layout: Layout,
): Uint8Array<ArrayBuffer> | undefined {
  try {
    const locals = [...LOCALS];
    const record = objectCode({ tree, places, options, locals }, tree.nodes[0]!, layout);
    return encodeModule({
      imports: [
        { name: 'isUtf8', signature: { parameters: [I32, I32], results: [I32] } },
        { name: 'dayMs', signature: { parameters: [I32], results: [F64] } },
      ],
      globals: tree.columns.flatMap(() => [I64, I64, F64]),
      signature: { parameters: [I32, I32, I32], results: [I32] },
      locals,
      body: runCode(places, record),
    });
  } catch (error) {
    if (error instanceof NotHere) return undefined;
    throw error;
  }
}

function runCode({ flags, columns, rows }: Places, record: Code): Code {
  const edge = (of: number): Code => i32_add(i32_load(get(I4), of), get(BASE));
  return [
    [...columns, ...rows].map(place => (place === undefined ? [] : clear(i32(place.nulls), get(TO)))),
    clear(i32(FLAGS), i32(flags)),
    block(
      'miss',
      loop(
        'records',
        when(i32_ge_s(get(I), get(TO)), give(get(TO))),
        set(I4, i32_shl(get(I), i32(2))),
        set(I8, i32_shl(get(I), i32(3))),
        set(P, edge(STARTS)),
        set(END, edge(ENDS)),
        record,
        br_if('miss', i32_ne(get(P), get(END))),
        set(I, i32_add(get(I), i32(1))),
        br('records'),
      ),
    ),
    get(I),
  ];
}

/** The object of a known layout whose first byte is at P. */
function objectCode(target: Target, node: ObjectNode | null, layout: Layout): Code {
  const { tree, places, options } = target;
  const parts = layout.slots.map(({ before, column, inner }): Code => {
    if (inner !== null) return [literal(before), innerCode(target, inner)];
    const guess = newGuess(target);
    if (column < 0) return [literal(before), skipCode(guess)];
    const { type } = tree.columns[column]!;
    const value = valueCode(places.columns[column]!, type, options.timestampStandard, column * 3, guess);
    if (value === undefined) throw new NotHere();
    return [literal(before), value];
  });
  return [parts, literal(layout.tail), absentCode(target, node, layout)];
}

/** Locals are numbered behind the parameters. */
function newGuess({ locals }: Target): Guess {
  const guess = P + locals.length;
  locals.push(...new Array<number>(GUESS_LOCALS).fill(I32));
  return guess;
}

/** Keys that the layout lacks are null, where that is allowed. */
function absentCode({ tree, places, options }: Target, node: ObjectNode | null, layout: Layout): Code {
  const columns = new Set(layout.slots.map(slot => slot.column));
  const objects = new Set(layout.slots.map(slot => slot.inner?.node));
  return (node?.keys ?? []).map((key): Code => {
    if (key.node === null ? columns.has(key.column) : objects.has(key.node)) return [];
    const isNullable =
      key.node === null ? tree.columns[key.column]!.type.nullable : (key.node.row?.type.nullable ?? true);
    if (!isNullable || options.failOnMissingField) throw new NotHere();
    if (key.node !== null) return nullObject(places, key.node);
    const place = places.columns[key.column]!;
    return [i32_store8(i32(place.flag), i32(1)), storeNull(place)];
  });
}

/** Record I has null for an object and all that is in it. */
function nullObject(places: Places, node: ObjectNode): Code {
  const rows = nodesBelow(node).flatMap(({ id }) => places.rows[id] ?? []);
  const columns = columnsBelow(node).map(k => places.columns[k]!);
  return [
    rows.map(({ flag, nulls }) => [i32_store8(i32(flag), i32(1)), i32_store8(get(I), i32(1), nulls)]),
    columns.map(place => [i32_store8(i32(place.flag), i32(1)), storeNull(place)]),
  ];
}

/** An object inside: null, or of its own layout. */
function innerCode(target: Target, { node, layout }: InnerObject): Code {
  if (layout === null && node === null) return skipCode(newGuess(target));
  const object = layout === null ? br('miss') : objectCode(target, node, layout);
  const isAllowed = node === null || (node.row?.type.nullable ?? true);
  const none = isAllowed ? [pass(4), node === null ? [] : nullObject(target.places, node)] : br('miss');
  return when(isNull, none, object);
}
