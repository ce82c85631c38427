import type { FunctionCall, Position, SqlExpression } from '../../sql/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import type { LogicalField, LogicalNode, WindowNode } from '../logical.ts';
import { timestamp } from '../types/kinds.ts';
import { flinkType } from '../types/print.ts';
import type { WindowSpec } from '../window-spec.ts';
import { bindFrom, type QueryContext } from './from.ts';
import { bindInterval } from './interval.ts';

/** The arguments of each window function, in their order. */
const PARAMETERS: Readonly<Record<WindowSpec['kind'], readonly string[]>> = {
  TUMBLE: ['DATA', 'TIMECOL', 'SIZE', 'OFFSET'],
  HOP: ['DATA', 'TIMECOL', 'SLIDE', 'SIZE', 'OFFSET'],
  CUMULATE: ['DATA', 'TIMECOL', 'STEP', 'SIZE', 'OFFSET'],
  SESSION: ['DATA', 'TIMECOL', 'GAP'],
};

type Arguments = ReadonlyMap<string, SqlExpression>;

/** Binds `TABLE(TUMBLE(TABLE t, DESCRIPTOR(c), size [, offset]))` and its like, arguments by place or by name. */
export function bindWindowFunction(call: FunctionCall, context: QueryContext): LogicalNode {
  const name = call.name.parts.join('.').toUpperCase();
  if (!Object.hasOwn(PARAMETERS, name))
    throw sqlInvalid(call.at, `No match found for function signature ${name}`);
  const kind = name as WindowSpec['kind'];
  const args = byName(call, kind);
  const { input, partitionKeys } = bindData(args.get('DATA'), kind, call.at, context);
  const time = timeColumn(args.get('TIMECOL'), input, kind, call.at);
  return windowNode(input, time, bindSpec(kind, args, call.at), partitionKeys, call.at);
}

/** The lengths of a window function by its arguments' names. */
export function bindSpec(kind: WindowSpec['kind'], args: Arguments, at: Position): WindowSpec {
  const length = (name: string) => milliseconds(args.get(name), name.toLowerCase(), at);
  const offset = () => (args.has('OFFSET') ? length('OFFSET') : 0);
  switch (kind) {
    case 'TUMBLE':
      return checked({ kind, sizeMs: length('SIZE'), offsetMs: offset() }, at);
    case 'HOP':
      return checked({ kind, sizeMs: length('SIZE'), slideMs: length('SLIDE'), offsetMs: offset() }, at);
    case 'CUMULATE':
      return checked({ kind, sizeMs: length('SIZE'), stepMs: length('STEP'), offsetMs: offset() }, at);
    case 'SESSION':
      return checked({ kind, gapMs: length('GAP') }, at);
  }
}

/** Refuses lengths that make no windows, in Flink's words. */
function checked(spec: WindowSpec, at: Position): WindowSpec {
  switch (spec.kind) {
    case 'TUMBLE':
      if (spec.sizeMs > 0) return spec;
      throw sqlInvalid(
        at,
        `Tumbling Window parameters must satisfy size > 0, but got size ${spec.sizeMs}ms.`,
      );
    case 'HOP':
      if (spec.sizeMs > 0 && spec.slideMs > 0) return spec;
      throw sqlInvalid(
        at,
        'Hopping Window parameters must satisfy slide > 0 and size > 0, ' +
          `but got slide ${spec.slideMs}ms and size ${spec.sizeMs}ms.`,
      );
    case 'CUMULATE':
      if (spec.sizeMs > 0 && spec.stepMs > 0) return spec;
      throw sqlInvalid(
        at,
        'Cumulative Window parameters must satisfy maxSize > 0 and step > 0, ' +
          `but got maxSize ${spec.sizeMs}ms and step ${spec.stepMs}ms.`,
      );
    case 'SESSION':
      if (spec.gapMs > 0) return spec;
      throw sqlInvalid(at, `Session Window parameters must satisfy gap > 0, but got gap ${spec.gapMs}ms.`);
  }
}

/**
 * The window node over a time attribute. The time column itself is no time attribute any more: window_time
 * is. `partitionKeys` null: the keys of the group above, for group windows.
 */
export function windowNode(
  input: LogicalNode,
  time: number,
  window: WindowSpec,
  partitionKeys: readonly number[] | null,
  at: Position,
): WindowNode {
  const { type, time: attribute } = input.fields[time]!;
  const added: readonly LogicalField[] = [
    { name: 'window_start', type: timestamp(3, false), time: null },
    { name: 'window_end', type: timestamp(3, false), time: null },
    {
      name: 'window_time',
      type: { kind: type.kind as 'TIMESTAMP', precision: 3, nullable: false },
      time: attribute,
    },
  ];
  const kept = input.fields.map((f, i) => (i === time ? { ...f, time: null } : f));
  return { kind: 'window', input, window, time, partitionKeys, at, fields: [...kept, ...added] };
}

