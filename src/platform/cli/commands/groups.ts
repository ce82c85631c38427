import { MillraceError } from '../../../core/mod.ts';
import { systemClock } from '../../system-clock.ts';
import type { GroupView } from '../../topics/group-view.ts';
import type { PlannedOffset } from '../../topics/reset-plan.ts';
import { type Command, type CommandContext, flagOf } from '../command.ts';
import { CLUSTER_FLAGS, connectLog, type LogClient } from '../topics/log-client.ts';
import { isSet, numberFlag, parseTime, parseTopicPlace } from '../topics/parse.ts';
import { count, printTable } from '../topics/table.ts';

/** `millrace groups` */
export const groupsCommand: Command = {
  name: 'groups',
  summary: 'list, describe, reset or delete consumer groups',
  description:
    '`describe` tells members and the lag of each partition. `reset-offsets` says what it would set, and sets it with\n' +
    '--execute; the group must have no members then. `delete` forgets a group without members and its offsets.',
  positionals: [
    {
      name: 'action',
      required: false,
      help: '`list` (the default), `describe`, `reset-offsets` or `delete`',
    },
    { name: 'group', required: false, help: 'the consumer group' },
  ],
  flags: [
    {
      name: 'topic',
      value: 'TOPIC[:N,N]',
      help: 'for reset-offsets: this topic, or these partitions of it; for list: groups that read it',
    },
    { name: 'all-topics', help: 'for reset-offsets: every topic of the group (so it is without --topic)' },
    { name: 'to-earliest', help: 'reset to the start of each partition' },
    { name: 'to-latest', help: 'reset to the end of each partition' },
    { name: 'to-offset', value: 'OFFSET', help: 'reset to this offset, within what the partition has' },
    {
      name: 'to-datetime',
      value: 'TIME',
      help: 'reset to the first record at or behind a time: 2026-11-21T17:00:00Z, epoch ms, or 2h ago as 2h',
    },
    { name: 'shift-by', value: 'N', help: 'move by so many records; below zero goes back' },
    { name: 'dry-run', help: 'for reset-offsets: only say what would be set (the default)' },
    { name: 'execute', help: 'for reset-offsets: set it' },
    { name: 'json', help: 'JSON' },
    ...CLUSTER_FLAGS,
  ],
  examples: [
    'millrace groups',
    'millrace groups describe billing',
    'millrace groups reset-offsets billing --topic orders --to-earliest',
    'millrace groups reset-offsets billing --topic orders:0,2 --to-datetime 2026-11-21T00:00:00Z --execute',
    'millrace groups delete billing',
  ],
  run: async context => {
    const [name = 'list', group] = context.positionals;
    const action = ACTIONS[name];
    if (action === undefined)
      throw new MillraceError(
        'CONFIG_INVALID',
        `groups ${name}: expected ${Object.keys(ACTIONS).join(', ')}.`,
      );
    if (name !== 'list' && group === undefined)
      throw new MillraceError('CONFIG_INVALID', `groups ${name} needs the name of a consumer group.`);
    const client = await connectLog(context);
    try {
      await action(context, client, group ?? '');
      return 0;
    } finally {
      await client.close();
    }
  },
};

type Action = (context: CommandContext, client: LogClient, group: string) => Promise<void>;
const ACTIONS: Readonly<Record<string, Action>> = { list, describe, 'reset-offsets': reset, delete: remove };
const pathOf = (group: string): string => `/api/groups/${encodeURIComponent(group)}`;

async function list(context: CommandContext, client: LogClient): Promise<void> {
  const topic = flagOf(context, 'topic');
  const query = topic === undefined ? '' : `?topic=${encodeURIComponent(topic)}`;
  const groups = await client.json<readonly GroupView[]>('GET', `/api/groups${query}`);
  if (isSet(context, 'json')) context.out(`${JSON.stringify(groups)}\n`);
  else if (groups.length === 0) context.out('no consumer groups yet\n');
  else
    context.out(
      printTable(
        [
          { name: 'group' },
          { name: 'state' },
          { name: 'members', right: true },
          { name: 'lag', right: true },
          { name: 'topics' },
        ],
        groups.map(({ groupId, state, members, lag, topics }) => [
          ...[groupId, state, String(members.length), count(lag), topics.join(', ')],
        ]),
      ),
    );
}

