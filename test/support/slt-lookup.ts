import type { Lookup } from '../../src/contract/mod.ts';
import { type Batch, forEachRow, rowValue } from '../../src/core/mod.ts';
import type { Lookups } from '../../src/engine/operators/mod.ts';
import type { LookupJoinNode } from '../../src/plan/mod.ts';
import { batchOf, print } from '../unit/engine/harness.ts';
import { parseCell } from './slt-cells.ts';

/** Tables that lookup joins ask, in memory: lines of cells by the name of the table. */
export class LookupTables implements Lookups {
  readonly #lines = new Map<string, readonly string[]>();

  set(table: string, lines: readonly string[]): void {
    this.#lines.set(table, lines);
  }

  open({ table, projection, tableSchema, tableKeys }: LookupJoinNode): Lookup {
    const { fields } = table.physicalSchema;
    const find = async (keys: Batch) => {
      const lines = this.#lines.get(table.name) ?? [];
      const all = lines.map(line => {
        const cells = line.split('|').map((cell, i) => parseCell(cell.trim(), fields[i]!.type));
        return projection.map(i => cells[i]!);
      });
      const asked: string[] = [];
      forEachRow(keys, row => {
        asked.push(print(keys.columns.map((c, k) => rowValue(c, row, keys.schema.fields[k]!.type))));
      });
      if (new Set(asked).size < asked.length) throw new Error('a key is asked for twice');
      await Promise.resolve();
      const pairs = asked.flatMap((key, k) =>
        all.filter(row => print(tableKeys.map(c => row[c])) === key).map(row => ({ row, k })),
      );
      return {
        rows: batchOf(
          tableSchema,
          pairs.map(({ row }) => [0, ...row]),
        ),
        keyOf: Int32Array.from(pairs, ({ k }) => k),
      };
    };
    return { schema: tableSchema, find, close: async () => undefined };
  }

  async sleep(): Promise<void> {}
}
