import type { DataType } from '../core/mod.ts';
import { sqlInvalid } from '../sql/mod.ts';
import { conjunctsOf } from './build-expression.ts';
import { temporalJoin } from './build-join.ts';
import type { Converted, Converter } from './convert.ts';
import { type ConvertedSides, convertSides } from './convert-join.ts';
import { convertLookupJoin, lookedUp } from './convert-lookup.ts';
import { explainExpression } from './explain-expression.ts';
import type { LogicalTemporalJoinNode } from './logical-join.ts';
import { flinkType } from './types/print.ts';
import { uniqueKeys } from './unique-keys.ts';

/** A temporal join: by event time on a versioned table, by processing time on one that is asked by key. */
export function convertTemporalJoin(
  node: LogicalTemporalJoinNode,
  needed: ReadonlySet<number>,
  converter: Converter,
): Converted {
  const { left, right, joinType } = node;
  const width = left.fields.length;
  const conjuncts = node.condition === null ? [] : conjunctsOf(node.condition);
  const looked = left.fields[node.time]!.time === 'proctime' ? lookedUp(right) : null;
  if (looked !== null) return convertLookupJoin(node, looked, needed, converter);
  const byRow = left.fields[node.time]!.time === 'rowtime';
  const rightTime = right.fields.findIndex(field => field.time === 'rowtime');
  const times = byRow && rightTime >= 0 ? [node.time, width + rightTime] : [];
  const sides = convertSides(node, conjuncts, new Set([...needed, ...times]), converter);
  checkKeys(node, sides, converter);
  if (!byRow) throw sqlInvalid(node.at, 'Processing-time temporal join is not supported yet.');
  checkTimes(node, rightTime);
  const leftWidth = sides.left.schema.fields.length;
  const physical = temporalJoin(sides.left, sides.right, {
    ...sides.spec,
    joinType,
    leftTime: sides.map[node.time]!,
    rightTime: sides.map[width + rightTime]! - leftWidth,
  });
  return { node: physical, map: sides.map };
}

function checkKeys(node: LogicalTemporalJoinNode, sides: ConvertedSides, converter: Converter): void {
  const { right, spec } = sides;
  const asked = new Set(spec.rightKeys);
  if (uniqueKeys(right).some(key => key.every(c => asked.has(c))) && asked.size > 0) return;
  const whole = converter.convertAll(node.right);
  const [key] = uniqueKeys(whole);
  if (key === undefined) {
    throw sqlInvalid(
      node.at,
      'Temporal Table Join requires primary key in versioned table, but no primary key can be found.',
    );
  }
  if (asked.size === 0) {
    throw sqlInvalid(node.at, 'Currently the join key in Temporal Table Join can not be empty.');
  }
  const fields = [...node.left.fields, ...node.right.fields];
  const names = key.map(c => whole.schema.fields[c]!.name);
  const condition = node.condition === null ? 'true' : explainExpression(node.condition, fields);
  throw sqlInvalid(
    node.at,
    `Temporal table's primary key [${names.join(', ')}] must be included in the equivalence condition of ` +
      `temporal join, but current temporal join condition is [${condition}].`,
  );
}

function checkTimes({ left, right, time, at }: LogicalTemporalJoinNode, rightTime: number): void {
  if (rightTime < 0) {
    throw sqlInvalid(
      at,
      'Event-Time Temporal Table Join requires both primary key and row time attribute in versioned table, ' +
        'but no row time attribute can be found.',
    );
  }
  const [a, b] = [left.fields[time]!.type, right.fields[rightTime]!.type];
  if (a.kind === b.kind) return;
  const text = (type: DataType) => `${flinkType(type)} *ROWTIME*`;
  throw sqlInvalid(
    at,
    'Event-Time Temporal Table Join requires same rowtime type in left table and versioned table, but the ' +
      `rowtime types are ${text(a)} and ${text(b)}.`,
  );
}
