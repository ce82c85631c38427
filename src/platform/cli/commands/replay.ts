import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { MillraceError } from '../../../core/mod.ts';
import { createPace } from '../../replay/pace.ts';
import { fileRows } from '../../replay/rows.ts';
import { tableTarget } from '../../replay/table-target.ts';
import type { DeadLetter, Target } from '../../replay/target.ts';
import { topicTarget } from '../../replay/topic-target.ts';
import { systemClock } from '../../system-clock.ts';
import { type Command, type CommandContext, flagOf } from '../command.ts';

const BATCH_ROWS = 2000;
const PROGRESS_MS = 1000;

/** `millrace replay` */
export const replayCommand: Command = {
  name: 'replay',
  summary: 'stream a CSV, TSV or JSON-lines file into a topic or a table',
  description:
    'The file may be gzipped. Rows go as JSON objects by column name; lines that can not be read go to TOPIC.dlq and are\n' +
    'counted. A server that restarts meanwhile is waited for, and nothing is stored twice.',
  positionals: [
    {
      name: 'file',
      required: true,
      help: 'a .csv, .tsv, .jsonl, .ndjson or .json file, with or without .gz',
    },
  ],
  flags: [
    { name: 'topic', value: 'TOPIC', help: 'append to this topic, which is created where it is missing' },
    { name: 'table', value: 'TABLE', help: "insert into this table of the application's database" },
    {
      name: 'speed',
      value: 'N|max',
      help: 'N times recorded time (with --time-column), N rows a second (without), or max',
    },
    { name: 'time-column', value: 'COLUMN', help: 'the column that says when a row was recorded' },
  ],
  examples: [
    'millrace replay trips.csv.gz --topic trips',
    'millrace replay trips.csv --table trips --speed 60 --time-column at',
  ],
  run: async context => {
    const [topic, table] = [flagOf(context, 'topic'), flagOf(context, 'table')];
    if ((topic === undefined) === (table === undefined)) {
      throw new MillraceError('CONFIG_INVALID', 'replay needs either --topic TOPIC or --table TABLE.');
    }
    const producer = `replay-${randomUUID()}`;
    const target =
      topic !== undefined
        ? await topicTarget(context, topic, producer)
        : await tableTarget(context, table!, producer);
    const { rows, dead } = await replay(context, target);
    await target.close();
    context.err(`replayed ${rows.toLocaleString('en')} rows, ${dead.toLocaleString('en')} dead-lettered\n`);
    return 0;
  },
};

interface Counts {
  rows: number;
  dead: number;
}

async function replay(context: CommandContext, target: Target): Promise<Counts> {
  const path = context.positionals[0]!;
  const pace = createPace(flagOf(context, 'speed') ?? 'max', flagOf(context, 'time-column'), systemClock);
  const counts: Counts = { rows: 0, dead: 0 };
  const progress = createProgress(context, counts);
  let batch: Readonly<Record<string, unknown>>[] = [];
  let letters: DeadLetter[] = [];
  const send = async (): Promise<void> => {
    const [rows, unread] = [batch, letters];
    [batch, letters] = [[], []];
    const refused = rows.length > 0 ? await target.write(rows) : [];
    const dead = [...unread, ...refused];
    if (dead.length > 0) await target.deadLetter(dead);
    counts.rows += rows.length - refused.length;
    counts.dead += dead.length;
    progress();
  };
  for await (const item of fileRows(path)) {
    context.signal.throwIfAborted();
    if (item.kind === 'bad') {
      letters.push({ file: basename(path), line: item.line, reason: item.reason, text: item.text });
    } else {
      const waitMs = pace.waitMs(item.row);
      if (waitMs > 0) {
        await send();
        await systemClock.sleep(waitMs, context.signal);
      }
      batch.push(item.row);
    }
    if (batch.length + letters.length >= BATCH_ROWS) await send();
  }
  await send();
  return counts;
}

/** A line a second while it runs. */
function createProgress(context: CommandContext, counts: Counts): () => void {
  const beganMs = systemClock.monotonicMs();
  let lastMs = beganMs;
  return () => {
    const nowMs = systemClock.monotonicMs();
    if (nowMs - lastMs < PROGRESS_MS) return;
    lastMs = nowMs;
    const perS = Math.round(counts.rows / ((nowMs - beganMs) / 1000));
    const dead = counts.dead > 0 ? `, ${counts.dead} dead-lettered` : '';
    context.err(`${counts.rows.toLocaleString('en')} rows${dead}, ${perS.toLocaleString('en')} rows/s\n`);
  };
}
