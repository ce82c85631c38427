import { type Batch, MillraceError, type Schema } from '../../core/mod.ts';
import { durationMs, inputsOf, type PhysicalNode, type SinkNode } from '../../plan/mod.ts';
import { sessionOf } from '../codegen/mod.ts';
import { buildGraph, type Graph } from '../graph.ts';
import { MAX_WATERMARK, type Operator, runValues } from '../operators/mod.ts';
import type { CheckpointImage } from './checkpoint-image.ts';
import { Checkpointing } from './checkpointing.ts';
import type { JobOptions } from './job-types.ts';
import { Lock } from './lock.ts';
import { yieldToOthers } from './node-yield.ts';
import { deadLetterBatch, deadLetterTable, lateTable } from './side-tables.ts';
import { SinkSet } from './sinks.ts';
import { type OpenSplit, openSplits, readSplit } from './split-loop.ts';

/** How often operators hear of processing time. */
const TICK_MS = 100;
const LAG_EVERY_TICKS = 5;
/** Longest stretch of work before others get their turn. */
const SLICE_MS = 5;
const INTERVAL_DEFAULT = '500 ms';

/**
 * One run of a job, from nothing or from a checkpoint, until it fails, is stopped, or its bounded input
 * ends.
 */
export class Attempt {
  readonly #job: JobOptions;
  readonly #incarnation: string;
  readonly #fingerprint: string;
  readonly #abort = new AbortController();
  readonly #lock = new Lock();
  readonly #sinks: SinkSet;
  readonly #graph: Graph;
  readonly #restored: CheckpointImage | null;
  readonly checkpointing: Checkpointing;
  #splits: OpenSplit[] = [];
  #failure: unknown = null;
  #finished = false;
  #sliceBegan = 0;
  lateRows: number;
  rejectedRecords: number;
  lag: number | null = null;

