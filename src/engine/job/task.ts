import { assert, type Batch, failpoint, unpackBatch } from '../../core/mod.ts';
import { decideAlignment, type SavedState } from '../../state/mod.ts';
import { sessionOf } from '../codegen/mod.ts';
import { Outbox, type WireMessage } from '../exchange/outbox.ts';
import { stagesOf } from '../exchange/stages.ts';
import { buildGraph, type Graph } from '../graph.ts';
import { MAX_WATERMARK, runValues } from '../operators/mod.ts';
import { inOnePiece, joinImages, sumTotals, type TaskImage } from './checkpoint-image.ts';
import { DeadLetters } from './dead-letters.ts';
import { Lock } from './lock.ts';
import { LookupSet } from './lookup-set.ts';
import { Pace } from './pace.ts';
import { restoreGraph } from './restore-graph.ts';
import { lateName, plannedSinks, sinkName } from './sink-names.ts';
import { SinkSet } from './sinks.ts';
import { isDelivered, lagsOf, type OpenSplit, openSplits, readSplit } from './split-loop.ts';
import { StageRun } from './stage-run.ts';
import type { LastBarrier, TaskHandle, TaskHost, TaskSpec, TaskStatus } from './task-types.ts';

/** How often operators hear of processing time. */
const TICK_MS = 100;
const LAG_EVERY_TICKS = 5;

interface Saving {
  readonly epoch: number;
  readonly last: LastBarrier;
  readonly images: TaskImage[];
  readonly done: (image: TaskImage) => void;
}

/**
 * One of the equal parts of a running job: a copy of the whole graph, with its share of the splits and of the
 * key groups. All its work is done one piece at a time, under one lock.
 */
export class Task implements TaskHandle {
  readonly #spec: TaskSpec;
  /** What it goes on from; null again once that is taken over. */
  #restore: TaskSpec['restore'];
  readonly #host: TaskHost;
  readonly #abort = new AbortController();
  readonly #lock = new Lock();
  readonly #sinks: SinkSet;
  readonly #deadLetters: DeadLetters;
  readonly #lookups: LookupSet;
  readonly #graph: Graph;
  readonly #isNew: boolean;
  readonly #outbox: Outbox;
  readonly #stages: readonly StageRun[];
  readonly #pace: Pace;
  #splits: OpenSplit[] = [];
  #isOpen = false;
  #saving: Saving | null = null;
  /** Copies of states that are free again when their checkpoint is stored. */
  #stored: TaskImage['operators'] = new Map();
  #lag: number | null = null;

