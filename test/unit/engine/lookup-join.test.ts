import { expect, test } from 'vitest';
import type { Lookup } from '../../../src/contract/mod.ts';
import { type Batch, forEachRow, rowValue } from '../../../src/core/mod.ts';
import { sessionOf } from '../../../src/engine/codegen/mod.ts';
import { buildGraph } from '../../../src/engine/graph.ts';
import type { LookupCache, LookupJoinNode } from '../../../src/plan/mod.ts';
import { BIGINT, batchOf, INT, insert, rowsOf, scan, schemaOf } from './harness.ts';

const input = schemaOf({ id: INT });
const table = schemaOf({ k: INT, v: BIGINT });

/** A lookup join over keys; the table has a row for even keys. `asked` gets the keys of each question. */
function bench(cache: LookupCache | null, retry: LookupJoinNode['retry'] = null) {
  const asked: unknown[][] = [];
  const out: unknown[][] = [];
  const clock = { ms: 0, slept: 0 };
  const node: LookupJoinNode = {
    kind: 'lookupJoin',
    id: 1,
    schema: schemaOf({ id: INT, k: INT, v: BIGINT }),
    changelogMode: 'append',
    joinType: 'LEFT',
    input: scan(2, 't', input, 'append'),
    table: { name: 'd', physicalSchema: table, primaryKey: [], options: {} },
    projection: [0, 1],
    tableSchema: table,
    inputKeys: [0],
    tableKeys: [0],
    condition: null,
    cache,
    retry,
  };
  const find: Lookup['find'] = async keys => {
    const values: number[] = [];
    forEachRow(keys, row => {
      values.push(rowValue(keys.columns[0]!, row, INT) as number);
    });
    asked.push(values);
    const even = values.filter(value => value % 2 === 0);
    return {
      rows: batchOf(
        table,
        even.map(value => insert(value, BigInt(asked.length))),
      ),
      keyOf: Int32Array.from(even, value => values.indexOf(value)),
    };
  };
  const graph = buildGraph(
    [
      {
        node,
        into: {
          onBatch: (b: Batch) => out.push(...rowsOf(b).map(r => r.slice(1))),
          onWatermark: () => undefined,
        },
      },
    ],
    {
      session: sessionOf({}, () => clock.ms),
      onLate: () => undefined,
      lookups: {
        open: () => ({ schema: table, find, close: async () => undefined }),
        sleep: async ms => {
          clock.slept += ms;
        },
      },
    },
  );
  const send = async (...ids: (number | null)[]): Promise<void> => {
    graph.scans[0]!.output.emit(
      batchOf(
        input,
        ids.map(id => insert(id)),
      ),
    );
    await graph.drain!();
  };
  return { asked, out, clock, send };
}

const PARTIAL = { rowsMax: null, afterWriteMs: null, afterAccessMs: null, missingKeys: true };

test('without a cache each batch asks once for each of its keys', async () => {
  const { asked, out, send } = bench(null);
  await send(2, 2, 3, null, 2);
  await send(2);
  expect(asked).toEqual([[2, 3], [2]]);
  expect(out).toEqual([
    [2, 2, 1n],
    [2, 2, 1n],
    [3, null, null],
    [null, null, null],
    [2, 2, 1n],
    [2, 2, 2n],
  ]);
});

test('a cache keeps answers, empty ones too, until they are too old', async () => {
  const { asked, clock, send } = bench({ ...PARTIAL, afterWriteMs: 100 });
  await send(2, 3);
  await send(3, 2, 4);
  clock.ms = 99;
  await send(2, 4);
  clock.ms = 100;
  await send(2, 3);
  expect(asked).toEqual([[2, 3], [4], [2, 3]]);
});

test('a cache may forget what is not asked for, and not keep empty answers', async () => {
  const { asked, clock, send } = bench({ ...PARTIAL, afterAccessMs: 100, missingKeys: false });
  await send(2, 3, 4);
  clock.ms = 90;
  await send(2, 3);
  clock.ms = 150;
  await send(2, 4);
  expect(asked).toEqual([[2, 3, 4], [3], [4]]);
});

test('a cache holds so many keys at most, the oldest leave', async () => {
  const { asked, out, send } = bench({ ...PARTIAL, rowsMax: 2 });
  await send(2, 4);
  await send(6);
  await send(4, 6);
  await send(2);
  expect(asked).toEqual([[2, 4], [6], [2]]);
  expect(out.at(-1)).toEqual([2, 2, 3n]);
});

test('keys without rows are asked for again, as the hint says', async () => {
  const { asked, clock, send } = bench(null, { delayMs: 10, attemptsMax: 3 });
  await send(2, 3);
  expect(asked).toEqual([[2, 3], [3], [3]]);
  expect(clock.slept).toBe(20);
});
