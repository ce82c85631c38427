import type { Batch, Schema } from '../core/mod.ts';
import {
  type ExchangeNode,
  inputsOf,
  type PhysicalNode,
  type ScanNode,
  type ValuesNode,
  type WatermarkNode,
} from '../plan/mod.ts';
import { StateTables, type Upkeep } from '../state/mod.ts';
import type { SessionContext } from './codegen/mod.ts';
import { type ExchangeMessage, openRouter } from './exchange/router.ts';
import { forwardChannel } from './exchange/stages.ts';
import { WatermarkValve } from './exchange/watermark-valve.ts';
import { counting, sendsUpdateBefore } from './graph-edges.ts';
import { openOperator } from './open-operator.ts';
import {
  droppingUpdateBefore,
  type Lookups,
  MIN_WATERMARK,
  MinWatermark,
  type Operator,
  type OperatorContext,
  type OperatorCounters,
  type Output,
  openWatermark,
  type WatermarkOperator,
} from './operators/mod.ts';

/** Where a scan's batches enter the graph. */
export interface ScanPort {
  readonly node: ScanNode;
  readonly output: Output;
  readonly watermarks: WatermarkOperator[];
  /** The shortest idle time-out that waits on this scan, null for none. */
  readonly idleTimeoutMs: number | null;
}

/** The receiving end of an exchange. */
export interface ExchangePort {
  /** Of the rows: it need not come along. */
  readonly schema: Schema;
  /** Rows from a task; borrowed. */
  rows(batch: Batch): void;
  watermark(from: number, ms: number): void;
  idle(from: number, isIdle: boolean): void;
}

/** Which of several equal tasks a graph belongs to, and how it reaches the others. */
export interface TaskPlace {
  readonly task: number;
  readonly parallelism: number;
  /** Inputs that rows reach by a channel within the task, as `stagesOf` says. */
  readonly forward: ReadonlySet<number>;
  /** Rows, watermarks and barriers on the channel with this id to the target task; borrowed. */
  send(channel: number, target: number, message: ExchangeMessage): void;
}

/** An operator as metrics show it. */
export interface GraphNode {
  readonly id: number;
  readonly kind: string;
  readonly counters: OperatorCounters;
  readonly state: StateTables;
}

/** Operators of a plan, wired. */
export interface Graph {
  readonly scans: readonly ScanPort[];
  readonly values: readonly { readonly node: ValuesNode; readonly context: OperatorContext }[];
  readonly nodes: ReadonlyMap<number, GraphNode>;
  /** By channel: an exchange's node id, or a forward channel. None in the only task of a job. */
  readonly exchanges: ReadonlyMap<number, ExchangePort>;
  /**
   * Once before the first rows, with all states restored: event time is where it was behind every operator,
   * and those that follow hear of it.
   */
  resume(): void;
  /** Ends the operators' mini-batches, from the sources downwards; null when there are none. */
  readonly finish: (() => void) | null;
  /** Finishes the operators' waiting work, from the sources downwards; null when none ever waits. */
  readonly drain: (() => Promise<void>) | null;
  /**
   * Tells the operators that wait for it what time it is, from the sources downwards. True when one of them
   * emitted rows.
   */
  onProcessingTime(nowMs: number): boolean;
}

/** Hears what a node emits, before it goes on. */
export interface Observer {
  /** The batch is borrowed. */
  rows(batch: Batch): void;
  watermark(ms: number): void;
}

export interface GraphOptions {
  readonly session: SessionContext;
  /** Rows dropped as late by the operator of a node; borrowed. */
  readonly onLate: (nodeId: number, rows: Batch) => void;
  /** Left out where no plan holds a lookup join. */
  readonly lookups?: Lookups;
  /** Left out for the only task of a job. */
  readonly place?: TaskPlace;
  /** When state is tidied up; tests do it early. */
  readonly upkeep?: Upkeep;
  /** Tests watch nodes by it. */
  readonly observe?: (node: PhysicalNode) => Observer;
}

interface Edge {
  readonly operator: Pick<Operator, 'onBatch' | 'onWatermark'>;
  readonly input: number;
  /** Rows are, or are not, to be expected along the edge. */
  readonly idle: (isIdle: boolean) => void;
}
interface Built extends GraphNode {
  readonly edges: Edge[];
}

/** Build the operators below each root; a node shared by several roots is built once. */
export function buildGraph(
  roots: readonly { readonly node: PhysicalNode; readonly into: Operator }[],
  options: GraphOptions,
): Graph {
  const builder = new GraphBuilder(options);
  for (const { node, into } of roots)
    builder.attach(node, { operator: into, input: 0, idle: () => undefined });
  builder.joinWatermarks();
  return builder;
}

