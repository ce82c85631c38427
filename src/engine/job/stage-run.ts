import { type AlignmentState, initialAlignment } from '../../state/mod.ts';
import { Inbox, type Taken } from '../exchange/inbox.ts';
import type { Stage } from '../exchange/stages.ts';
import type { Graph } from '../graph.ts';
import type { JobTotals } from './checkpoint-image.ts';

/** A stage of one task at work: what has come for it, and which barriers. */
export class StageRun {
  readonly stage: Stage;
  readonly inbox: Inbox;
  alignment: AlignmentState;
  /** Its sources give no more rows. */
  isStopped = false;
  /** Records of its sources that could not be read, and rows that its sinks could not take. */
  rejectedRecords = 0;
  /** The input that barriers come on from the coordinator; behind those of the inbox. */
  readonly sourceInput: number;
  readonly #task: number;
  readonly #parallelism: number;

  constructor(stage: Stage, task: number, parallelism: number, taken: Taken) {
    this.stage = stage;
    this.#task = task;
    this.#parallelism = parallelism;
    const sources = stage.inputs.flatMap(channel => this.tasksOf(channel).map(from => ({ channel, from })));
    this.inbox = new Inbox(sources, taken);
    this.sourceInput = sources.length;
    this.alignment = initialAlignment(sources.length + (stage.hasSource ? 1 : 0));
  }

  /** The tasks at the other end of a channel; a channel within the task has no other. */
  tasksOf(channel: number): readonly number[] {
    return channel < 0 ? [this.#task] : Array.from({ length: this.#parallelism }, (_, task) => task);
  }

  /** What it has counted: by stage, because a barrier passes the stages one after the other. */
  countsOf({ nodes }: Graph): JobTotals {
    let [rowsIn, lateRows] = [0, 0];
    for (const { id, kind, counters } of nodes.values()) {
      if (!this.stage.nodes.has(id)) continue;
      if (kind === 'scan') rowsIn += counters.rowsOut;
      lateRows += counters.lateRows;
    }
    return { rowsIn, lateRows, rejectedRecords: this.rejectedRecords };
  }

  /** The barrier has been put in at the sources, and they wait for it to come on the other inputs too. */
  get waitsAtSource(): boolean {
    return this.isStopped || this.alignment.arrived.has(this.sourceInput);
  }
}
