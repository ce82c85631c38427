import { type Batch, RowKind, type RowValue } from '../../src/core/mod.ts';
import type { Observer } from '../../src/engine/graph.ts';
import { inputsOf, type PhysicalNode } from '../../src/plan/mod.ts';
import { uniqueKeys } from '../../src/plan/unique-keys.ts';
import { print, rowsOf } from '../unit/engine/harness.ts';

/**
 * Watches what one node of a plan emits. Invariants:
 *  1. only row kinds of its changelog mode;
 *  2. a -U or -D takes back a row that is there (in upsert mode: a key that is there, unless below are joins
 *     that cannot know whether an update had a partner before);
 *  3. no +I for a key that is there, where the plan says that rows have a key;
 *  4. the watermark never goes back.
 */
export function watchChangelog(node: PhysicalNode): Observer {
  const rows = new Map<string, number>();
  const keys = uniqueKeys(node);
  const held = keys.map(() => new Set<string>());
  let reached = Number.NEGATIVE_INFINITY;

  const fail = (what: string, kind: number, values: readonly RowValue[]): never => {
    const name = ['+I', '-U', '+U', '-D'][kind]!;
    throw new Error(
      `node ${node.id} (${node.kind}, ${node.changelogMode}): ${what}: ${name} ${print(values)}`,
    );
  };
  const keyOf = (k: number, values: readonly RowValue[]): string => print(keys[k]!.map(c => values[c]));

  const add = (kind: number, values: readonly RowValue[]): void => {
    const text = print(values);
    rows.set(text, (rows.get(text) ?? 0) + 1);
    held.forEach((set, k) => {
      const key = keyOf(k, values);
      if (kind === RowKind.insert && set.has(key)) fail('the key is there already', kind, values);
      set.add(key);
    });
  };
  const take = (kind: number, values: readonly RowValue[]): void => {
    const text = print(values);
    const count = rows.get(text) ?? 0;
    if (count === 0) fail('there is no such row', kind, values);
    if (count === 1) rows.delete(text);
    else rows.set(text, count - 1);
    held.forEach((set, k) => {
      set.delete(keyOf(k, values));
    });
  };
  const upsert = (kind: number, values: readonly RowValue[]): void => {
    const [set] = held;
    if (set === undefined) return;
    const key = keyOf(0, values);
    if (kind === RowKind.delete) {
      if (!set.delete(key) && !mayTakeBackNothing(node)) fail('the key is not there', kind, values);
    } else set.add(key);
  };

  return {
    rows: (batch: Batch) => {
      for (const [kind, ...values] of rowsOf(batch)) {
        const isTaken = kind === RowKind.updateBefore || kind === RowKind.delete;
        if (node.changelogMode === 'append' && kind !== RowKind.insert)
          fail('not a row kind of its mode', kind, values);
        if (node.changelogMode === 'append') continue;
        if (node.changelogMode === 'retract') (isTaken ? take : add)(kind, values);
        else if (kind === RowKind.updateBefore) fail('not a row kind of its mode', kind, values);
        else upsert(kind, values);
      }
    },
    watermark: ms => {
      if (ms < reached) throw new Error(`node ${node.id} (${node.kind}): the watermark went back to ${ms}`);
      reached = ms;
    },
  };
}

const mayTakeBackNothing = (node: PhysicalNode): boolean =>
  ((node.kind === 'lookupJoin' || node.kind === 'temporalJoin') && node.joinType === 'INNER') ||
  inputsOf(node).some(mayTakeBackNothing);