class GraphBuilder implements Graph {
  readonly scans: (ScanPort & { idleTimeoutMs: number | null })[] = [];
  readonly values: { node: ValuesNode; context: OperatorContext }[] = [];
  readonly nodes = new Map<number, Built>();
  readonly exchanges = new Map<number, ExchangePort>();
  readonly #options: GraphOptions;
  readonly #finishing: Operator[] = [];
  readonly #draining: Operator[] = [];
  readonly #timed: { operator: Operator; counters: OperatorCounters }[] = [];
  readonly #watermarks: { node: WatermarkNode; operator: WatermarkOperator }[] = [];

  constructor(options: GraphOptions) {
    this.#options = options;
  }

  get finish(): (() => void) | null {
    const operators = this.#finishing;
    if (operators.length === 0) return null;
    return () => {
      for (const operator of operators) operator.finish?.();
    };
  }

  get drain(): (() => Promise<void>) | null {
    const operators = this.#draining;
    if (operators.length === 0) return null;
    return async () => {
      for (const operator of operators) await operator.drain?.();
    };
  }

  onProcessingTime(nowMs: number): boolean {
    const emitted = () => this.#timed.reduce((sum, { counters }) => sum + counters.rowsOut, 0);
    const before = emitted();
    for (const { operator } of this.#timed) operator.onProcessingTime?.(nowMs);
    return emitted() !== before;
  }

  resume(): void {
    for (const { edges, counters } of this.nodes.values()) {
      if (counters.watermark === MIN_WATERMARK) continue;
      for (const { operator, input } of edges) operator.onWatermark(counters.watermark, input);
    }
    for (const { operator } of this.#watermarks) operator.start();
  }

  /** Tell each scan which watermark assigners follow its splits, once all are built. */
  joinWatermarks(): void {
    for (const { node, operator } of this.#watermarks) {
      const port = this.scans.find(scan => scan.node === scanBelow(node));
      if (port === undefined) continue;
      port.watermarks.push(operator);
      if (node.idleTimeoutMs !== null) {
        port.idleTimeoutMs = Math.min(port.idleTimeoutMs ?? Number.POSITIVE_INFINITY, node.idleTimeoutMs);
      }
    }
  }

  /** Let a node's results flow along an edge, building the node at its first use. */
  attach(node: PhysicalNode, edge: Edge): void {
    const { place } = this.#options;
    if (node.kind === 'exchange' && place === undefined) {
      this.attach(node.input, edge); // one task: every row is where it belongs
      return;
    }
    const known = this.nodes.get(node.id);
    if (known !== undefined) {
      known.edges.push(edge);
      return;
    }
    const counters = { rowsIn: 0, rowsOut: 0, lateRows: 0, watermark: MIN_WATERMARK };
    const state = new StateTables(this.#options.upkeep);
    const built: Built = { id: node.id, kind: node.kind, counters, state, edges: [edge] };
    this.nodes.set(node.id, built);
    const output = observed(outputOf(built), this.#options.observe?.(node));
    const context: OperatorContext = {
      output: sendsUpdateBefore(node) ? droppingUpdateBefore(output) : output,
      state: built.state,
      session: this.#options.session,
      counters,
      onLate: rows => this.#options.onLate(node.id, rows),
      ...(this.#options.lookups === undefined ? {} : { lookups: this.#options.lookups }),
    };
    this.#build(node, context, counters);
  }

  #build(node: PhysicalNode, context: OperatorContext, counters: OperatorCounters): void {
    if (node.kind === 'scan') {
      this.scans.push({ node, output: context.output, watermarks: [], idleTimeoutMs: null });
      return;
    }
    if (node.kind === 'values') {
      this.values.push({ node, context });
      return;
    }
    if (node.kind === 'exchange') {
      this.#buildExchange(node, context, counters);
      return;
    }
    const operator = counting(this.#open(node, context), counters);
    const edges = this.#edges(node, operator, context.output);
    inputsOf(node).forEach((input, k) => {
      this.attach(input, this.#forwarded(node, edges[k]!));
    });
    // Inputs are attached before: what comes first here lies upstream.
    if (operator.finish !== undefined) this.#finishing.push(operator);
    if (operator.drain !== undefined) this.#draining.push(operator);
    if (operator.onProcessingTime !== undefined) this.#timed.push({ operator, counters });
  }

  /** The ways into an operator; with several, one that is idle does not hold the others' event time back. */
  #edges(node: PhysicalNode, operator: Operator, output: Output): readonly Edge[] {
    const inputs = inputsOf(node);
    // A watermark assigner knows by itself whether its splits are idle.
    if (node.kind === 'watermark') return [{ operator, input: 0, idle: () => undefined }];
    if (inputs.length === 1) {
      const idle = (isIdle: boolean): void => {
        operator.finish?.();
        output.idle(isIdle);
      };
      return [{ operator, input: 0, idle }];
    }
    const valve = new WatermarkValve(inputs.length, {
      watermark: (ms, input) => operator.onWatermark(ms, input),
      idle: isIdle => output.idle(isIdle),
    });
    const waiting = {
      onBatch: (batch: Batch, input: number) => operator.onBatch(batch, input),
      onWatermark: (ms: number, input: number) => valve.watermark(ms, input),
    };
    return inputs.map((_, input) => ({
      operator: waiting,
      input,
      idle: isIdle => valve.idle(isIdle, input),
    }));
  }

  /** The edge, or one that leads to it by a channel within the task. */
  #forwarded(node: PhysicalNode, edge: Edge): Edge {
    const { operator, input } = edge;
    const { place } = this.#options;
    const channel = forwardChannel(node.id, input);
    if (place === undefined || !place.forward.has(channel)) return edge;
    this.exchanges.set(channel, {
      schema: inputsOf(node)[input]!.schema,
      rows: batch => operator.onBatch(batch, input),
      watermark: (_from, ms) => operator.onWatermark(ms, input),
      idle: (_from, isIdle) => edge.idle(isIdle),
    });
    const send = (message: ExchangeMessage): void => place.send(channel, place.task, message);
    const sender: Operator = {
      onBatch: batch => send({ kind: 'batch', batch }),
      onWatermark: ms => send({ kind: 'watermark', ms }),
    };
    return { operator: sender, input: 0, idle: isIdle => send({ kind: 'idle', isIdle }) };
  }

  /** Both ends: what comes from below is sent to the tasks, what they send flows on here. */
  #buildExchange(node: ExchangeNode, { output, state }: OperatorContext, counters: OperatorCounters): void {
    const place = this.#options.place!;
    const watermarks = new MinWatermark(place.parallelism, state);
    const valve = new WatermarkValve(place.parallelism, {
      watermark: (ms, from) => {
        const combined = watermarks.advance(from, ms);
        if (combined !== null) output.watermark(combined);
      },
      idle: isIdle => output.idle(isIdle),
    });
    this.exchanges.set(node.id, {
      schema: node.schema,
      rows: batch => output.emit(batch),
      watermark: (from, ms) => valve.watermark(ms, from),
      idle: (from, isIdle) => valve.idle(isIdle, from),
    });
    const send = (target: number, message: ExchangeMessage): void => place.send(node.id, target, message);
    const router = openRouter(node, place.parallelism, send);
    const idle = (isIdle: boolean): void => {
      for (let t = 0; t < place.parallelism; t++) send(t, { kind: 'idle', isIdle });
    };
    this.attach(node.input, { operator: counting(router, counters), input: 0, idle });
  }

  #open(
    node: Exclude<PhysicalNode, ScanNode | ValuesNode | ExchangeNode>,
    context: OperatorContext,
  ): Operator {
    if (node.kind !== 'watermark') return openOperator(node, context);
    const operator = openWatermark(node, context);
    this.#watermarks.push({ node, operator });
    return operator;
  }
}

/** The scan whose splits a watermark assigner follows: below it are only row-by-row steps. */
function scanBelow(node: WatermarkNode): PhysicalNode {
  let at: PhysicalNode = node.input;
  while (PASSING.includes(at.kind) && 'input' in at) at = at.input;
  return at;
}

const PASSING: readonly PhysicalNode['kind'][] = [
  'calc',
  'changelogNormalize',
  'dropUpdateBefore',
  'exchange',
];

function observed(output: Output, observer: Observer | undefined): Output {
  if (observer === undefined) return output;
  return {
    emit: batch => {
      observer.rows(batch);
      output.emit(batch);
    },
    watermark: ms => {
      observer.watermark(ms);
      output.watermark(ms);
    },
    idle: isIdle => output.idle(isIdle),
  };
}

function outputOf({ edges, counters }: Built): Output {
  return {
    emit: batch => {
      counters.rowsOut += batch.selectionCount;
      for (const { operator, input } of edges) operator.onBatch(batch, input);
    },
    watermark: ms => {
      if (ms <= counters.watermark) return; // never back, not even behind where it was before a restore
      counters.watermark = ms;
      for (const { operator, input } of edges) operator.onWatermark(ms, input);
    },
    idle: isIdle => {
      for (const edge of edges) edge.idle(isIdle);
    },
  };
}
