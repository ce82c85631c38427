import { type DataType, physicalTypeOf, type Schema } from '../../core/mod.ts';
import type { AggregateCall } from '../../plan/mod.ts';

/** A column of a group's row that an aggregate owns: where, and what code does with it. */
export interface Slot {
  readonly type: DataType;
  readonly index: number;
}

/**
 * How a call is kept. plain: by code over slots. distinct: likewise, for values that come to a group for the
 * first time. extreme: by how often each value occurs. collected: likewise, all of them being the result.
 * listed: by the values in the order they came.
 */
export type Storage = 'plain' | 'distinct' | 'extreme' | 'collected' | 'listed';

/** How one aggregate call is kept. */
export interface Accumulator {
  readonly call: AggregateCall;
  readonly storage: Storage;
  readonly argumentType: DataType;
  /** Non-null values counted (retraction needs to know when none is left). */
  readonly count: Slot;
  /** False where another call, or the group itself, counts the same rows in the same slot. */
  readonly counts: boolean;
  /** Sum or extreme; null for COUNT and what is kept elsewhere. */
  readonly value: Slot | null;
  /** First of the chained values. */
  readonly head: Slot | null;
  /** First and last of the listed values. */
  readonly list: { readonly first: Slot; readonly last: Slot } | null;
}

const COUNT_TYPE: DataType = { kind: 'DOUBLE', nullable: false };
const INT: DataType = { kind: 'INT', nullable: false };

/** A sum's type: integers of AVG sum as BIGINT, decimals with 38 digits. */
function sumType(call: AggregateCall, argument: DataType): DataType {
  if (argument.kind === 'DECIMAL') {
    return { kind: 'DECIMAL', precision: 38, scale: argument.scale, nullable: false };
  }
  if (argument.kind === 'FLOAT' || argument.kind === 'DOUBLE') return { kind: 'DOUBLE', nullable: false };
  if (call.name === 'AVG' || physicalTypeOf(argument) === 'i64') return { kind: 'BIGINT', nullable: false };
  return { ...argument, nullable: false } as DataType;
}

/**
 * How a call is kept over rows that may (`retracts`) be taken back. DISTINCT changes nothing for MIN and
 * MAX.
 */
export function storageOf(call: AggregateCall, retracts: boolean): Storage {
  switch (call.name) {
    case 'MIN':
    case 'MAX':
      return retracts ? 'extreme' : 'plain';
    case 'FIRST_VALUE':
    case 'LAST_VALUE':
      return retracts || call.distinct ? 'listed' : 'plain';
    case 'SINGLE_VALUE':
    case 'LISTAGG':
    case 'ARRAY_AGG':
      return 'listed';
    case 'COLLECT':
      return 'collected';
    default:
      return call.distinct ? 'distinct' : 'plain';
  }
}

/** A slot for one value of the argument, NULL as long as there is none. */
const HOLDERS: ReadonlySet<string> = new Set(['MIN', 'MAX', 'FIRST_VALUE', 'LAST_VALUE']);

function valueTypeOf(call: AggregateCall, storage: Storage, argument: DataType): DataType | null {
  if (call.name === 'COUNT' || storage === 'listed' || storage === 'collected') return null;
  return HOLDERS.has(call.name) ? ({ ...argument, nullable: true } as DataType) : sumType(call, argument);
}

/** Lay out the accumulators behind column `rows`, which counts the rows of a group. */
export function layOut(
  calls: readonly AggregateCall[],
  input: Schema,
  retracts: boolean,
  rows: number,
): readonly Accumulator[] {
  let index = rows + 1;
  const slot = (type: DataType): Slot => ({ type, index: index++ });
  const distinctHeads = new Map<number, Slot>();
  /** By what plain calls count: what is counted alike is counted once. */
  const known = new Map<string, Slot>([[ALL_ROWS, { type: COUNT_TYPE, index: rows }]]);
  const countOf = (call: AggregateCall, storage: Storage): { count: Slot; counts: boolean } => {
    if (storage !== 'plain') return { count: slot(COUNT_TYPE), counts: true };
    const counted = countedBy(call, input);
    const shared = known.get(counted);
    if (shared !== undefined) return { count: shared, counts: false };
    const count = slot(COUNT_TYPE);
    known.set(counted, count);
    return { count, counts: true };
  };
  return calls.map(call => {
    const argumentType: DataType =
      call.argument === null ? { kind: 'BOOLEAN', nullable: false } : input.fields[call.argument]!.type;
    const storage = storageOf(call, retracts);
    const { count, counts } = countOf(call, storage);
    const valueType = valueTypeOf(call, storage, argumentType);
    const value = valueType === null ? null : slot(valueType);
    const isListed = storage === 'listed';
    let head: Slot | null = null;
    if (storage === 'distinct') {
      // All DISTINCT calls on one argument share its values.
      head = distinctHeads.get(call.argument!) ?? slot(INT);
      distinctHeads.set(call.argument!, head);
    } else if (storage !== 'plain' && (!isListed || call.distinct)) head = slot(INT);
    const list = isListed ? { first: slot(INT), last: slot(INT) } : null;
    return { call, storage, argumentType, count, counts, value, head, list };
  });
}

const ALL_ROWS = '';

/**
 * Which rows of a group a plain call counts. One that holds a value needs no count: the value is NULL or
 * not.
 */
function countedBy({ name, argument, filter }: AggregateCall, input: Schema): string {
  if (HOLDERS.has(name)) return ALL_ROWS;
  const nullable = argument !== null && input.fields[argument]!.type.nullable;
  return filter === null && !nullable ? ALL_ROWS : `${nullable ? argument : ''}|${filter ?? ''}`;
}

/** The slots of all accumulators, in order. */
export function slotsOf(accumulators: readonly Accumulator[]): readonly Slot[] {
  const all = accumulators.flatMap(a =>
    [a.counts ? a.count : null, a.value, a.head, a.list?.first ?? null, a.list?.last ?? null].filter(
      s => s !== null,
    ),
  );
  return [...new Map(all.map(slot => [slot.index, slot])).values()].sort((a, b) => a.index - b.index);
}
