import { MillraceError } from '../../core/mod.ts';
import { decodeRecords, type Log } from '../../log/mod.ts';

/** A row that came too late, as `millrace_late` has it. */
export interface LateRow {
  readonly job: string;
  readonly kind: string;
  readonly row: unknown;
}

const READ_BYTES = 4 << 20;
const KIND: Readonly<Record<string, string>> = { c: '+I', r: '+I', u: '+U', d: '-D' };

/** All rows of a job's late topic. */
export async function lateRows(log: Log, topic: string, job: string): Promise<readonly LateRow[]> {
  const described = await log.describeTopic(topic);
  const rows: LateRow[] = [];
  for (let partition = 0; partition < (described?.partitions ?? 0); partition++) {
    const at = { topic, partition };
    let offset = (await log.offsets(at)).logStartOffset;
    for (;;) {
      const read = await log.read(at, offset, READ_BYTES, 'read_committed');
      const options = { isolation: 'read_committed' as const, aborted: read.aborted, fromOffset: offset };
      for (const { value } of decodeRecords(read.bytes, options)) if (value) rows.push(lateRow(job, value));
      if (read.nextOffset <= offset) break;
      offset = read.nextOffset;
    }
  }
  return rows;
}

function lateRow(job: string, value: Uint8Array): LateRow {
  const { op, before, after } = JSON.parse(new TextDecoder().decode(value)) as Record<string, unknown>;
  const kind = KIND[String(op)];
  if (kind === undefined)
    throw new MillraceError('FORMAT_INVALID', `late rows of ${job}: unknown op ${String(op)}.`);
  return { job, kind, row: op === 'd' ? before : after };
}