  constructor(given: TaskSpec, host: TaskHost) {
    const spec = { ...given, restore: null };
    const { job, plan, task, parallelism } = spec;
    this.#spec = spec;
    this.#restore = given.restore;
    this.#isNew = given.restore === null;
    this.#host = host;
    this.#sinks = new SinkSet(spec, host);
    this.#deadLetters = new DeadLetters(job, this.#sinks, host.tables);
    this.#lookups = new LookupSet(host, this.#abort.signal);
    this.#outbox = new Outbox(task, parallelism, (target, message) => host.post(target, message));
    const { stages, forward } = stagesOf(plan.sinks, parallelism);
    const taken = (channel: number, from: number, rows: number): void =>
      host.post(from, { kind: 'taken', channel, from: task, rows });
    this.#stages = stages.map(stage => new StageRun(stage, task, parallelism, taken));
    const send = this.#outbox.send.bind(this.#outbox);
    const session = sessionOf(
      plan.options,
      () => host.clock.nowMs(),
      spec.seed,
      id => host.tables.function?.(id),
    );
    this.#graph = buildGraph(
      plan.sinks.map(sink => {
        const name = sinkName(sink);
        const write = (batch: Batch): void => this.#sinks.write(name, batch);
        return { node: sink.input, into: { onBatch: write, onWatermark: () => undefined } };
      }),
      {
        session,
        onLate: (node, batch) => this.#onLate(node, batch),
        lookups: this.#lookups,
        ...(parallelism === 1 ? {} : { place: { task, parallelism, forward, send } }),
      },
    );
    this.#pace = new Pace(host.clock, this.#graph.finish === null ? null : session.miniBatchMs);
  }

  /** Opens sinks and splits and takes over the state. Other tasks may send from here on. */
  async open(): Promise<void> {
    const { plan, job } = this.#spec;
    for (const { name, node, table, mode } of plannedSinks(job, plan)) {
      const stage = this.#stages.findIndex(run => run.stage.nodes.has(node));
      await this.#sinks.open(name, stage, await this.#host.tables.sink(table, mode));
    }
    restoreGraph(this.#graph, { ...this.#spec, restore: this.#restore });
    this.#restore = null;
    for (const port of this.#graph.scans) {
      const starts = this.#spec.splits[port.node.id] ?? [];
      if (starts.length === 0) continue;
      const source = await this.#host.tables.source(port.node.table, port.node.projection);
      this.#splits.push(...(await openSplits(port, source, starts)));
    }
    this.#isOpen = true;
  }

  /** Works until `end`, or until something fails, which `failed` is told. */
  async run(): Promise<void> {
    try {
      if (this.#abort.signal.aborted) return;
      await this.#lock.run(() => this.#begin());
      const loops = [
        ...this.#splits.map(split => this.#read(split)),
        ...this.#stages.filter(run => run.inbox.inputs > 0).map(run => this.#receive(run)),
        this.#tick(),
      ];
      if (this.#splits.length === 0) this.#host.ended();
      await Promise.all(loops.map(loop => loop.catch(error => this.#fail(error))));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!this.#abort.signal.aborted) this.#host.failed(error);
    this.end();
  }

  /** Stops working; `close` frees what it holds. */
  end(): void {
    this.#abort.abort();
    this.#outbox.wake();
    for (const run of this.#stages) run.inbox.wake();
  }

  async close(): Promise<void> {
    this.end();
    await this.#lock.run(() => undefined);
    await Promise.allSettled(this.#splits.map(split => split.reader.close()));
    await this.#lookups.close();
    await this.#sinks.close();
  }

  /** Event time goes on from where it was; rows of VALUES are given once, by the first task. */
  async #begin(): Promise<void> {
    this.#graph.resume();
    for (const { node, context } of this.#graph.values) {
      if (this.#isNew && this.#spec.task === 0) runValues(node, context);
      else context.output.watermark(MAX_WATERMARK);
    }
    for (const port of this.#graph.scans) {
      if (!this.#splits.some(split => split.port === port)) port.output.watermark(MAX_WATERMARK);
    }
    await this.#drained();
  }

  /** A message of another task, or of this one. */
  take(message: WireMessage): void {
    if (message.kind === 'taken') {
      this.#outbox.taken(message.channel, message.from, message.rows);
      return;
    }
    const { channel, from } = message;
    this.#stages.find(run => run.stage.inputs.includes(channel))!.inbox.put(channel, from, message.message);
  }

  /** Puts the barrier into the stages with sources; resolves when it is through all stages of this task. */
  checkpoint(epoch: number, last: LastBarrier): Promise<TaskImage> {
    if (last === 'ended') this.#sinks.finish();
    return new Promise(done => {
      this.#saving = { epoch, last, images: [], done };
      for (const run of this.#stages) {
        if (!run.stage.hasSource) continue;
        const inject = async (): Promise<void> => {
          if (this.#abort.signal.aborted) return;
          failpoint('checkpoint.inject.before');
          run.isStopped ||= last === 'stopped';
          await this.#barrier(run, run.sourceInput, epoch);
        };
        this.#lock.run(inject).catch(error => this.#fail(error));
      }
    });
  }

  /** Makes the output of a stored epoch visible. */
  async commit(epoch: number): Promise<void> {
    await this.#sinks.commit(epoch, this.#host.tables, (stage, count) => {
      this.#stages[stage]!.rejectedRecords += count;
    });
    this.recycle(this.#stored);
    this.#stored = new Map();
  }

  /** The copies of the states, by node, are stored: their memory is free for the next ones. */
  recycle(operators: TaskImage['operators']): void {
    for (const [id, { pieces }] of operators) this.#graph.nodes.get(Number(id))!.state.recycle(pieces[0]!);
  }

  async #barrier(run: StageRun, input: number, epoch: number): Promise<void> {
    const { state, aligned } = decideAlignment(run.alignment, input, epoch);
    run.alignment = state;
    if (!aligned) {
      if (input !== run.sourceInput) run.inbox.block(input);
      return;
    }
    failpoint('checkpoint.align.before');
    await this.#finish();
    const image = await this.#save(run, epoch);
    for (const channel of run.stage.outputs) {
      for (const target of run.tasksOf(channel)) {
        this.#outbox.send(channel, target, { kind: 'barrier', epoch });
        failpoint('exchange.barrier.after');
      }
    }
    failpoint('checkpoint.align.after');
    run.inbox.unblock();
    this.#outbox.wake();
    const saving = this.#saving;
    assert(saving !== null && saving.epoch === epoch, 'a barrier belongs to the checkpoint under way');
    if (saving.images.push(image) < this.#stages.length) return;
    this.#saving = null;
    const joined = joinImages(saving.images);
    this.#stored = joined.operators;
    saving.done(joined);
  }

  async #save(run: StageRun, epoch: number): Promise<TaskImage> {
    const staged = await this.#sinks.prepare(epoch, this.#stages.indexOf(run));
    const began = this.#host.clock.monotonicMs();
    const positions: Record<string, Record<string, unknown>> = {};
    for (const { port, split, position } of this.#splits) {
      if (run.stage.nodes.has(port.node.id)) (positions[port.node.id] ??= {})[split.id] = position;
    }
    const nodes = [...this.#graph.nodes.values()].filter(node => run.stage.nodes.has(node.id));
    // As in Flink operators that have finished leave no state: only what is staged is still to be shown.
    const kept = this.#saving?.last === 'ended' ? [] : nodes.filter(node => node.state.declared);
    const save = ({ state }: (typeof kept)[number]): SavedState =>
      this.#host.commits ? state.save() : inOnePiece(state.snapshot());
    const operators = new Map(kept.map(node => [String(node.id), save(node)]));
    failpoint('checkpoint.copy.after');
    const watermarks = Object.fromEntries(nodes.map(node => [node.id, node.counters.watermark]));
    const stallMs = this.#host.clock.monotonicMs() - began;
    return { positions, watermarks, counts: run.countsOf(this.#graph), stallMs, operators, staged };
  }

  async #read(split: OpenSplit): Promise<void> {
    const run = this.#stages.find(stage => stage.stage.nodes.has(split.port.node.id))!;
    await readSplit(split, {
      signal: this.#abort.signal,
      run: deliver => this.#whenOpen(run, () => this.#deliver(run, split, deliver)),
      isWaiting: () => this.#pace.isWaiting,
      finish: () => this.#finishBeside(),
      ended: () => this.#lock.run(() => this.#ended(split)),
    });
  }

  /** Runs work of a source under the lock, when there is room behind it and its barrier is through. */
  async #whenOpen(run: StageRun, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#abort;
    for (let done = false; !done && !signal.aborted; ) {
      while (!signal.aborted && this.#hasNoRoom(run)) await this.#outbox.change();
      done = await this.#lock.run(async () => {
        if (signal.aborted || run.waitsAtSource) return false;
        await work();
        return true;
      });
    }
  }

  #hasNoRoom({ waitsAtSource, stage }: StageRun): boolean {
    return waitsAtSource || this.#sinks.isFull || this.#outbox.isFull(stage.outputs);
  }

  async #deliver(run: StageRun, split: OpenSplit, deliver: () => void): Promise<void> {
    for (const watermark of split.port.watermarks) watermark.setSplit(split.split.id);
    deliver();
    const rejected = split.reader.takeRejected();
    if (rejected.length > 0) await this.#deadLetters.records(this.#stages.indexOf(run), rejected);
    run.rejectedRecords += rejected.length;
    this.#host.changed();
    await this.#through();
  }

  /** What other tasks send is worked off while there is room behind it. */
  async #receive(run: StageRun): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      if (this.#outbox.isFull(run.stage.outputs)) await this.#outbox.change();
      else if (!(await this.#lock.run(() => this.#receiveOne(run))) && !signal.aborted)
        await (this.#pace.isWaiting ? this.#finishBeside() : run.inbox.waiting());
    }
  }

  async #receiveOne(run: StageRun): Promise<boolean> {
    if (this.#abort.signal.aborted) return false;
    const arrival = run.inbox.take();
    if (arrival === null) return false;
    const { channel, from, message } = arrival;
    failpoint('exchange.take.after');
    const port = this.#graph.exchanges.get(channel)!;
    if (message.kind === 'rows') port.rows(unpackBatch(message.memory, port.schema));
    else if (message.kind === 'watermark') port.watermark(from, message.ms);
    else if (message.kind === 'idle') port.idle(from, message.isIdle);
    else await this.#barrier(run, run.inbox.inputOf(channel, from), message.epoch);
    await this.#through();
    if (message.kind === 'rows') this.#outbox.memory.giveBack(message.memory);
    return true;
  }

  /** A delivery is through the operators; others get their turn. */
  async #through(): Promise<void> {
    if (this.#pace.delivered()) await this.#finish();
    else await this.#drained();
    await this.#pace.pause();
  }

  /** Mini-batches end where they are, and what they send is through, to the sinks. */
  async #finish(): Promise<void> {
    this.#pace.finished();
    this.#graph.finish?.();
    await this.#drained();
  }

  #finishBeside(): Promise<void> {
    return this.#lock.run(() => (this.#abort.signal.aborted ? undefined : this.#finish()));
  }

  /** All that was delivered is through, to the sinks. */
  async #drained(): Promise<void> {
    await this.#graph.drain?.();
    await this.#sinks.drained();
    for (const { stage, rows } of this.#sinks.takeRejected()) {
      await this.#deadLetters.rows(stage, rows);
      this.#stages[stage]!.rejectedRecords += rows.length;
    }
  }

  /** Event time is at its end where a split is. */
  async #ended(split: OpenSplit): Promise<void> {
    if (this.#abort.signal.aborted) return;
    for (const watermark of split.port.watermarks) watermark.splitEnded(split.split.id);
    const ofScan = this.#splits.filter(other => other.port === split.port);
    if (ofScan.every(other => other.ended)) split.port.output.watermark(MAX_WATERMARK);
    await this.#finish();
    if (this.#splits.every(other => other.ended)) this.#host.ended();
  }

  async #tick(): Promise<void> {
    const { clock, changed } = this.#host;
    const { signal } = this.#abort;
    for (let tick = 0; !signal.aborted; tick++) {
      await clock.sleep(TICK_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#lock.run(async () => {
        for (const { watermarks } of this.#graph.scans)
          for (const watermark of watermarks) watermark.onTime();
        if (this.#graph.onProcessingTime(clock.nowMs())) changed();
        await this.#drained();
      });
      if (tick % LAG_EVERY_TICKS > 0) continue;
      if (this.#sinks.wantCheckpoint()) changed();
      const lags = await lagsOf(this.#splits);
      this.#lag = lags.reduce((sum: number, lag) => sum + (lag ?? 0), 0);
    }
  }

  /** Everything that can be read has gone into the graph. */
  async caughtUp(): Promise<boolean> {
    if (!this.#isOpen) return false;
    const lags = await lagsOf(this.#splits);
    return this.#splits.every(isDelivered) && lags.every(lag => lag === 0 || lag === null);
  }

  #onLate(node: number, batch: Batch): void {
    if (this.#sinks.has(lateName(node))) this.#sinks.write(lateName(node), batch);
  }

  status(): TaskStatus {
    return {
      counts: sumTotals(this.#stages.map(run => run.countsOf(this.#graph))),
      rowsOut: this.#sinks.rowsOut,
      lag: this.#lag,
      nodes: [...this.#graph.nodes.values()].map(({ id, kind, counters, state }) => ({
        ...{ id, kind, rowsOut: counters.rowsOut, watermarkMs: counters.watermark },
        ...{ stateRows: state.rows, stateBytes: state.byteLength },
      })),
      splits: this.#splits.map(({ port, split, position }) => ({
        ...{ table: port.node.table, split: split.id, position },
      })),
    };
  }
}
