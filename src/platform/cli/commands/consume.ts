import { MillraceError } from '../../../core/mod.ts';
import { systemClock } from '../../system-clock.ts';
import { type Command, type CommandContext, flagOf } from '../command.ts';
import { type RecordLine, recordFormat, recordValue } from '../topics/format.ts';
import { CLUSTER_FLAGS, connectLog, type LogClient } from '../topics/log-client.ts';
import { isSet, numberFlag, parsePartitions, parseTime } from '../topics/parse.ts';

const READ_LIMIT = 1000;
const WAIT_MS = 20_000;

/** `millrace consume` */
export const consumeCommand: Command = {
  name: 'consume',
  summary: 'print the records of a topic',
  description:
    'Prints one JSON object a record, or what --format says, up to the end that the topic has when it begins; with\n' +
    '--follow it goes on with what comes until Ctrl-C. With --group it begins where the group stands and commits what\n' +
    'it printed; the group must have no members.\n' +
    '\n' +
    "A format has kcat's tokens: %t topic, %p partition, %o offset, %k key, %K its length, %s value, %S its length,\n" +
    '%T time in ms, %h headers, %% a percent sign; \\n \\r \\t \\\\ \\0 \\xNN.',
  positionals: [{ name: 'topic', required: true, help: 'the topic' }],
  flags: [
    { name: 'partition', value: 'N[,N]', short: 'p', help: 'these partitions only (all)' },
    {
      name: 'offset',
      value: 'OFFSET',
      short: 'o',
      help: 'where to begin: `earliest` (the default), `latest`, a number, or -N for the last N of each partition',
    },
    { name: 'from-beginning', help: 'the same as --offset earliest' },
    {
      name: 'time',
      value: 'TIME',
      help: 'begin at a time: epoch ms, 2026-11-21T17:00:00Z, or 15m, 2h, 7d for so long ago',
    },
    { name: 'max', value: 'N', short: 'c', help: 'stop behind so many records' },
    { name: 'limit', value: 'N', short: 'n', help: 'the same as --max' },
    { name: 'follow', help: 'wait for more records' },
    { name: 'format', value: 'FORMAT', short: 'f', help: "print records so, e.g. '%k: %s\\n'" },
    { name: 'value', help: "print only the values: --format '%s\\n'" },
    {
      name: 'group',
      value: 'GROUP',
      short: 'G',
      help: 'begin where this group stands, and commit what is printed',
    },
    {
      name: 'isolation',
      value: 'LEVEL',
      help: '`read_committed` (the default) or `read_uncommitted`',
    },
    ...CLUSTER_FLAGS,
  ],
  examples: [
    'millrace consume flavor.public.orders -n 3',
    'millrace consume sla_violations -o latest --follow',
    "millrace consume orders --time 15m -f '%p/%o %k: %s\\n'",
    'millrace consume orders --group audit --max 100',
  ],
  run: async context => {
    const client = await connectLog(context);
    try {
      await consume(context, client);
      return 0;
    } finally {
      await client.close();
    }
  },
};

interface Reading {
  readonly context: CommandContext;
  readonly client: LogClient;
  readonly topic: string;
  readonly left: { records: number };
  readonly print: (line: string) => Uint8Array;
  readonly isolation: string;
  readonly follow: boolean;
  /** Ends the reading: enough was printed, or a partition can not be read. */
  readonly stop: AbortController;
  /** `stop`, Ctrl-C, or nobody reads what is printed any more. */
  readonly ended: AbortSignal;
  /** By partition: behind the last record that was printed. */
  readonly printed: Map<number, number>;
}

