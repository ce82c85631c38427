import type { Committer, RejectedRow, Staged } from '../../contract/mod.ts';
import { failpoint } from '../../core/mod.ts';
import type { Tables } from './job-types.ts';
import { deadLetterBatch, jobTopic } from './side-tables.ts';
import { deadLetterTarget, refusedName, sinkContext } from './sink-names.ts';

/** A sink of a task whose output is stored. */
export interface StoredOutput {
  readonly job: string;
  readonly task: number;
  readonly incarnation: string;
  /** The sink's. */
  readonly name: string;
  readonly epoch: number;
  readonly staged: Staged;
  readonly isRestored?: boolean;
}

/**
 * Makes what a sink has staged visible. Rows that its table refuses go to the dead letters of the job, in a
 * commit of the same epoch, so that a crash between the two loses none and doubles none. Returns how many.
 */
export async function commitSink(
  output: StoredOutput,
  committer: Committer | null | undefined,
  tables: Tables,
): Promise<number> {
  failpoint('sink.commit.before');
  await committer?.commit(output.epoch, output.staged, output.isRestored);
  const refused = committer?.takeRejected?.() ?? [];
  if (refused.length > 0) {
    failpoint('refused.commit.before');
    await commitRefused(output, refused, tables);
    failpoint('refused.commit.after');
  }
  failpoint('sink.commit.after');
  return refused.length;
}

async function commitRefused(
  { job, task, incarnation, name, epoch, isRestored }: StoredOutput,
  refused: readonly RejectedRow[],
  tables: Tables,
): Promise<void> {
  const { table, mode } = deadLetterTarget(jobTopic(job));
  const sink = await tables.sink(table, mode);
  const context = sinkContext({ job, name: refusedName(name), task }, incarnation, null);
  const writer = await sink.openWriter(context);
  try {
    await writer.write(deadLetterBatch(job, refused));
    await writer.flush();
    const staged = await writer.prepare(epoch);
    const committer = await sink.openCommitter(context);
    try {
      if (staged !== null) await committer?.commit(epoch, staged, isRestored);
    } finally {
      await committer?.close();
    }
  } finally {
    await writer.close();
  }
}
