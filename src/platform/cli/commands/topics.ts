import colors from 'picocolors';
import { MillraceError } from '../../../core/mod.ts';
import { connect } from '../client.ts';
import { type Command, flagOf } from '../command.ts';

interface Topic {
  readonly name: string;
  readonly records: number;
  readonly partitions: readonly { readonly logStartOffset: number; readonly logEndOffset: number }[];
}

/** `millrace topics` */
export const topicsCommand: Command = {
  name: 'topics',
  summary: 'list, create or delete topics',
  positionals: [
    { name: 'action', required: false, help: '`list` (the default), `create` or `delete`' },
    { name: 'topic', required: false, help: 'the topic to create or delete' },
  ],
  flags: [
    { name: 'partitions', value: 'N', help: 'for create: how many partitions (1)' },
    {
      name: 'config',
      value: 'NAME=VALUE',
      many: true,
      help: 'for create: a setting, e.g. retention.ms=3600000',
    },
    { name: 'json', help: 'for list: one JSON array' },
  ],
  examples: [
    'millrace topics',
    'millrace topics create trips --partitions 4',
    'millrace topics delete trips',
  ],
  run: async context => {
    const [action = 'list', name] = context.positionals;
    const client = connect(context);
    if (action === 'list') {
      const topics = await client.json<readonly Topic[]>('GET', '/api/topics');
      if (flagOf(context, 'json') === 'true') context.out(`${JSON.stringify(topics)}\n`);
      else context.out(printTopics(topics));
      return 0;
    }
    if (name === undefined)
      throw new MillraceError('CONFIG_INVALID', `topics ${action} needs the name of a topic.`);
    if (action === 'create') {
      const config = Object.fromEntries((context.flags.get('config') ?? []).map(pair));
      const partitions = Number(flagOf(context, 'partitions') ?? 1);
      await client.json('POST', '/api/topics', { name, partitions, config });
      context.out(`created ${name} with ${partitions} partition${partitions === 1 ? '' : 's'}\n`);
      return 0;
    }
    if (action === 'delete') {
      await client.json('DELETE', `/api/topics/${encodeURIComponent(name)}`);
      context.out(`deleted ${name}\n`);
      return 0;
    }
    throw new MillraceError('CONFIG_INVALID', `topics ${action}: expected list, create or delete.`);
  },
};

function pair(text: string): [string, string | number] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new MillraceError('CONFIG_INVALID', `--config ${text}: expected NAME=VALUE.`);
  const value = text.slice(equals + 1);
  return [text.slice(0, equals), /^-?\d+$/.test(value) ? Number(value) : value];
}

function printTopics(topics: readonly Topic[]): string {
  if (topics.length === 0) return 'no topics yet\n';
  const width = Math.max(5, ...topics.map(topic => topic.name.length));
  const lines = topics.map(
    ({ name, partitions, records }) =>
      `${name.padEnd(width)}  ${String(partitions.length).padStart(10)}  ${records.toLocaleString('en').padStart(12)}`,
  );
  return `${colors.bold(`${'topic'.padEnd(width)}  partitions       records`)}\n${lines.join('\n')}\n`;
}
