import { compileFactory } from '../../core/compile-source.ts';
import { MISSING, NULL } from '../builders.ts';
import type { TimestampStandard } from '../text/timestamp.ts';
import { daysOf } from '../text/timestamp.ts';
import { columnsBelow, nodesBelow, type ObjectKey, type ObjectNode, type ObjectTree } from './object-tree.ts';
import { textEnd } from './scan.ts';
import { literalTest, NULL_WORD, SCAN_STRING, skipSnippet, valueSnippet } from './snippets.ts';

/**
 * What generated code calls when its own fast paths do not fit. Positions behind the value, or -1 with the
 * reason kept.
 */
export interface Callbacks {
  slow(column: number, at: number, end: number, row: number): number;
  skip(at: number, end: number): number;
  /**
   * The index in the object's keys of the key at `at` (with escapes or not ASCII); -1 for none, -2 when
   * malformed.
   */
  key(node: number, at: number, end: number): number;
  /** Behind the key that `key` has just read. */
  keyEnd(): number;
  /** Keep the reason and return -1. */
  fail(at: number, expected: string): number;
  /** Settle a column that is null or was not seen; false when that is not allowed. */
  absent(column: number, row: number, mark: number): boolean;
  /** The same for a whole object. */
  absentObject(node: number, row: number, mark: number): boolean;
  /** The value of an object's key is none, nor null: the position behind it, or -1. */
  notObject(node: number, at: number, end: number, row: number): number;
}

/** An object inside a record, by the layout it had when it was last seen as an object; null before that. */
export interface InnerObject {
  /** Null when nobody asked for anything in it. */
  readonly node: ObjectNode | null;
  readonly layout: Layout | null;
}
/** One value of a learned layout: the bytes before it and its column, -1 where nobody asked for it. */
export interface Slot {
  readonly before: Uint8Array;
  readonly column: number;
  readonly inner: InnerObject | null;
}
/** A layout as met in the data: keys in this order, with these separators. */
export interface Layout {
  readonly slots: readonly Slot[];
  readonly tail: Uint8Array;
}

/** Reads one object at `p` into row `r`; the position behind it, or -1. */
export type ReadObject = (
  u8: Uint8Array,
  dv: DataView,
  i32: Int32Array,
  p: number,
  end: number,
  r: number,
) => number;

/**
 * Reads records `from … to-1` into rows from `r` on, one row each, as long as they have the learned layout
 * exactly; returns the index of the first that has not. `rows[row]` becomes the record's index.
 */
export type ReadRun = (
  u8: Uint8Array,
  dv: DataView,
  i32: Int32Array,
  starts: Int32Array,
  ends: Int32Array,
  base: number,
  from: number,
  to: number,
  r: number,
  rows: Int32Array,
) => number;

const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);

/** The milliseconds of the day whose ten bytes are at `p`; NaN when they are no day. */
export function dayMs(u8: Uint8Array, p: number): number {
  const digit = (at: number): number => {
    const d = u8[p + at]! - 48;
    return d >= 0 && d <= 9 ? d : Number.NaN;
  };
  if (u8[p + 4] !== 45 || u8[p + 7] !== 45) return Number.NaN;
  const year = digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3);
  return daysOf(year, digit(5) * 10 + digit(6), digit(8) * 10 + digit(9)) * 86_400_000;
}

/** Declarations that every generated function shares. */
function prelude({ columns, nodes }: ObjectTree): string {
  const rows = nodes.map(({ row, id }) => (row === null ? '' : `const R${id}=R[${id}].nulls;`));
  const lines = columns.map(({ builder, type }, k) => {
    const arrays = [`n${k}=B[${k}].nulls`];
    if (!('children' in builder)) {
      if (builder.physical === 'bytes') arrays.push(`o${k}=B[${k}].offsets`, `l${k}=B[${k}].lengths`);
      if (builder.physical === 'bool') arrays.push(`v${k}=B[${k}].bytes`);
      if (builder.physical === 'i32') arrays.push(`v${k}=B[${k}].ints`);
      if (builder.physical === 'f64' || builder.physical === 'timestamp') arrays.push(`v${k}=B[${k}].floats`);
      if (builder.words.length > 0) arrays.push(`w${k}=B[${k}].words`);
      if (builder.nanos !== null) arrays.push(`m${k}=B[${k}].nanos`);
    }
    const cache = type.kind.startsWith('TIMESTAMP') ? `let ta${k}=0,tb${k}=0,tc${k}=0,day${k}=0;` : '';
    return `const ${arrays.join(',')};${cache}`;
  });
  return `'use strict';const {B,R,P,slow,skip,key,keyEnd,fail,absent,absentObject,notObject,textEnd,dayMs}=env;
${rows.join('')}${lines.join('\n')}\n`;
}

