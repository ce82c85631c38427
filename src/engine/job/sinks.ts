import type { Committer, Sink, SinkWriter } from '../../contract/mod.ts';
import { type Batch, copyBatch, failpoint } from '../../core/mod.ts';

/** A sink of one attempt: its writer, its committer, and the writes that are still under way. */
interface OpenSink {
  readonly id: string;
  readonly writer: SinkWriter;
  readonly committer: Committer | null;
  /** The write under way; the next one waits for it, because a writer's calls never overlap. */
  busy: Promise<void> | null;
}

/**
 * All sinks of an attempt. Writes are called without waiting; `drained` resolves when they are through, which
 * is
 * the back-pressure of the sources.
 */
export class SinkSet {
  readonly #incarnation: string;
  readonly #job: string;
  readonly #open = new Map<string, OpenSink>();
  readonly #touched = new Set<OpenSink>();
  #pending: Promise<void>[] = [];
  rowsOut = 0;

  constructor(job: string, incarnation: string) {
    this.#job = job;
    this.#incarnation = incarnation;
  }

  async open(name: string, sink: Sink): Promise<void> {
    const id = `${this.#job}/${name}`;
    const context = { incarnation: this.#incarnation, sinkId: id };
    const committer = await sink.openCommitter(context);
    this.#open.set(name, { id, committer, writer: await sink.openWriter(context), busy: null });
  }

  has(name: string): boolean {
    return this.#open.has(name);
  }

  write(name: string, batch: Batch): void {
    const sink = this.#open.get(name)!;
    this.rowsOut += batch.selectionCount;
    this.#touched.add(sink);
    if (sink.busy === null) {
      const written = sink.writer.write(batch);
      if (written instanceof Promise) this.#wait(sink, written);
      return;
    }
    const kept = copyBatch(batch);
    this.#wait(
      sink,
      sink.busy.then(() => sink.writer.write(kept)),
    );
  }

  #wait(sink: OpenSink, writing: Promise<void>): void {
    const done = writing.finally(() => {
      if (sink.busy === done) sink.busy = null;
    });
    sink.busy = done;
    this.#pending.push(done);
  }

  /** Everything written so far is taken, and visible where the delivery is at-least-once. */
  async drained(): Promise<void> {
    if (this.#touched.size === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    const touched = [...this.#touched];
    this.#touched.clear();
    await Promise.all(pending);
    await Promise.all(touched.map(sink => sink.writer.flush()));
  }

  /** The staged output of the epoch by sink; at-least-once output is durable when it resolves. */
  async prepare(epoch: number): Promise<Map<string, Uint8Array>> {
    await this.drained();
    const staged = new Map<string, Uint8Array>();
    for (const [name, { writer }] of this.#open) {
      const bytes = await writer.prepare(epoch);
      if (bytes !== null) staged.set(name, bytes);
    }
    return staged;
  }

  /** Make staged output visible; skipped by the committers where it is already. */
  async commit(epoch: number, staged: ReadonlyMap<string, Uint8Array>): Promise<void> {
    for (const [name, bytes] of staged) {
      failpoint('sink.commit.before');
      await this.#open.get(name)?.committer?.commit(epoch, bytes);
      failpoint('sink.commit.after');
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#pending);
    const closing = [...this.#open.values()].flatMap(({ writer, committer }) => [
      writer.close(),
      committer?.close(),
    ]);
    await Promise.allSettled(closing);
  }
}
