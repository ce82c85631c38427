import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { connect } from '../client.ts';
import { type Command, flagOf } from '../command.ts';

const BATCH_LINES = 1000;

/** `millrace produce` */
export const produceCommand: Command = {
  name: 'produce',
  summary: 'append lines from standard input or a file to a topic',
  description: 'Each line becomes the value of a record. With --key-separator the part before it is the key.',
  positionals: [{ name: 'topic', required: true, help: 'the topic' }],
  flags: [
    { name: 'file', value: 'FILE', short: 'f', help: 'read this file instead of standard input' },
    { name: 'key-separator', value: 'TEXT', short: 'K', help: 'splits a line into key and value' },
    { name: 'partition', value: 'N', short: 'p', help: 'append to this partition' },
    {
      name: 'json',
      help: 'a line is a whole record: {"key": …, "value": …, "headers"?: …, "timestamp"?: …}',
    },
  ],
  examples: ['echo \'{"a": 1}\' | millrace produce trips', 'millrace produce trips -f trips.jsonl'],
  run: async context => {
    const client = connect(context);
    const path = `/api/topics/${encodeURIComponent(context.positionals[0]!)}/records`;
    const partition = flagOf(context, 'partition');
    const toRecord = recordMaker(
      flagOf(context, 'key-separator'),
      partition,
      flagOf(context, 'json') === 'true',
    );
    const file = flagOf(context, 'file');
    const lines = createInterface({ input: file === undefined ? process.stdin : createReadStream(file) });
    let batch: string[] = [];
    let sent = 0;
    const send = async (): Promise<void> => {
      if (batch.length === 0) return;
      const headers = { 'content-type': 'application/x-ndjson' };
      await client.request('POST', path, { body: batch.join('\n'), headers });
      sent += batch.length;
      batch = [];
    };
    for await (const line of lines) {
      if (line === '') continue;
      batch.push(toRecord(line));
      if (batch.length >= BATCH_LINES) await send();
    }
    await send();
    context.err(`appended ${sent} record${sent === 1 ? '' : 's'}\n`);
    return 0;
  },
};

function recordMaker(
  separator: string | undefined,
  partition: string | undefined,
  whole: boolean,
): (line: string) => string {
  const at = partition === undefined ? {} : { partition: Number(partition) };
  return line => {
    if (whole) return line;
    const split = separator === undefined ? -1 : line.indexOf(separator);
    if (split < 0) return JSON.stringify({ value: line, ...at });
    return JSON.stringify({ key: line.slice(0, split), value: line.slice(split + separator!.length), ...at });
  };
}
