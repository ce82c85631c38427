import { MillraceError } from '../../../core/mod.ts';
import type { TopicView } from '../../topics/topic-view.ts';
import type { Command, CommandContext } from '../command.ts';
import { CLUSTER_FLAGS, connectLog, type LogClient } from '../topics/log-client.ts';
import { isSet, numberFlag, parsePair } from '../topics/parse.ts';
import { count, printTable, size } from '../topics/table.ts';

/** `millrace topics` */
export const topicsCommand: Command = {
  name: 'topics',
  summary: 'list, describe, create, alter or delete topics',
  description:
    '`describe` tells partitions and every setting of a topic. `alter` changes settings (--config, --reset) and adds\n' +
    'partitions (--partitions). `delete` deletes a topic with its records.',
  positionals: [
    {
      name: 'action',
      required: false,
      help: '`list` (the default), `describe`, `create`, `alter` or `delete`',
    },
    { name: 'topic', required: false, help: 'the topic' },
  ],
  flags: [
    {
      name: 'partitions',
      value: 'N',
      help: 'for create: how many (1); for alter: how many in all from now on',
    },
    {
      name: 'config',
      value: 'NAME=VALUE',
      many: true,
      help: 'for create and alter: a setting, e.g. retention.ms=3600000',
    },
    { name: 'reset', value: 'NAME', many: true, help: 'for alter: give a setting back to its default' },
    { name: 'if-not-exists', help: 'for create: a topic that is there already is no error' },
    { name: 'if-exists', help: 'for delete and alter: a topic that is not there is no error' },
    { name: 'internal', help: 'for list: the internal topics too' },
    { name: 'json', help: 'for list and describe: JSON' },
    ...CLUSTER_FLAGS,
  ],
  examples: [
    'millrace topics',
    'millrace topics describe orders',
    'millrace topics create trips --partitions 4 --config cleanup.policy=compact',
    'millrace topics alter trips --config retention.ms=86400000 --partitions 8',
    'millrace topics alter trips --reset retention.ms',
    'millrace topics delete trips',
    'millrace topics --bootstrap kafka:9092',
    'millrace topics --bootstrap kafka:9093 --command-config client.properties',
  ],
  run: async context => {
    const [name = 'list', topic] = context.positionals;
    const action = ACTIONS[name];
    if (action === undefined)
      throw new MillraceError(
        'CONFIG_INVALID',
        `topics ${name}: expected ${Object.keys(ACTIONS).join(', ')}.`,
      );
    if (name === 'list' && topic !== undefined)
      throw new MillraceError(
        'CONFIG_INVALID',
        `topics list takes no topic; did you mean \`topics describe ${topic}\`?`,
      );
    if (name !== 'list' && topic === undefined)
      throw new MillraceError('CONFIG_INVALID', `topics ${name} needs the name of a topic.`);
    const client = await connectLog(context);
    try {
      await action(context, client, topic ?? '');
      return 0;
    } finally {
      await client.close();
    }
  },
};

type Action = (context: CommandContext, client: LogClient, topic: string) => Promise<void>;
const ACTIONS: Readonly<Record<string, Action>> = { list, describe, create, alter, delete: remove };
const pathOf = (topic: string): string => `/api/topics/${encodeURIComponent(topic)}`;

async function list(context: CommandContext, client: LogClient): Promise<void> {
  const all = await client.json<readonly TopicView[]>('GET', '/api/topics');
  const topics = isSet(context, 'internal') ? all : all.filter(topic => !topic.internal);
  if (isSet(context, 'json')) context.out(`${JSON.stringify(topics)}\n`);
  else if (topics.length === 0) context.out('no topics yet\n');
  else
    context.out(
      printTable(
        [
          { name: 'topic' },
          { name: 'partitions', right: true },
          { name: 'records', right: true },
          { name: 'size', right: true },
        ],
        topics.map(({ name, partitions, records, sizeBytes }) => [
          ...[name, String(partitions.length), count(records), size(sizeBytes)],
        ]),
      ),
    );
}

interface Setting {
  readonly name: string;
  readonly value: string | null;
  readonly source: string;
}

