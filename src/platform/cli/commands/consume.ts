import { MillraceError } from '../../../core/mod.ts';
import { type Client, connect } from '../client.ts';
import { type Command, type CommandContext, flagOf } from '../command.ts';

const READ_LIMIT = 1000;
const WAIT_MS = 20_000;

/** `millrace consume` */
export const consumeCommand: Command = {
  name: 'consume',
  summary: 'print the records of a topic',
  description: 'Prints one JSON object a record, ending at the end of the topic or, with --follow, never.',
  positionals: [{ name: 'topic', required: true, help: 'the topic' }],
  flags: [
    { name: 'partition', value: 'N', short: 'p', help: 'this partition only (all)' },
    { name: 'offset', value: 'OFFSET', short: 'o', help: '`earliest` (the default), `latest`, or a number' },
    { name: 'limit', value: 'N', short: 'n', help: 'stop behind so many records' },
    { name: 'follow', short: 'f', help: 'wait for more records' },
    { name: 'value', help: 'print only the values' },
    { name: 'isolation', value: 'LEVEL', help: '`read_committed` (the default) or `read_uncommitted`' },
  ],
  examples: [
    'millrace consume flavor.public.orders -n 3',
    'millrace consume sla_violations -o latest --follow',
  ],
  run: async context => {
    const client = connect(context);
    const topic = encodeURIComponent(context.positionals[0]!);
    const { partitions } = await client.json<{ partitions: unknown[] }>('GET', `/api/topics/${topic}`);
    const only = flagOf(context, 'partition');
    const wanted = only === undefined ? partitions.map((_, i) => i) : [Number(only)];
    const left = { records: Number(flagOf(context, 'limit') ?? Number.POSITIVE_INFINITY) };
    if (Number.isNaN(left.records)) throw new MillraceError('CONFIG_INVALID', '--limit needs a number.');
    const follow = flagOf(context, 'follow') === 'true';
    if (follow)
      await Promise.all(wanted.map(partition => consume(context, client, topic, partition, left, true)));
    else for (const partition of wanted) await consume(context, client, topic, partition, left, false);
    return 0;
  },
};

async function consume(
  context: CommandContext,
  client: Client,
  topic: string,
  partition: number,
  left: { records: number },
  follow: boolean,
): Promise<void> {
  const valuesOnly = flagOf(context, 'value') === 'true';
  let offset = flagOf(context, 'offset') ?? 'earliest';
  while (left.records > 0 && !context.signal.aborted) {
    const query = new URLSearchParams({
      partition: String(partition),
      offset,
      limit: String(Math.min(READ_LIMIT, left.records)),
      wait_ms: String(follow ? WAIT_MS : 0),
      isolation: flagOf(context, 'isolation') ?? 'read_committed',
    });
    const response = await client.request('GET', `/api/topics/${topic}/records?${query}`);
    const lines = (await response.text()).split('\n').filter(line => line !== '');
    for (const line of lines.slice(0, left.records)) context.out(`${valuesOnly ? textOf(line) : line}\n`);
    left.records -= lines.length;
    const next = response.headers.get('x-next-offset') ?? offset;
    if (!follow && next === offset) return;
    if (!follow && lines.length === 0) return;
    offset = next;
  }
}

function textOf(line: string): string {
  const record = JSON.parse(line) as { value?: string | null; value_base64?: string };
  return record.value_base64 ?? record.value ?? 'null';
}
