import fc from 'fast-check';
import type { Batch, RowValue } from '../../src/core/mod.ts';
import { sessionOf } from '../../src/engine/codegen/mod.ts';
import { buildGraph, type Graph, type Observer } from '../../src/engine/graph.ts';
import { restoreGraph } from '../../src/engine/job/restore-graph.ts';
import type { PhysicalNode } from '../../src/plan/mod.ts';
import { batchOf, insert, type Row, remove, rowsOf } from '../unit/engine/harness.ts';
import { watchChangelog } from './changelog-invariants.ts';
import { EAGER } from './eager-upkeep.ts';
import { saveGraph } from './slt-tasks.ts';

const UNWATCHED: Observer = { rows: () => undefined, watermark: () => undefined };

/** The graph of a plan, fed by hand; `crash` goes on in a new graph from a snapshot. */
export class Bench {
  readonly changes: Row[] = [];
  late = 0;
  readonly #root: PhysicalNode;
  readonly #watchers = new Map<number, Observer>();
  #graph: Graph;

  constructor(root: PhysicalNode) {
    this.#root = root;
    this.#graph = this.#build();
  }

  /** A crash loses nothing that was emitted before, so the watchers go on. */
  #watch(node: PhysicalNode): Observer {
    // Histories of windows take back rows that never came.
    if (node.kind === 'scan' || node.kind === 'watermark') return UNWATCHED;
    const watcher = this.#watchers.get(node.id) ?? watchChangelog(node);
    this.#watchers.set(node.id, watcher);
    return watcher;
  }

  #build(): Graph {
    const into = {
      onBatch: (batch: Batch) => {
        this.changes.push(...rowsOf(batch));
      },
      onWatermark: () => undefined,
    };
    const graph = buildGraph([{ node: this.#root, into }], {
      observe: node => this.#watch(node),
      upkeep: EAGER,
      session: sessionOf({}, () => 0),
      onLate: (_node, rows) => {
        this.late += rows.selectionCount;
      },
    });
    for (const port of graph.scans) for (const w of port.watermarks) w.addSplit('0');
    return graph;
  }

  send(table: string, rows: readonly Row[]): void {
    const port = this.#graph.scans.find(s => s.node.table.name === table)!;
    for (const w of port.watermarks) w.setSplit('0');
    port.output.emit(batchOf(port.node.schema, rows));
  }

  end(): void {
    for (const port of this.#graph.scans) for (const w of port.watermarks) w.splitEnded('0');
  }

  crash(): void {
    const images = [saveGraph(this.#graph)];
    this.#graph = this.#build();
    restoreGraph(this.#graph, { restore: { own: true, images }, task: 0, parallelism: 1 });
    this.#graph.resume();
  }
}

/** Steps that insert rows, take rows back that are there, or crash. */
export const history = (row: fc.Arbitrary<RowValue[]>, tables: readonly string[]) =>
  fc.array(
    fc.record({
      table: fc.constantFrom(...tables),
      rows: fc.array(row, { maxLength: 12 }),
      takeBack: fc.array(fc.nat(), { maxLength: 8 }),
      crash: fc.boolean(),
    }),
    { maxLength: 10 },
  );

export interface Step {
  readonly table: string;
  readonly rows: readonly RowValue[][];
  readonly takeBack: readonly number[];
  readonly crash: boolean;
}

/** Plays a history; returns what each table holds at its end. */
export function play(bench: Bench, steps: readonly Step[]): Map<string, RowValue[][]> {
  const held = new Map<string, RowValue[][]>();
  for (const { table, rows, takeBack, crash } of steps) {
    const now = held.get(table) ?? [];
    const batch: Row[] = rows.map(row => insert(...row));
    now.push(...rows.map(row => [...row]));
    for (const pick of takeBack) {
      if (now.length === 0) continue;
      const [row] = now.splice(pick % now.length, 1);
      batch.push(remove(...row!));
    }
    held.set(table, now);
    if (batch.length > 0) bench.send(table, batch);
    if (crash) bench.crash();
  }
  return held;
}