async function describe(context: CommandContext, client: LogClient, name: string): Promise<void> {
  const topic = await client.json<TopicView>('GET', pathOf(name));
  const settings = await client.json<readonly Setting[]>('GET', `${pathOf(name)}/config`);
  if (isSet(context, 'json')) {
    context.out(`${JSON.stringify({ ...topic, settings }, null, 2)}\n`);
    return;
  }
  const places = topic.partitions;
  context.out(
    `${name}: ${places.length} partition${places.length === 1 ? '' : 's'}, ${count(topic.records)} records, ` +
      `${size(topic.sizeBytes)}, replication factor ${topic.replicationFactor}\n\n`,
  );
  context.out(
    printTable(
      [
        ...['partition', 'start', 'end', 'high watermark', 'last stable', 'size'].map(column => ({
          ...{ name: column, right: true },
        })),
      ],
      places.map(at => [
        ...[String(at.partition), count(at.logStartOffset), count(at.logEndOffset)],
        ...[count(at.highWatermark), count(at.lastStableOffset), size(at.sizeBytes)],
      ]),
    ),
  );
  context.out('\n');
  context.out(
    printTable(
      [{ name: 'setting' }, { name: 'value' }, { name: 'from' }],
      settings.map(({ name, value, source }) => [
        name,
        value ?? 'secret',
        source === 'DYNAMIC_TOPIC_CONFIG'
          ? 'set for this topic'
          : source === 'DEFAULT_CONFIG'
            ? 'default'
            : 'broker',
      ]),
    ),
  );
}

const configOf = (context: CommandContext): Record<string, string> =>
  Object.fromEntries((context.flags.get('config') ?? []).map(text => parsePair(text, 'config')));

const numbered = (value: string): string | number => (/^-?\d{1,15}$/.test(value) ? Number(value) : value);

async function create(context: CommandContext, client: LogClient, name: string): Promise<void> {
  const partitions = numberFlag(context, 'partitions', 1) ?? 1;
  const config = Object.fromEntries(
    Object.entries(configOf(context)).map(([setting, value]) => [setting, numbered(value)]),
  );
  const made = await client.json('POST', '/api/topics', { name, partitions, config }).then(
    () => true,
    error => {
      if (!(isSet(context, 'if-not-exists') && (error as { code?: string }).code === 'TOPIC_EXISTS'))
        throw error;
      return false;
    },
  );
  const many = `${partitions} partition${partitions === 1 ? '' : 's'}`;
  context.out(made ? `created ${name} with ${many}\n` : `${name} is there already\n`);
}

async function alter(context: CommandContext, client: LogClient, name: string): Promise<void> {
  const resets = (context.flags.get('reset') ?? []).map(setting => [setting, null] as const);
  const changes = { ...configOf(context), ...Object.fromEntries(resets) };
  const partitions = numberFlag(context, 'partitions', 1);
  if (Object.keys(changes).length === 0 && partitions === undefined) {
    throw new MillraceError(
      'CONFIG_INVALID',
      'topics alter needs what to change: --config, --reset or --partitions.',
    );
  }
  if (!(await isThere(context, client, name))) return;
  if (Object.keys(changes).length > 0) await client.json('PATCH', `${pathOf(name)}/config`, changes);
  for (const [setting, value] of Object.entries(changes))
    context.out(value === null ? `${setting} has its default again\n` : `${setting} = ${value}\n`);
  if (partitions === undefined) return;
  await client.json('POST', `${pathOf(name)}/partitions`, { total: partitions });
  context.out(`${name} has ${partitions} partitions\n`);
}

async function remove(context: CommandContext, client: LogClient, name: string): Promise<void> {
  if (!(await isThere(context, client, name))) return;
  await client.json('DELETE', pathOf(name));
  context.out(`deleted ${name}\n`);
}

/** False where it is not and need not be; else UNKNOWN_TOPIC comes from what is done with it. */
async function isThere(context: CommandContext, client: LogClient, name: string): Promise<boolean> {
  if (!isSet(context, 'if-exists')) return true;
  const topics = await client.json<readonly TopicView[]>('GET', '/api/topics');
  const found = topics.some(topic => topic.name === name);
  if (!found) context.out(`${name} is not there\n`);
  return found;
}
