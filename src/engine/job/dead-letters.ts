import type { RejectedRecord, RejectedRow } from '../../contract/mod.ts';
import type { Tables } from './job-types.ts';
import { deadLetterBatch, jobTopic } from './side-tables.ts';
import { deadLetterName, deadLetterTarget } from './sink-names.ts';
import type { SinkSet } from './sinks.ts';

/** Where a task puts what could not be read, or not be written: topics that are made when first needed. */
export class DeadLetters {
  readonly #job: string;
  readonly #sinks: SinkSet;
  readonly #tables: Tables;

  constructor(job: string, sinks: SinkSet, tables: Tables) {
    this.#job = job;
    this.#sinks = sinks;
    this.#tables = tables;
  }

  /** Records of the sources of a stage, each to the dead letters of its topic. */
  async records(stage: number, records: readonly RejectedRecord[]): Promise<void> {
    for (const record of records) await this.#put(stage, record.topic, record);
  }

  /** Rows for the sinks of a stage, to the dead letters of the job. */
  async rows(stage: number, rows: readonly RejectedRow[]): Promise<void> {
    for (const row of rows) await this.#put(stage, jobTopic(this.#job), row);
  }

  async #put(stage: number, topic: string, rejected: RejectedRecord | RejectedRow): Promise<void> {
    const name = deadLetterName(stage, topic);
    if (!this.#sinks.has(name)) {
      const { table, mode } = deadLetterTarget(topic);
      await this.#sinks.open(name, stage, await this.#tables.sink(table, mode));
    }
    this.#sinks.write(name, deadLetterBatch(this.#job, [rejected]));
  }
}
