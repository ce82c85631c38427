import { createReadStream } from 'node:fs';
import { MillraceError, messageOf } from '../../../core/mod.ts';
import { type Command, type CommandContext, flagOf } from '../command.ts';
import { linesOf } from '../topics/input-lines.ts';
import { CLUSTER_FLAGS, connectLog } from '../topics/log-client.ts';
import { isSet, numberFlag, parsePair, typedText } from '../topics/parse.ts';
import { bytesToRecord, type LineOptions, lineToRecord } from '../topics/record-of-line.ts';

const BATCH_LINES = 1000;
const BATCH_CHARS = 4 << 20;

/** `millrace produce` */
export const produceCommand: Command = {
  name: 'produce',
  summary: 'append lines from standard input or a file to a topic',
  description:
    'Each line becomes the value of a record. With --key-separator the part before it is the key, with\n' +
    '--headers-separator what comes before that are headers, NAME:VALUE,…. Records with a key go to the partition of its\n' +
    'hash, as with every client of Kafka; those without one to one partition after the other, up to 1000 at a time.',
  positionals: [{ name: 'topic', required: true, help: 'the topic' }],
  flags: [
    { name: 'file', value: 'FILE', short: 'f', help: 'read this file instead of standard input' },
    {
      name: 'key-separator',
      value: 'TEXT',
      short: 'K',
      help: 'splits a line into key and value; \\t is a tab',
    },
    {
      name: 'headers-separator',
      value: 'TEXT',
      help: 'splits headers, NAME:VALUE,…, from the rest; \\t is a tab',
    },
    { name: 'key', value: 'TEXT', short: 'k', help: 'the key of every record' },
    { name: 'header', value: 'NAME=VALUE', short: 'H', many: true, help: 'a header of every record' },
    { name: 'partition', value: 'N', short: 'p', help: 'append to this partition' },
    { name: 'null', short: 'Z', help: 'an empty value (or key) is null: a tombstone' },
    { name: 'null-marker', value: 'TEXT', help: 'a key or value of this text is null' },
    { name: 'whole', help: 'the whole input is one record, whatever its bytes, not a record a line' },
    {
      name: 'json',
      help: 'a line is a whole record: {"key": …, "value": …, "headers"?: …, "partition"?: …, "timestamp"?: …}',
    },
    ...CLUSTER_FLAGS,
  ],
  examples: [
    'echo \'{"a": 1}\' | millrace produce trips',
    'millrace produce trips -f trips.jsonl',
    "echo 'paris|{\"temperature\": 21}' | millrace produce weather -K '|' -H source=shell",
    "printf 'paris|\\n' | millrace produce weather -K '|' -Z",
  ],
  run: async context => {
    const client = await connectLog(context);
    try {
      const path = `/api/topics/${encodeURIComponent(context.positionals[0]!)}/records`;
      const headers = { 'content-type': 'application/x-ndjson' };
      let sent = 0;
      for await (const batch of batches(records(context))) {
        context.signal.throwIfAborted();
        await client.request('POST', path, { body: batch.join('\n'), headers });
        sent += batch.length;
      }
      context.err(`appended ${sent} record${sent === 1 ? '' : 's'}\n`);
      return 0;
    } finally {
      await client.close();
    }
  },
};

/** The records of the input, each a line of the API's NDJSON. */
async function* records(context: CommandContext): AsyncGenerator<string> {
  const options = lineOptions(context);
  if (options === null) yield* linesOf(inputOf(context));
  else if (isSet(context, 'whole')) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of inputOf(context)) chunks.push(chunk);
    yield bytesToRecord(options)(Buffer.concat(chunks));
  } else {
    const toRecord = lineToRecord(options);
    for await (const line of linesOf(inputOf(context))) yield toRecord(line);
  }
}

async function* inputOf(context: CommandContext): AsyncGenerator<Uint8Array> {
  const file = flagOf(context, 'file');
  try {
    yield* file === undefined ? process.stdin : createReadStream(file);
  } catch (error) {
    const input = file === undefined ? 'standard input' : `--file ${file}`;
    throw new MillraceError('CONFIG_INVALID', `${input}: ${messageOf(error)}.`, { cause: error });
  }
}

async function* batches(lines: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let batch: string[] = [];
  let chars = 0;
  for await (const line of lines) {
    batch.push(line);
    chars += line.length;
    if (batch.length < BATCH_LINES && chars < BATCH_CHARS) continue;
    yield batch;
    batch = [];
    chars = 0;
  }
  if (batch.length > 0) yield batch;
}

/** What has no meaning with --json: a line says it itself. */
const NOT_WITH_JSON = [
  'key-separator',
  'headers-separator',
  'key',
  'header',
  'partition',
  'null',
  'null-marker',
  'whole',
];

/** How a line becomes a record; null where it is one already. */
function lineOptions(context: CommandContext): LineOptions | null {
  if (isSet(context, 'json')) {
    const wrong = NOT_WITH_JSON.find(name => flagOf(context, name) !== undefined);
    if (wrong === undefined) return null;
    const message = `--${wrong} does not go with --json, where each line is a whole record.`;
    throw new MillraceError('CONFIG_INVALID', message);
  }
  const separator = flagOf(context, 'key-separator');
  const key = flagOf(context, 'key');
  if (separator !== undefined && key !== undefined)
    throw new MillraceError('CONFIG_INVALID', 'give --key or --key-separator, not both.');
  const headersSeparator = flagOf(context, 'headers-separator');
  return {
    keySeparator: separator === undefined ? undefined : typedText(separator),
    headersSeparator: headersSeparator === undefined ? undefined : typedText(headersSeparator),
    key,
    headers: (context.flags.get('header') ?? []).map(text => parsePair(text, 'header')),
    partition: numberFlag(context, 'partition'),
    emptyIsNull: isSet(context, 'null'),
    nullMarker: flagOf(context, 'null-marker'),
  };
}
