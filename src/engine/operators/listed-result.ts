import {
  assert,
  type ColumnBuffer,
  copyCell,
  encodeUtf8,
  openList,
  putBytes,
  putNull,
  reserveBytes,
} from '../../core/mod.ts';
import type { AggregateCall } from '../../plan/mod.ts';
import { expressionFailed } from '../codegen/mod.ts';
import type { ValueCounts } from './value-counts.ts';
import type { ValueLists } from './value-lists.ts';

/** Writes what a group's listed values come to into row `row` of a column with room for it. */
export type ListedResult = (group: number, out: ColumnBuffer, row: number) => void;

/** The result of a call whose values are kept as lists. */
export function listedResult(call: AggregateCall, lists: ValueLists): ListedResult {
  switch (call.name) {
    case 'FIRST_VALUE':
      return (group, out, row) => putValueOf(lists, lists.first(group), out, row);
    case 'LAST_VALUE':
      return (group, out, row) => putValueOf(lists, lists.last(group), out, row);
    case 'SINGLE_VALUE':
      return (group, out, row) => {
        const id = lists.first(group);
        if (id !== 0 && lists.next[id] !== 0) {
          assert(call.at !== undefined, 'SINGLE_VALUE knows its place');
          throw expressionFailed(call.at, 'SingleValueAggFunction received more than one element.');
        }
        putValueOf(lists, id, out, row);
      };
    case 'LISTAGG':
      return joinedText(lists, call.separator ?? ',');
    default:
      return (group, out, row) => putArray(lists, group, out, row);
  }
}

function putValueOf(lists: ValueLists, id: number, out: ColumnBuffer, row: number): void {
  if (id === 0) putNull(out, row);
  else copyCell(lists.values, id, out, row);
}

function joinedText(lists: ValueLists, separator: string): ListedResult {
  const between = encodeUtf8(separator);
  return (group, out, row) => {
    const first = lists.first(group);
    const { values, next } = lists;
    if (first === 0 || out.physical !== 'bytes' || values.physical !== 'bytes') {
      putNull(out, row);
      return;
    }
    let length = 0;
    for (let id = first; id !== 0; id = next[id]!) {
      length += values.lengths[id]! + (id === first ? 0 : between.length);
    }
    reserveBytes(out, length);
    out.nulls[row] = 0;
    const start = out.used;
    for (let id = first; id !== 0; id = next[id]!) {
      if (id !== first) putBytes(out, row, between, 0, between.length);
      putBytes(out, row, values.data, values.offsets[id]!, values.lengths[id]!);
    }
    out.offsets[row] = start;
    out.lengths[row] = length;
  };
}

function putArray(lists: ValueLists, group: number, out: ColumnBuffer, row: number): void {
  const first = lists.first(group);
  if (first === 0 || out.physical !== 'list') {
    putNull(out, row);
    return;
  }
  let length = 0;
  for (let id = first; id !== 0; id = lists.next[id]!) length++;
  let at = openList(out, row, length);
  out.nulls[row] = 0;
  for (let id = first; id !== 0; id = lists.next[id]!) copyCell(lists.values, id, out.child, at++);
}

/** COLLECT: each value with how often it occurs; once each when DISTINCT. */
export function collectedResult(call: AggregateCall, values: ValueCounts): ListedResult {
  return (group, out, row) => {
    const ids: number[] = [];
    values.forEach(group, id => {
      if (values.counts[id]! > 0) ids.push(id);
    });
    if (out.physical !== 'map') return;
    let at = openList(out, row, ids.length);
    out.nulls[row] = 0;
    // New values stand first in their chain: give them in the order they came.
    for (const id of ids.reverse()) {
      copyCell(values.store.columns[1]!, id, out.keys, at);
      if (out.values.physical === 'i32') out.values.values[at] = call.distinct ? 1 : values.counts[id]!;
      out.values.nulls[at++] = 0;
    }
  };
}
