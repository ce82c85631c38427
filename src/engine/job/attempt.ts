import { type Batch, MillraceError } from '../../core/mod.ts';
import type { PhysicalNode, SinkNode } from '../../plan/mod.ts';
import type { Output } from '../operator.ts';
import type { CheckpointImage } from './checkpoint-image.ts';
import { Checkpointing } from './checkpointing.ts';
import { buildGraph, type Graph, inputsOf } from './graph.ts';
import type { JobOptions } from './job-types.ts';
import { Lock } from './lock.ts';
import { yieldToOthers } from './node-yield.ts';
import { deadLetterBatch, deadLetterTable, lateTable } from './side-tables.ts';
import { SinkSet } from './sinks.ts';
import { type OpenSplit, openSplits, readSplit } from './split-loop.ts';

const TICK_MS = 250;
/** Longest stretch of work before others get their turn. */
const SLICE_MS = 5;
const INTERVAL_DEFAULT_MS = 500;

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
  #current: OpenSplit | null = null;
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
    this.#graph = buildGraph(job.plan, {
      clock: job.clock,
      options: job.plan.options,
      split: () => this.#splitIndex(),
      onLate: (node, batch) => this.#onLate(node, batch),
      sinkOutput: sink => this.#sinkOutput(sink),
    });
    this.checkpointing = new Checkpointing(
      {
        clock: job.clock,
        storage: job.checkpoints,
        intervalMs: Number(job.plan.options['execution.checkpointing.interval'] ?? INTERVAL_DEFAULT_MS),
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
    const scanned = this.#graph.counters.filter(node => node.kind === 'scan');
    return scanned.reduce((sum, node) => sum + node.rowsOut, this.#restored?.totals.rowsIn ?? 0);
  }
  /** Where each split stands, behind the last row that went through. */
  positions(): Record<string, unknown> {
    const named = this.#splits.map(({ scan, split, position }) => [
      `${scan.table.name}/${split.id}`,
      position,
    ]);
    return Object.fromEntries(named);
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
      this.#graph.close();
    }
  }

  /** Ends the attempt; `run` rejects with the first error given. */
  fail(error: unknown): void {
    if (!this.#abort.signal.aborted) this.#failure = error;
    this.#abort.abort();
  }

  /** Ends the attempt without an error. */
  end(): void {
    this.#abort.abort();
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
      const table = lateTable(name, inputsOf(node)[0]!.schema);
      await this.#sinks.open(lateName(node), await tables.sink(table, 'retract'));
    }
    for (const name of this.#restored?.staged.keys() ?? []) {
      if (!this.#sinks.has(name)) await this.#openDeadLetters(name.slice(DEAD_LETTERS.length));
    }
    if (this.#restored) await this.#restore(this.#restored);
    for (const { node, output } of this.#graph.scans) {
      const source = await tables.source(node.table, node.projection);
      const stored = this.#restored?.positions[node.id];
      this.#splits.push(...(await openSplits(node, output, source, stored)));
    }
  }

  async #restore(image: CheckpointImage): Promise<void> {
    await this.#sinks.commit(image.epoch, image.staged);
    for (const [id, bytes] of image.operators) this.#graph.tables.get(Number(id))?.restore(bytes);
    for (const counters of this.#graph.counters) counters.watermarkMs = image.watermarks[counters.id] ?? null;
  }

  async #capture(epoch: number): Promise<CheckpointImage> {
    const staged = await this.#sinks.prepare(epoch);
    const positions: Record<string, Record<string, unknown>> = {};
    for (const { scan, split, position } of this.#splits) {
      (positions[scan.id] ??= {})[split.id] = position;
    }
    const seen = this.#graph.counters.filter(node => Number.isFinite(node.watermarkMs));
    return {
      epoch,
      incarnation: this.#incarnation,
      plan: this.#fingerprint,
      positions,
      watermarks: Object.fromEntries(seen.map(node => [node.id, node.watermarkMs as number])),
      totals: { rowsIn: this.rowsIn, lateRows: this.lateRows, rejectedRecords: this.rejectedRecords },
      finished: this.#finished,
      operators: new Map([...this.#graph.tables].map(([id, tables]) => [String(id), tables.snapshot()])),
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
    this.#current = split;
    deliver();
    const rejected = split.reader.takeRejected();
    for (const record of rejected) {
      const name = DEAD_LETTERS + record.topic;
      if (!this.#sinks.has(name)) await this.#openDeadLetters(record.topic);
      this.#sinks.write(name, deadLetterBatch(this.#job.name, [record]));
    }
    this.rejectedRecords += rejected.length;
    this.checkpointing.changed();
    await this.#sinks.drained();
    const now = this.#job.clock.monotonicMs();
    if (now - this.#sliceBegan < SLICE_MS) return;
    await yieldToOthers();
    this.#sliceBegan = this.#job.clock.monotonicMs();
  }

  /** At the end of a scan's last split its watermark is +infinity; at the end of all, one last checkpoint. */
  async #ended(split: OpenSplit): Promise<void> {
    const ofScan = this.#splits.filter(other => other.scan === split.scan);
    if (ofScan.some(other => !other.ended)) return;
    await this.#lock.run(async () => {
      split.output.onWatermark(Number.POSITIVE_INFINITY);
      await this.#sinks.drained();
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
    while (!signal.aborted) {
      await clock.sleep(TICK_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#lock.run(async () => {
        this.#graph.tick(clock.nowMs());
        await this.#sinks.drained();
      });
      const lags = await Promise.all(this.#splits.map(split => (split.ended ? 0 : split.reader.lag())));
      this.lag = lags.reduce((sum: number, lag) => sum + (lag ?? 0), 0);
    }
  }

  #sinkOutput(sink: SinkNode): Output {
    const name = sinkName(sink);
    return { onBatch: batch => this.#sinks.write(name, batch), onWatermark: () => undefined };
  }

  #onLate(node: PhysicalNode, batch: Batch): void {
    this.lateRows += batch.selectionCount;
    this.#sinks.write(lateName(node), batch);
  }

  async #openDeadLetters(topic: string): Promise<void> {
    const sink = await this.#job.tables.sink(deadLetterTable(topic), 'append');
    await this.#sinks.open(DEAD_LETTERS + topic, sink);
  }

  #splitIndex(): { index: number; count: number } {
    const current = this.#current;
    const ofScan = this.#splits.filter(split => split.scan === current?.scan);
    return { index: current === null ? 0 : ofScan.indexOf(current), count: Math.max(1, ofScan.length) };
  }
}

const DEAD_LETTERS = 'dead-letters/';
const sinkName = (sink: SinkNode): string => `${sink.id}-${sink.table.name}`;
const lateName = (node: PhysicalNode): string => `late-${node.id}`;

/** The nodes that can meet late rows. */
function windowsOf(sinks: readonly SinkNode[]): PhysicalNode[] {
  const found = new Set<PhysicalNode>();
  const visit = (node: PhysicalNode): void => {
    if (node.kind === 'windowAggregate') found.add(node);
    inputsOf(node).forEach(visit);
  };
  for (const sink of sinks) visit(sink.input);
  return [...found];
}