async function consume(context: CommandContext, client: LogClient): Promise<void> {
  const topic = context.positionals[0]!;
  const path = `/api/topics/${encodeURIComponent(topic)}`;
  const { partitions } = await client.json<{ partitions: readonly PartitionEnds[] }>('GET', path);
  const wanted = parsePartitions(flagOf(context, 'partition'), 'partition') ?? partitions.map((_, i) => i);
  const stop = new AbortController();
  const reading: Reading = {
    ...{ stop, ended: AbortSignal.any([context.signal, stop.signal]) },
    ...{ context, client, topic, print: printer(context, topic), printed: new Map() },
    left: { records: numberFlag(context, 'max') ?? numberFlag(context, 'limit') ?? Number.POSITIVE_INFINITY },
    isolation: isolationOf(context),
    follow: isSet(context, 'follow'),
  };
  const group = flagOf(context, 'group');
  const stands = group === undefined ? new Map<number, number>() : await standsOf(client, group, topic);
  const from = (partition: number): string =>
    stands.has(partition) ? `offset=${stands.get(partition)}` : beginning(context, partitions[partition]);
  const commits = group === undefined ? null : committer(reading, group);
  try {
    const end = (partition: number): number => partitions[partition]?.highWatermark ?? FOR_EVER;
    if (reading.left.records === 0) stop.abort();
    if (reading.follow) {
      const readers = wanted.map(partition => readPartition(reading, partition, from(partition), FOR_EVER));
      await allOrStop(stop, commits === null ? readers : [...readers, commits.every()]);
    } else
      for (const partition of wanted)
        await readPartition(reading, partition, from(partition), end(partition));
  } finally {
    await commits?.now();
  }
}

interface PartitionEnds {
  /** Null while the partition has no leader. */
  readonly logStartOffset: number | null;
  readonly highWatermark: number | null;
}

function isolationOf(context: CommandContext): string {
  const level = flagOf(context, 'isolation') ?? 'read_committed';
  if (level === 'read_committed' || level === 'read_uncommitted') return level;
  const message = `--isolation ${level}: expected read_committed or read_uncommitted.`;
  throw new MillraceError('CONFIG_INVALID', message);
}

/** The query that names where a partition is read from. */
function beginning(context: CommandContext, ends: PartitionEnds | undefined): string {
  const time = flagOf(context, 'time');
  if (time !== undefined) return `time=${parseTime(time, systemClock.nowMs(), '--time')}`;
  const offset = flagOf(context, 'offset') ?? 'earliest';
  if (/^(earliest|latest|\d{1,16})$/.test(offset)) return `offset=${offset}`;
  if (offset === 'beginning') return 'offset=earliest';
  if (offset === 'end') return 'offset=latest';
  if (!/^-\d{1,9}$/.test(offset)) {
    const message = `--offset ${offset}: expected earliest, latest, a number, or -N for the last N.`;
    throw new MillraceError('CONFIG_INVALID', message);
  }
  const { logStartOffset = 0, highWatermark = 0 } = ends ?? {};
  if (logStartOffset === null || highWatermark === null) {
    const message = `--offset ${offset}: a partition has no leader now, and nobody tells where it ends.`;
    throw new MillraceError('LOG_UNREACHABLE', message);
  }
  return `offset=${Math.max(logStartOffset, highWatermark + Number(offset))}`;
}

function printer(context: CommandContext, topic: string): (line: string) => Uint8Array {
  const format = flagOf(context, 'format');
  if (format !== undefined) {
    const print = recordFormat(format);
    return line => print(JSON.parse(line) as RecordLine, topic);
  }
  if (isSet(context, 'value'))
    return line =>
      Buffer.concat([recordValue(JSON.parse(line) as RecordLine) ?? Buffer.from('null'), NEWLINE]);
  return line => Buffer.from(`${line}\n`);
}

const NEWLINE = Buffer.from('\n');

/** The end of what is followed, or is not known. */
const FOR_EVER = Number.POSITIVE_INFINITY;

/** Resolves when all have ended; the first failure stops the others. */
async function allOrStop(stop: AbortController, tasks: readonly Promise<void>[]): Promise<void> {
  const failures: unknown[] = [];
  const ended = tasks.map(task =>
    task.catch(error => {
      failures.push(error);
      stop.abort();
    }),
  );
  await Promise.all(ended);
  if (failures.length > 0) throw failures[0];
}