function compile<F>(tree: ObjectTree, callbacks: Callbacks, source: string): F {
  const B = tree.columns.map(c => c.builder);
  const R = tree.nodes.map(node => node.row?.builder ?? null);
  const env = { ...bound(callbacks), B, R, P: POWERS, textEnd, dayMs };
  return compileFactory<F>(['env'], `${prelude(tree)}${source}`)(env);
}

function bound(c: Callbacks): Callbacks {
  return {
    slow: (k, at, end, r) => c.slow(k, at, end, r),
    skip: (at, end) => c.skip(at, end),
    key: (node, at, end) => c.key(node, at, end),
    keyEnd: () => c.keyEnd(),
    fail: (at, expected) => c.fail(at, expected),
    absent: (k, r, mark) => c.absent(k, r, mark),
    absentObject: (node, r, mark) => c.absentObject(node, r, mark),
    notObject: (node, at, end, r) => c.notObject(node, at, end, r),
  };
}

const SPACE = 'while((c=u8[p])===32||c===10||c===13||c===9)p++;';

/** Code for any object: keys in any order, any white space, unknown, missing and null values. */
export function generateObjectReader(
  tree: ObjectTree,
  callbacks: Callbacks,
  standard: TimestampStandard,
): ReadObject {
  return compile(
    tree,
    callbacks,
    `return function readObject(u8,dv,i32,p,end,r){let c=0,hi=0;${SPACE}
if(p>=end||c!==123)return fail(p,'an object');
${objectCode(tree, tree.nodes[0]!, standard)}
return p}`,
  );
}

/** Statements that read the object whose brace is at `p`. */
function objectCode(tree: ObjectTree, node: ObjectNode, standard: TimestampStandard): string {
  const miss = 'return -1';
  const cases = node.keys.map((key, i) => {
    const value =
      key.node === null
        ? valueSnippet(key.column, tree.columns[key.column]!.type, standard, miss)
        : innerCode(tree, key.node, standard);
    return `case ${i}:${value}break;`;
  });
  const mark = (key: ObjectKey) => (key.node === null ? `n${key.column}[r]` : `s${key.node.id}`);
  const settle = node.keys.map(key =>
    key.node === null
      ? `if(n${key.column}[r]!==0&&!absent(${key.column},r,n${key.column}[r]))return -1;`
      : `if(s${key.node.id}!==0&&!absentObject(${key.node.id},r,s${key.node.id}))return -1;`,
  );
  return `{p++;${node.keys.map(key => `${key.node === null ? '' : 'let '}${mark(key)}=${MISSING};`).join('')}${SPACE}
if(c===125)p++;else for(;;){
if(c!==34)return fail(p,'a key in quotes');
const k0=++p;${SCAN_STRING}let id=-1;
if(c===34&&(hi&0x80808080)===0){const e=p;p=k0;switch(e-k0){${keySwitch(node.keys)}}p=e+1}
else{id=key(${node.id},k0-1,end);if(id===-2)return -1;p=keyEnd()}
${SPACE}if(c!==58)return fail(p,'\`:\`');p++;${SPACE}
switch(id){
${cases.join('\n')}
default:${skipSnippet(miss)}}
if(p>end)return fail(end,'\`}\`');
${SPACE}if(c===44){p++;${SPACE}continue}
if(c===125){p++;break}
return fail(p,'\`,\` or \`}\`')}
if(p>end)return fail(end,'\`}\`');
${settle.join('\n')}}`;
}

/** Statements for the value of an object's key in any record; `s3` is what became of object 3. */
function innerCode(tree: ObjectTree, node: ObjectNode, standard: TimestampStandard): string {
  const s = `s${node.id}`;
  return `if(u8[p]===110&&dv.getInt32(p,true)===${NULL_WORD}){p+=4;${s}=${NULL}}
else if(u8[p]!==123){p=notObject(${node.id},p,end,r);if(p<0)return -1;${s}=${NULL}}
else{${s}=0;${node.row === null ? '' : `R${node.id}[r]=0;`}${objectCode(tree, node, standard)}}`;
}

