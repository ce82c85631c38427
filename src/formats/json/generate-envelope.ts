import { compileFactory } from '../../core/compile-source.ts';
import { RowKind } from '../../core/row-kind.ts';
import type { Layout } from './generate.ts';
import { textEnd } from './scan.ts';
import { literalTest, NULL_WORD, skipSnippet } from './snippets.ts';

/** In place of columns, in the layout of an envelope. */
export const BEFORE = -2;
export const AFTER = -3;
export const OP = -4;

export interface EnvelopeCallbacks {
  skip(at: number, end: number): number;
  /** Read the row image at `at` into row `row`; the position behind it, or -1. */
  image(at: number, end: number, row: number): number;
  /** Row kinds, by row. */
  readonly kinds: Uint8Array;
}

/**
 * Reads the record [p, end) into rows from `r` on when it has the layout, and its images go with its `op`;
 * returns how many rows there are, or -1 for all else.
 */
export type ReadEnvelope = (
  u8: Uint8Array,
  dv: DataView,
  i32: Int32Array,
  p: number,
  end: number,
  r: number,
) => number;

/** An image: `flag` becomes whether there is one; rows are counted in `n`. */
const image = (flag: string): string =>
  `if(dv.getInt32(p,true)===${NULL_WORD})p+=4;else{p=image(p,end,r+n);if(p<0)return -1;n++;${flag}=true}`;

function valueCode(column: number): string {
  if (column === BEFORE) return image('before');
  if (column === AFTER) return image('after');
  if (column === OP) return 'if(u8[p]!==34||u8[p+2]!==34)return -1;op=u8[p+1];p+=3;';
  return skipSnippet('return -1');
}

/** Code for envelopes of one layout (keys of the envelope and of `source` in this order). */
export function generateEnvelopeReader(layout: Layout, callbacks: EnvelopeCallbacks): ReadEnvelope {
  const parts = layout.slots.map(
    ({ before, column }) =>
      `if(!(${literalTest(before)}))return -1;p+=${before.length};\n${valueCode(column)}`,
  );
  const body = `'use strict';const {skip,image,kinds,textEnd}=env;
return function readEnvelope(u8,dv,i32,p,end,r){let c=0,hi=0,n=0,op=0,before=false,after=false;
${parts.join('\n')}
if(!(${literalTest(layout.tail)}))return -1;p+=${layout.tail.length};
if(p!==end)return -1;
if((op===99||op===114)&&after&&!before){kinds[r]=${RowKind.insert};return 1}
if(op===117&&after&&before){kinds[r]=${RowKind.updateBefore};kinds[r+1]=${RowKind.updateAfter};return 2}
if(op===100&&before&&!after){kinds[r]=${RowKind.delete};return 1}
return -1}`;
  const env = {
    skip: (at: number, end: number) => callbacks.skip(at, end),
    image: (at: number, end: number, row: number) => callbacks.image(at, end, row),
    kinds: callbacks.kinds,
    textEnd,
  };
  return compileFactory<ReadEnvelope>(['env'], body)(env);
}