/** Prints a partition up to an offset: its end as it was at first, where it is not followed. */
async function readPartition(reading: Reading, partition: number, from: string, end: number): Promise<void> {
  const { left, ended, stop } = reading;
  let place = from;
  while (left.records > 0 && !ended.aborted) {
    const page = await readPage(reading, partition, place);
    if (page === null) return;
    const shown = page.lines.slice(0, left.records);
    // Before the writing: other partitions are read meanwhile.
    left.records -= shown.length;
    if (left.records === 0) stop.abort();
    if (shown.length > 0) await reading.context.write(Buffer.concat(shown.map(reading.print)));
    const last = shown.at(-1);
    if (last !== undefined)
      reading.printed.set(partition, shown.length < page.lines.length ? offsetBehind(last) : page.next);
    if (page.next >= end || (!reading.follow && page.lines.length === 0)) return;
    place = `offset=${page.next}`;
  }
}

interface Page {
  readonly lines: readonly string[];
  readonly next: number;
}

/** Null where the reading has ended meanwhile. */
async function readPage(reading: Reading, partition: number, place: string): Promise<Page | null> {
  const { client, topic, left, follow, ended } = reading;
  const limit = Math.min(READ_LIMIT, left.records);
  const query = `partition=${partition}&${place}&limit=${limit}&isolation=${reading.isolation}`;
  const path = `/api/topics/${encodeURIComponent(topic)}/records?${query}&wait_ms=${follow ? WAIT_MS : 0}`;
  try {
    const response = await client.request('GET', path, {}, { signal: ended });
    const lines = (await response.text()).split('\n').filter(line => line !== '');
    return { lines, next: Number(response.headers.get('x-next-offset')) };
  } catch (error) {
    if (ended.aborted) return null;
    throw error;
  }
}

const offsetBehind = (line: string): number => (JSON.parse(line) as RecordLine).offset + 1;

/** Where a group stands in the partitions of a topic; none where it has not committed. */
async function standsOf(client: LogClient, group: string, topic: string): Promise<Map<number, number>> {
  const groups = await client.json<readonly GroupStand[]>(
    'GET',
    `/api/groups?topic=${encodeURIComponent(topic)}`,
  );
  const found = groups.find(each => each.groupId === group);
  if (found !== undefined && found.members.length > 0) {
    throw new MillraceError(
      'REQUEST_REFUSED',
      `group ${group} has ${found.members.length} members, who read for it: stop them first, or take another group.`,
    );
  }
  return new Map(
    (found?.partitions ?? []).flatMap(each =>
      each.topic === topic && each.committedOffset !== null
        ? [[each.partition, each.committedOffset] as const]
        : [],
    ),
  );
}

interface GroupStand {
  readonly groupId: string;
  readonly members: readonly unknown[];
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly committedOffset: number | null;
  }[];
}

const COMMIT_MS = 1000;

/** Commits what was printed: at the end, and while it goes on each second. */
function committer(reading: Reading, group: string): { now(): Promise<void>; every(): Promise<void> } {
  const { client, topic, printed, ended } = reading;
  const committed = new Map<number, number>();
  const now = async (): Promise<void> => {
    const offsets = [...printed].filter(([partition, offset]) => committed.get(partition) !== offset);
    if (offsets.length === 0) return;
    const body = { offsets: offsets.map(([partition, offset]) => ({ topic, partition, offset })) };
    // Ctrl-C has ended the reading, not this.
    await client.json('PUT', `/api/groups/${encodeURIComponent(group)}/offsets`, body, {
      evenIfStopped: true,
    });
    for (const [partition, offset] of offsets) committed.set(partition, offset);
  };
  return {
    now,
    every: async () => {
      while (!ended.aborted) {
        await systemClock.sleep(COMMIT_MS, ended).catch(() => undefined);
        await now();
      }
    },
  };
}