/** By length, then by bytes. Names that are not ASCII are left to `key`. */
function keySwitch(keys: readonly ObjectKey[]): string {
  const byLength = new Map<number, string[]>();
  keys.forEach(({ name }, i) => {
    const bytes = new TextEncoder().encode(name);
    const tests = byLength.get(bytes.length) ?? [];
    tests.push(`if(${literalTest(bytes)})id=${i};`);
    byLength.set(bytes.length, tests);
  });
  return [...byLength].map(([length, tests]) => `case ${length}:${tests.join('else ')}break;`).join('\n');
}

/** The statements for one object of a known layout; `miss` leaves. */
function layoutBody(
  tree: ObjectTree,
  node: ObjectNode | null,
  layout: Layout,
  standard: TimestampStandard,
  miss: string,
  depth = 0,
): string {
  const parts = layout.slots.map(({ before, column, inner }) => {
    const value =
      inner !== null
        ? innerLayout(tree, inner, standard, miss, depth + 1)
        : column < 0
          ? skipSnippet(miss)
          : valueSnippet(column, tree.columns[column]!.type, standard, miss);
    return `if(!(${literalTest(before)}))${miss};p+=${before.length};\n${value}`;
  });
  const seen = new Set(layout.slots.map(s => s.column));
  const objects = new Set(layout.slots.map(s => s.inner?.node));
  const absent = (node?.keys ?? []).map(key => {
    if (key.node === null)
      return seen.has(key.column) ? '' : `if(!absent(${key.column},r,${MISSING}))${miss};`;
    return objects.has(key.node) ? '' : `if(!absentObject(${key.node.id},r,${MISSING}))${miss};`;
  });
  return `${parts.join('\n')}
if(!(${literalTest(layout.tail)}))${miss};p+=${layout.tail.length};${absent.join('')}`;
}

/**
 * An object inside: null, or of its own layout. One that nobody asked for may have any other layout, too.
 */
function innerLayout(
  tree: ObjectTree,
  { node, layout }: InnerObject,
  standard: TimestampStandard,
  miss: string,
  depth: number,
): string {
  if (node === null) {
    if (layout === null) return skipSnippet(miss);
    const body = layoutBody(tree, null, layout, standard, `break other${depth}`, depth);
    return `if(dv.getInt32(p,true)===${NULL_WORD})p+=4;else{const s1=p;let ok=false;
other${depth}:{${body}ok=true}if(!ok){p=skip(s1,end);if(p<0)${miss}}}`;
  }
  const nulls = [
    ...nodesBelow(node).flatMap(n =>
      n.row === null ? [] : [`R${n.id}[r]=${NULL};R[${n.id}].hasNulls=true;`],
    ),
    ...columnsBelow(node).map(k => `n${k}[r]=${NULL};B[${k}].hasNulls=true;`),
  ];
  const isNull = node.row?.type.nullable === false ? `${miss};` : `p+=4;${nulls.join('')}`;
  const body = layout === null ? `${miss};` : layoutBody(tree, node, layout, standard, miss, depth);
  return `if(dv.getInt32(p,true)===${NULL_WORD}){${isNull}}
else{${node.row === null ? '' : `R${node.id}[r]=0;`}${body}}`;
}

/** Code for a run of records that all have one layout. */
export function generateRunReader(
  tree: ObjectTree,
  callbacks: Callbacks,
  standard: TimestampStandard,
  layout: Layout,
): ReadRun {
  return compile(
    tree,
    callbacks,
    `return function readRun(u8,dv,i32,starts,ends,base,from,to,r,rows){let c=0,hi=0;
for(let i=from;i<to;i++){let p=starts[i]+base;const end=ends[i]+base;
${layoutBody(tree, tree.nodes[0]!, layout, standard, 'return i')}
if(p!==end)return i;rows[r++]=i}
return to}`,
  );
}

/** Code for one object of a known layout; -1 where it has another one. */
export function generateLayoutReader(
  tree: ObjectTree,
  callbacks: Callbacks,
  standard: TimestampStandard,
  layout: Layout,
): ReadObject {
  return compile(
    tree,
    callbacks,
    `return function readLayout(u8,dv,i32,p,end,r){let c=0,hi=0;
${layoutBody(tree, tree.nodes[0]!, layout, standard, 'return -1')}
return p<=end?p:-1}`,
  );
}