function byName(call: FunctionCall, kind: WindowSpec['kind']): Arguments {
  const parameters = PARAMETERS[kind];
  const args = new Map<string, SqlExpression>();
  for (const [i, arg] of call.args.entries()) {
    const named = arg.kind === 'named';
    const name = named ? arg.name.toUpperCase() : parameters[i];
    if (name === undefined || !parameters.includes(name)) {
      const found = name ?? `argument ${i + 1}`;
      throw sqlInvalid(arg.at, `${kind} takes ${parameters.join(', ')}; found ${found}`);
    }
    if (args.has(name)) throw sqlInvalid(arg.at, `Duplicate argument name '${name}'`);
    args.set(name, named ? arg.value : arg);
  }
  return args;
}

function bindData(
  arg: SqlExpression | undefined,
  kind: WindowSpec['kind'],
  at: Position,
  context: QueryContext,
): { input: LogicalNode; partitionKeys: readonly number[] } {
  if (arg?.kind !== 'tableArgument')
    throw sqlInvalid(arg?.at ?? at, `${kind} expects TABLE t as its first argument`);
  if (arg.partitionBy.length > 0 && kind !== 'SESSION') {
    throw sqlInvalid(
      arg.at,
      `Only tables with set semantics may be partitioned. ${kind} takes rows one by one`,
    );
  }
  const input =
    'kind' in arg.table
      ? context.bindQuery(arg.table, context)
      : bindFrom({ kind: 'table', name: arg.table, hints: [], asOf: null, alias: null, at: arg.at }, context)
          .node;
  const partitionKeys = arg.partitionBy.map(key => {
    const name = key.kind === 'column' ? key.parts.at(-1)! : '';
    const index = input.fields.findIndex(f => f.name === name);
    if (index < 0) throw sqlInvalid(key.at, `PARTITION BY takes columns of the table; '${name}' is none`);
    return index;
  });
  return { input, partitionKeys: [...new Set(partitionKeys)] };
}

function timeColumn(
  arg: SqlExpression | undefined,
  input: LogicalNode,
  kind: WindowSpec['kind'],
  at: Position,
): number {
  if (arg?.kind !== 'descriptor' || arg.columns.length !== 1) {
    throw sqlInvalid(arg?.at ?? at, `${kind} expects DESCRIPTOR(time column) as its second argument`);
  }
  const name = arg.columns[0]!;
  const index = input.fields.findIndex(f => f.name === name);
  if (index < 0) throw sqlInvalid(arg.at, `Unknown identifier '${name}'`);
  requireTimestamp(input.fields[index]!, kind, arg.at);
  requireTime(input.fields[index]!, arg.at);
  return index;
}

/** The arguments of a window function, as Flink writes them. */
const FORMS: Readonly<Record<WindowSpec['kind'], string>> = {
  TUMBLE: 'TABLE table_name, DESCRIPTOR(timecol), datetime interval[, datetime interval]',
  HOP: 'TABLE table_name, DESCRIPTOR(timecol), datetime interval, datetime interval[, datetime interval]',
  CUMULATE:
    'TABLE table_name, DESCRIPTOR(timecol), datetime interval, datetime interval[, datetime interval]',
  SESSION: 'TABLE table_name [PARTITION BY (keycols, ...)], DESCRIPTOR(timecol), datetime interval',
};

function requireTimestamp({ type }: LogicalField, kind: WindowSpec['kind'], at: Position): void {
  if (type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') return;
  throw sqlInvalid(
    at,
    `The window function ${kind}(${FORMS[kind]}) requires the timecol to be TIMESTAMP or TIMESTAMP_LTZ, ` +
      `but is ${flinkType(type).replace(/^STRING\b/, 'VARCHAR(2147483647)')}.\n` +
      'Besides, the timecol must be a time attribute type in streaming mode.',
  );
}

/** Windows need a time attribute, in Flink's words. */
export function requireTime(field: LogicalField, at: Position): void {
  if (field.time !== null) return;
  throw sqlInvalid(
    at,
    `The window function requires the timecol is a time attribute type, but is ${flinkType(field.type)}.`,
  );
}

/** A day-time interval literal in milliseconds. */
export function milliseconds(arg: SqlExpression | undefined, what: string, at: Position): number {
  if (arg?.kind !== 'interval')
    throw sqlInvalid(arg?.at ?? at, `a window expects the ${what} as an interval, e.g. INTERVAL '1' MINUTE`);
  const interval = bindInterval(arg);
  if (interval.kind !== 'literal' || interval.type.kind !== 'INTERVAL_DAY_TIME') {
    throw sqlInvalid(arg.at, 'Window aggregate only support SECOND, MINUTE, HOUR, DAY as the time unit.');
  }
  return Number(interval.value);
}
