import type { Batch, Clock } from '../../core/mod.ts';
import type { PhysicalNode, PhysicalPlan, ScanNode, SinkNode } from '../../plan/mod.ts';
import { StateTables } from '../../state/mod.ts';
import type { Operator, OperatorContext, Output } from '../operator.ts';
import { createOperator } from '../operators/create.ts';

/** What the graph counts for each node. */
export interface NodeCounters {
  readonly id: number;
  readonly kind: PhysicalNode['kind'];
  rowsOut: number;
  /** Highest watermark that left the node, null before the first. */
  watermarkMs: number | null;
}

/** What the runtime gives the graph. */
export interface GraphOptions {
  readonly clock: Clock;
  readonly options: Readonly<Record<string, string>>;
  readonly split: OperatorContext['split'];
  onLate(node: PhysicalNode, batch: Batch): void;
  /** Where a sink's rows go. */
  sinkOutput(sink: SinkNode): Output;
}

/** The operators of a plan, wired. A node that several nodes read runs once. */
export interface Graph {
  readonly scans: readonly { readonly node: ScanNode; readonly output: Output }[];
  /** State by node id. */
  readonly tables: ReadonlyMap<number, StateTables>;
  readonly counters: readonly NodeCounters[];
  tick(nowMs: number): void;
  close(): void;
}

/** The inputs of a node, left before right. */
export function inputsOf(node: PhysicalNode): readonly PhysicalNode[] {
  switch (node.kind) {
    case 'scan':
    case 'values':
      return [];
    case 'join':
      return [node.left, node.right];
    case 'union':
      return node.inputs;
    default:
      return [node.input];
  }
}

interface Wiring {
  readonly listeners: Output[];
  readonly counters: NodeCounters;
}

/** Build the operators of a plan, sources first in the walk, outputs wired to their readers. */
export function buildGraph(plan: PhysicalPlan, options: GraphOptions): Graph {
  const wired = new Map<PhysicalNode, Wiring>();
  const scans: { node: ScanNode; output: Output }[] = [];
  const tables = new Map<number, StateTables>();
  const operators: Operator[] = [];

  const wire = (node: PhysicalNode): Wiring => {
    const known = wired.get(node);
    if (known) return known;
    const wiring: Wiring = {
      listeners: [],
      counters: { id: node.id, kind: node.kind, rowsOut: 0, watermarkMs: null },
    };
    wired.set(node, wiring);
    const output = fanOut(wiring);
    if (node.kind === 'scan') {
      scans.push({ node, output });
      return wiring;
    }
    const state = new StateTables();
    tables.set(node.id, state);
    const operator = createOperator(node, output, {
      clock: options.clock,
      tables: state,
      options: options.options,
      split: options.split,
      onLate: batch => options.onLate(node, batch),
    });
    operators.push(operator);
    inputsOf(node).forEach((input, index) => {
      wire(input).listeners.push({
        onBatch: batch => operator.onBatch(index, batch),
        onWatermark: ms => operator.onWatermark(index, ms),
      });
    });
    return wiring;
  };
  for (const sink of plan.sinks) wire(sink.input).listeners.push(options.sinkOutput(sink));

  return {
    scans,
    tables,
    counters: [...wired.values()].map(wiring => wiring.counters),
    tick: nowMs => {
      for (const operator of operators) operator.onTick?.(nowMs);
    },
    close: () => {
      for (const operator of operators) operator.close?.();
    },
  };
}

/** Rows and watermarks to every reader; an empty batch goes nowhere, a watermark only forward. */
function fanOut({ listeners, counters }: Wiring): Output {
  return {
    onBatch: batch => {
      const rows = batch.selectionCount;
      if (rows === 0) return;
      counters.rowsOut += rows;
      for (const listener of listeners) listener.onBatch(batch);
    },
    onWatermark: ms => {
      if (counters.watermarkMs !== null && ms <= counters.watermarkMs) return;
      counters.watermarkMs = ms;
      for (const listener of listeners) listener.onWatermark(ms);
    },
  };
}
