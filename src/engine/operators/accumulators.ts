import { type DataType, physicalTypeOf, type Schema } from '../../core/mod.ts';
import type { AggregateCall } from '../../plan/mod.ts';

/** A column of a group's row that an aggregate owns: where, and what code does with it. */
export interface Slot {
  readonly type: DataType;
  readonly index: number;
}

/** How one aggregate call is kept: `plain` by code over slots, `counted` by a ValueCounts beside. */
export interface Accumulator {
  readonly call: AggregateCall;
  readonly argumentType: DataType;
  /** Non-null values counted (retraction needs to know when none is left). */
  readonly count: Slot;
  /** Sum or extreme; null for COUNT. */
  readonly value: Slot | null;
  /** First of the chained values, for MIN and MAX over retractions and DISTINCT. */
  readonly head: Slot | null;
}

const COUNT_TYPE: DataType = { kind: 'DOUBLE', nullable: false };

/** A sum's type: integers of AVG sum as BIGINT, decimals with 38 digits. */
function sumType(call: AggregateCall, argument: DataType): DataType {
  if (argument.kind === 'DECIMAL') {
    return { kind: 'DECIMAL', precision: 38, scale: argument.scale, nullable: false };
  }
  if (argument.kind === 'FLOAT' || argument.kind === 'DOUBLE') return { kind: 'DOUBLE', nullable: false };
  if (call.name === 'AVG' || physicalTypeOf(argument) === 'i64') return { kind: 'BIGINT', nullable: false };
  return { ...argument, nullable: false } as DataType;
}

const isExtreme = (call: AggregateCall): boolean => call.name === 'MIN' || call.name === 'MAX';

/** True for calls kept by a ValueCounts. DISTINCT changes nothing for MIN and MAX. */
export function isCounted(call: AggregateCall, retracts: boolean): boolean {
  return isExtreme(call) ? retracts : call.distinct;
}

/** Lay out the accumulators behind the columns there already are. */
export function layOut(
  calls: readonly AggregateCall[],
  input: Schema,
  retracts: boolean,
  firstIndex: number,
): readonly Accumulator[] {
  let index = firstIndex;
  const slot = (type: DataType): Slot => ({ type, index: index++ });
  return calls.map(call => {
    const argumentType: DataType =
      call.argument === null ? { kind: 'BOOLEAN', nullable: false } : input.fields[call.argument]!.type;
    const count = slot(COUNT_TYPE);
    const nullableArgument = { ...argumentType, nullable: true } as DataType;
    const valueType = isExtreme(call) ? nullableArgument : sumType(call, argumentType);
    const value = call.name === 'COUNT' ? null : slot(valueType);
    const head = isCounted(call, retracts) ? slot({ kind: 'INT', nullable: false }) : null;
    return { call, argumentType, count, value, head };
  });
}

/** The slots of all accumulators, in order. */
export function slotsOf(accumulators: readonly Accumulator[]): readonly Slot[] {
  return accumulators.flatMap(a => [a.count, a.value, a.head].filter(s => s !== null));
}