async function describe(context: CommandContext, client: LogClient, name: string): Promise<void> {
  const group = await client.json<GroupView>('GET', pathOf(name));
  if (isSet(context, 'json')) {
    context.out(`${JSON.stringify(group, null, 2)}\n`);
    return;
  }
  const assignor = group.protocol === '' ? '' : `, assignor ${group.protocol}`;
  context.out(`${name}: ${group.state}${assignor}, lag ${count(group.lag)}\n\n`);
  if (group.partitions.length === 0) context.out('it has committed nothing and reads nothing\n');
  else
    context.out(
      printTable(
        [
          { name: 'topic' },
          ...['partition', 'committed', 'end', 'lag'].map(column => ({ name: column, right: true })),
          { name: 'client' },
        ],
        group.partitions.map(at => [
          ...[at.topic, String(at.partition), count(at.committedOffset), count(at.logEndOffset)],
          ...[count(at.lag), at.clientId ?? '-'],
        ]),
      ),
    );
  if (group.members.length === 0) return;
  context.out('\n');
  context.out(
    printTable(
      [{ name: 'member' }, { name: 'client' }, { name: 'host' }, { name: 'partitions', right: true }],
      group.members.map(({ memberId, groupInstanceId, clientId, clientHost, assignment }) => [
        ...[groupInstanceId ?? memberId, clientId, clientHost, String(assignment.length)],
      ]),
    ),
  );
}

async function reset(context: CommandContext, client: LogClient, name: string): Promise<void> {
  const to = targetOf(context);
  const execute = isSet(context, 'execute');
  if (execute && isSet(context, 'dry-run'))
    throw new MillraceError('CONFIG_INVALID', 'give --dry-run or --execute, not both.');
  const topic = flagOf(context, 'topic');
  if (topic !== undefined && isSet(context, 'all-topics'))
    throw new MillraceError('CONFIG_INVALID', 'give --topic or --all-topics, not both.');
  const body = { to, dry_run: !execute, ...(topic !== undefined && parseTopicPlace(topic)) };
  const plan = await client.json<readonly PlannedOffset[]>('POST', `${pathOf(name)}/offsets`, body);
  if (isSet(context, 'json')) {
    context.out(`${JSON.stringify(plan)}\n`);
    return;
  }
  if (plan.length === 0) {
    context.out(`${name} has committed nothing: name a topic with --topic.\n`);
    return;
  }
  const columns = ['partition', 'before', 'after'].map(column => ({ name: column, right: true }));
  context.out(
    printTable(
      [{ name: 'topic' }, ...columns],
      plan.map(at => [at.topic, String(at.partition), count(at.before), count(at.after)]),
    ),
  );
  if (!execute) context.err('nothing is set yet: --execute does it\n');
}

const TARGETS = ['to-earliest', 'to-latest', 'to-offset', 'to-datetime', 'shift-by'];

function targetOf(context: CommandContext): unknown {
  const given = TARGETS.filter(flag => context.flags.has(flag));
  if (given.length !== 1) {
    const flags = TARGETS.map(flag => `--${flag}`).join(', ');
    throw new MillraceError('CONFIG_INVALID', `reset-offsets needs one of ${flags}.`);
  }
  switch (given[0]) {
    case 'to-earliest':
      return 'earliest';
    case 'to-latest':
      return 'latest';
    case 'to-offset':
      return { offset: numberFlag(context, 'to-offset') };
    case 'shift-by':
      return { shift: numberFlag(context, 'shift-by', Number.MIN_SAFE_INTEGER) };
    default:
      return { time: parseTime(flagOf(context, 'to-datetime')!, systemClock.nowMs(), '--to-datetime') };
  }
}

async function remove(context: CommandContext, client: LogClient, name: string): Promise<void> {
  await client.json('DELETE', pathOf(name));
  context.out(`deleted ${name}\n`);
}