  constructor(job: JobOptions, incarnation: string, fingerprint: string, restored: CheckpointImage | null) {
    this.#job = job;
    this.#incarnation = incarnation;
    this.#fingerprint = fingerprint;
    this.#restored = restored;
    this.lateRows = restored?.totals.lateRows ?? 0;
    this.rejectedRecords = restored?.totals.rejectedRecords ?? 0;
    this.#sinks = new SinkSet(job.name, incarnation);
    this.#graph = buildGraph(
      job.plan.sinks.map(sink => ({ node: sink.input, into: this.#sinkOperator(sink) })),
      {
        session: sessionOf(job.plan.options, () => job.clock.nowMs(), `${incarnation} ${job.clock.nowMs()}`),
        onLate: (node, batch) => this.#onLate(node, batch),
      },
    );
    this.checkpointing = new Checkpointing(
      {
        clock: job.clock,
        storage: job.checkpoints,
        intervalMs: durationMs(job.plan.options['execution.checkpointing.interval'] ?? INTERVAL_DEFAULT),
        signal: this.#abort.signal,
        capture: epoch => this.#lock.run(() => this.#capture(epoch)),
        commit: image => this.#sinks.commit(image.epoch, image.staged),
        fail: error => this.fail(error),
      },
      restored?.epoch ?? 0,
    );
  }

  get graph(): Graph {
    return this.#graph;
  }
  get rowsIn(): number {
    let rows = this.#restored?.totals.rowsIn ?? 0;
    for (const { kind, counters } of this.#graph.nodes.values())
      if (kind === 'scan') rows += counters.rowsOut;
    return rows;
  }
  /** Where each split stands, behind the last row that went through. */
  positions(): Record<string, unknown> {
    return Object.fromEntries(
      this.#splits.map(({ port, split, position }) => [`${port.node.table.name}/${split.id}`, position]),
    );
  }

  get rowsOut(): number {
    return this.#sinks.rowsOut;
  }

  /**
   * Resolves when bounded input has ended and is committed, or after `end`; rejects with the first failure.
   */
  async run(): Promise<void> {
    try {
      await this.#open();
      const loops = this.#splits.map(split => readSplit(split, this.#delivery()));
      await Promise.all([...loops, this.#tick()].map(loop => loop.catch(error => this.fail(error))));
      if (this.#failure !== null) throw this.#failure;
    } finally {
      this.#abort.abort();
      this.checkpointing.stop(this.#failure ?? new MillraceError('JOB_FAILED', 'the job was stopped'));
      await this.#lock.run(() => undefined);
      await Promise.allSettled(this.#splits.map(split => split.reader.close()));
      await this.#sinks.close();
    }
  }

  /** Ends the attempt; `run` rejects with the first error given. */
  fail(error: unknown): void {
    if (!this.#abort.signal.aborted) this.#failure = error;
    this.#abort.abort();
    // Who waits for a checkpoint is told now: the loops that `run` waits for may be among them.
    this.checkpointing.stop(error);
  }

  /** Ends the attempt without an error. */
  end(): void {
    this.#abort.abort();
    this.checkpointing.stop(new MillraceError('JOB_FAILED', 'the job was stopped'));
  }

  /** Reads everything readable, then commits it. */
  async settle(signal: AbortSignal): Promise<void> {
    for (;;) {
      const lags = await Promise.all(this.#splits.map(split => (split.ended ? 0 : split.reader.lag())));
      const delivered = this.#splits.every(
        split => split.ended || JSON.stringify(split.reader.position()) === JSON.stringify(split.position),
      );
      if (delivered && lags.every(lag => lag === 0 || lag === null)) break;
      await this.#job.clock.sleep(10, AbortSignal.any([signal, this.#abort.signal]));
    }
    await this.checkpointing.request();
  }

  async #open(): Promise<void> {
    const { plan, tables, name } = this.#job;
    for (const sink of plan.sinks) {
      await this.#sinks.open(sinkName(sink), await tables.sink(sink.table, sink.input.changelogMode));
    }
    for (const node of windowsOf(plan.sinks)) {
      await this.#sinks.open(lateName(node.id), await tables.sink(lateTable(name, node.schema), 'retract'));
    }
    for (const name of this.#restored?.staged.keys() ?? []) {
      if (!this.#sinks.has(name)) await this.#openDeadLetters(name.slice(DEAD_LETTERS.length));
    }
    if (this.#restored) await this.#restore(this.#restored);
    if (this.#restored?.finished) return; // all that was left was to commit what the end had staged
    for (const port of this.#graph.scans) {
      const source = await tables.source(port.node.table, port.node.projection);
      this.#splits.push(...(await openSplits(port, source, this.#restored?.positions[port.node.id])));
    }
    if (this.#restored) return;
    for (const { node, context } of this.#graph.values) runValues(node, context);
    await this.#drained();
  }

  async #restore(image: CheckpointImage): Promise<void> {
    await this.#sinks.commit(image.epoch, image.staged);
    for (const [id, bytes] of image.operators) this.#graph.nodes.get(Number(id))?.state.restore(bytes);
    for (const { id, counters } of this.#graph.nodes.values()) {
      counters.watermark = image.watermarks[id] ?? counters.watermark;
    }
  }

  /** All that was delivered is through, to the sinks. */
  async #drained(): Promise<void> {
    await this.#graph.drain?.();
    await this.#sinks.drained();
  }

  async #capture(epoch: number): Promise<CheckpointImage> {
    await this.#graph.drain?.();
    const staged = await this.#sinks.prepare(epoch);
    const positions: Record<string, Record<string, unknown>> = {};
    for (const { port, split, position } of this.#splits) {
      (positions[port.node.id] ??= {})[split.id] = position;
    }
    const nodes = [...this.#graph.nodes.values()];
    return {
      epoch,
      incarnation: this.#incarnation,
      plan: this.#fingerprint,
      positions,
      watermarks: Object.fromEntries(nodes.map(node => [node.id, node.counters.watermark])),
      totals: { rowsIn: this.rowsIn, lateRows: this.lateRows, rejectedRecords: this.rejectedRecords },
      finished: this.#finished,
      operators: new Map(
        nodes.filter(node => node.state.declared).map(node => [String(node.id), node.state.snapshot()]),
      ),
      staged,
    };
  }

  #delivery() {
    return {
      signal: this.#abort.signal,
      run: (split: OpenSplit, deliver: () => void) => this.#lock.run(() => this.#deliver(split, deliver)),
      ended: (split: OpenSplit) => this.#ended(split),
    };
  }

  async #deliver(split: OpenSplit, deliver: () => void): Promise<void> {
    if (this.#abort.signal.aborted) return;
    for (const watermark of split.port.watermarks) watermark.setSplit(split.split.id);
    deliver();
    const rejected = split.reader.takeRejected();
    for (const record of rejected) {
      const name = DEAD_LETTERS + record.topic;
      if (!this.#sinks.has(name)) await this.#openDeadLetters(record.topic);
      this.#sinks.write(name, deadLetterBatch(this.#job.name, [record]));
    }
    this.rejectedRecords += rejected.length;
    this.checkpointing.changed();
    await this.#drained();
    const now = this.#job.clock.monotonicMs();
    if (now - this.#sliceBegan < SLICE_MS) return;
    await yieldToOthers();
    this.#sliceBegan = this.#job.clock.monotonicMs();
  }

  /** Event time is at its end where a split is; at the end of all, one last checkpoint. */
  async #ended(split: OpenSplit): Promise<void> {
    await this.#lock.run(async () => {
      for (const watermark of split.port.watermarks) watermark.splitEnded(split.split.id);
      const ofScan = this.#splits.filter(other => other.port === split.port);
      if (ofScan.every(other => other.ended)) split.port.output.watermark(MAX_WATERMARK);
      await this.#drained();
      this.#finished = this.#splits.every(other => other.ended);
    });
    if (!this.#finished) return;
    await this.checkpointing.request();
    this.end();
  }

  async #tick(): Promise<void> {
    const { clock } = this.#job;
    const { signal } = this.#abort;
    if (this.#splits.length === 0) return;
    for (let tick = 0; !signal.aborted; tick++) {
      await clock.sleep(TICK_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#lock.run(async () => {
        for (const { watermarks } of this.#graph.scans)
          for (const watermark of watermarks) watermark.onTime();
        if (this.#graph.onProcessingTime(clock.nowMs())) this.checkpointing.changed();
        await this.#drained();
      });
      if (tick % LAG_EVERY_TICKS > 0) continue;
      const lags = await Promise.all(this.#splits.map(split => (split.ended ? 0 : split.reader.lag())));
      this.lag = lags.reduce((sum: number, lag) => sum + (lag ?? 0), 0);
    }
  }

  #sinkOperator(sink: SinkNode): Operator {
    const name = sinkName(sink);
    return { onBatch: batch => this.#sinks.write(name, batch), onWatermark: () => undefined };
  }

  #onLate(node: number, batch: Batch): void {
    this.lateRows += batch.selectionCount;
    this.#sinks.write(lateName(node), batch);
  }

  async #openDeadLetters(topic: string): Promise<void> {
    const sink = await this.#job.tables.sink(deadLetterTable(topic), 'append');
    await this.#sinks.open(DEAD_LETTERS + topic, sink);
  }
}

const DEAD_LETTERS = 'dead-letters/';
const sinkName = (sink: SinkNode): string => `${sink.id}-${sink.table.name}`;
const lateName = (node: number): string => `late-${node}`;

/** The nodes that can meet late rows, with the rows' schema. */
function windowsOf(sinks: readonly SinkNode[]): { readonly id: number; readonly schema: Schema }[] {
  const found = new Map<number, { id: number; schema: Schema }>();
  const visit = (node: PhysicalNode): void => {
    if (node.kind === 'windowAggregate') found.set(node.id, { id: node.id, schema: node.input.schema });
    for (const input of inputsOf(node)) visit(input);
  };
  for (const sink of sinks) visit(sink.input);
  return [...found.values()];
}
