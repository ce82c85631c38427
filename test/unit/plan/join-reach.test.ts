import { expect, test } from 'vitest';
import {
  Catalog,
  inputsOf,
  type JoinNode,
  joinReach,
  type PhysicalNode,
  planScript,
} from '../../../src/plan/mod.ts';

const tables = (time: string, options = ''): string => `
CREATE TABLE bid (price BIGINT, t ${time}, WATERMARK FOR t AS t - INTERVAL '4' SECOND)
  WITH ('connector' = 'kafka', 'topic' = 'bid', 'format' = 'json'${options});
CREATE TABLE matches_found (price BIGINT) WITH ('connector' = 'print');
`;
const join = (
  condition: string,
  type = 'JOIN',
  most = "TUMBLE(TABLE bid, DESCRIPTOR(t), INTERVAL '10' SECOND)",
) => `
INSERT INTO matches_found SELECT b.price FROM bid b ${type} (
  SELECT MAX(price) AS most, window_start AS began, window_end AS ended FROM TABLE(${most})
  GROUP BY window_start, window_end
) w ON b.price = w.most AND ${condition};`;

function reachOf(script: string) {
  const { plan } = planScript(script, new Catalog());
  const joins: JoinNode[] = [];
  const visit = (node: PhysicalNode): void => {
    if (node.kind === 'join') joins.push(node);
    inputsOf(node).forEach(visit);
  };
  for (const sink of plan!.sinks) visit(sink.input);
  expect(joins.length).toBe(1);
  return joinReach(joins[0]!);
}

test('rows that must not be long before the end of a window are kept until event time is there', () => {
  const plain = tables('TIMESTAMP(3)');
  const none = { left: null, right: null };
  const kept = (keptForMs: number) => ({ left: { column: 1, keptForMs }, right: null });
  expect(reachOf(plain + join("b.t BETWEEN w.ended - INTERVAL '10' SECOND AND w.ended"))).toEqual(kept(9999));
  expect(reachOf(plain + join("w.ended < b.t + INTERVAL '2' SECOND"))).toEqual(kept(1998));
  expect(reachOf(plain + join('b.t = w.ended'))).toMatchObject({ left: { keptForMs: -1 } });
  // A start is long past when its row comes, and an upper bound alone bounds nothing.
  expect(reachOf(plain + join('b.t >= w.began'))).toEqual(none);
  expect(reachOf(plain + join('b.t <= w.ended'))).toEqual(none);
  // A row that never meets a partner is a result of its own.
  expect(reachOf(plain + join('b.t >= w.ended', 'LEFT JOIN'))).toEqual(none);
  // Windows of instants end at local times, and those behind a source that may be idle end late.
  expect(reachOf(tables('TIMESTAMP_LTZ(3)') + join('CAST(b.t AS TIMESTAMP(3)) >= w.ended'))).toEqual(none);
  const idle = tables('TIMESTAMP(3)', ", 'scan.watermark.idle-timeout' = '1 s'");
  expect(reachOf(idle + join('b.t >= w.ended'))).toEqual(none);
});
