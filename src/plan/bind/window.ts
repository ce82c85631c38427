import type { FunctionCall, Position, SqlExpression } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import type { LogicalField, LogicalNode } from '../logical.ts';
import { timestamp } from '../types/kinds.ts';
import { flinkType } from '../types/print.ts';
import { bindFrom, type QueryContext } from './from.ts';
import { bindInterval } from './interval.ts';

const UNSUPPORTED_WINDOWS = ['HOP', 'CUMULATE', 'SESSION'];
const PARAMETERS = ['DATA', 'TIMECOL', 'SIZE', 'OFFSET'];

/** Binds `TABLE(TUMBLE(TABLE t, DESCRIPTOR(c), size [, offset]))`, arguments by place or by name. */
export function bindWindowFunction(call: FunctionCall, context: QueryContext): LogicalNode {
  const name = call.name.parts.join('.').toUpperCase();
  if (UNSUPPORTED_WINDOWS.includes(name)) throw sqlUnsupported(call.at, `the window function ${name}`);
  if (name !== 'TUMBLE') throw sqlInvalid(call.at, `No match found for function signature ${name}`);
  const args = byName(call);
  const input = bindData(args.get('DATA'), call.at, context);
  const rowtime = timeColumn(args.get('TIMECOL'), input, call.at);
  const size = milliseconds(args.get('SIZE'), 'size', call.at);
  const offset = args.has('OFFSET') ? milliseconds(args.get('OFFSET'), 'offset', call.at) : 0;
  return tumble(input, rowtime, size, offset, call.at);
}

/** The window node over a rowtime column. */
export function tumble(
  input: LogicalNode,
  rowtime: number,
  sizeMs: number,
  offsetMs: number,
  at: Position,
): LogicalNode {
  if (sizeMs <= 0)
    throw sqlInvalid(at, `TUMBLE table function requires a positive size, but got ${sizeMs} ms`);
  const timeType = input.fields[rowtime]!.type;
  const added: readonly LogicalField[] = [
    { name: 'window_start', type: timestamp(3, false), time: null },
    { name: 'window_end', type: timestamp(3, false), time: null },
    {
      name: 'window_time',
      type: { kind: timeType.kind as 'TIMESTAMP', precision: 3, nullable: false },
      time: 'rowtime',
    },
  ];
  const kept = input.fields.map((f, i) => (i === rowtime ? { ...f, time: null } : f));
  return { kind: 'window', input, rowtime, sizeMs, offsetMs, at, fields: [...kept, ...added] };
}

function byName(call: FunctionCall): ReadonlyMap<string, SqlExpression> {
  const args = new Map<string, SqlExpression>();
  for (const [i, arg] of call.args.entries()) {
    const named = arg.kind === 'named';
    const name = named ? arg.name.toUpperCase() : PARAMETERS[i];
    if (name === undefined || !PARAMETERS.includes(name)) {
      throw sqlInvalid(arg.at, `TUMBLE takes ${PARAMETERS.join(', ')}; found ${name ?? `argument ${i + 1}`}`);
    }
    if (args.has(name)) throw sqlInvalid(arg.at, `Duplicate argument name '${name}'`);
    args.set(name, named ? arg.value : arg);
  }
  return args;
}

function bindData(arg: SqlExpression | undefined, at: Position, context: QueryContext): LogicalNode {
  if (arg?.kind !== 'tableArgument')
    throw sqlInvalid(arg?.at ?? at, 'TUMBLE expects TABLE t as its first argument');
  if (arg.partitionBy.length > 0) throw sqlUnsupported(arg.at, 'PARTITION BY in a window function');
  if ('kind' in arg.table) return context.bindQuery(arg.table, context);
  return bindFrom({ kind: 'table', name: arg.table, hints: [], asOf: null, alias: null, at: arg.at }, context)
    .node;
}

function timeColumn(arg: SqlExpression | undefined, input: LogicalNode, at: Position): number {
  if (arg?.kind !== 'descriptor' || arg.columns.length !== 1) {
    throw sqlInvalid(arg?.at ?? at, 'TUMBLE expects DESCRIPTOR(time column) as its second argument');
  }
  const name = arg.columns[0]!;
  const index = input.fields.findIndex(f => f.name === name);
  if (index < 0) throw sqlInvalid(arg.at, `Unknown identifier '${name}'`);
  requireRowtime(input.fields[index]!, arg.at);
  return index;
}

/** Windows need an event time, in Flink's words. */
export function requireRowtime(field: LogicalField, at: Position): void {
  if (field.time === 'rowtime') return;
  if (field.time === 'proctime') throw sqlUnsupported(at, 'a processing-time window');
  throw sqlInvalid(
    at,
    `The window function requires the timecol is a time attribute type, but is ${flinkType(field.type)}.`,
  );
}

/** A day-time interval literal in milliseconds. */
export function milliseconds(arg: SqlExpression | undefined, what: string, at: Position): number {
  if (arg?.kind !== 'interval')
    throw sqlInvalid(arg?.at ?? at, `TUMBLE expects the ${what} as an interval, e.g. INTERVAL '1' MINUTE`);
  const interval = bindInterval(arg);
  if (interval.kind !== 'literal' || interval.type.kind !== 'INTERVAL_DAY_TIME') {
    throw sqlInvalid(arg.at, 'Window aggregate only support SECOND, MINUTE, HOUR, DAY as the time unit.');
  }
  return Number(interval.value);
}
