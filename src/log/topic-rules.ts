import { MillraceError } from '../core/mod.ts';
import type { TopicConfig } from './log.ts';

const NAME_LENGTH_MAX = 249;
const PARTITIONS_MAX = 10_000;
const POLICIES = ['delete', 'compact', 'compact,delete'];

/** Smallest and largest value of each numeric setting; -1 means without limit where it is allowed. */
const RANGES: Readonly<Record<Exclude<keyof TopicConfig, 'cleanup.policy'>, readonly [number, number]>> = {
  'retention.ms': [-1, Number.MAX_SAFE_INTEGER],
  'retention.bytes': [-1, Number.MAX_SAFE_INTEGER],
  'segment.bytes': [14, 2 ** 31 - 1],
  'segment.ms': [1, Number.MAX_SAFE_INTEGER],
  'max.message.bytes': [0, 2 ** 31 - 1],
  'min.compaction.lag.ms': [0, Number.MAX_SAFE_INTEGER],
};

/** Refuse with TOPIC_INVALID what Kafka's rules for names, partitions and settings do not allow. */
export function checkNewTopic(name: string, partitions: number, config: TopicConfig): void {
  const wrong = wrongName(name) ?? wrongPartitions(partitions) ?? wrongConfig(config);
  if (wrong !== null) throw new MillraceError('TOPIC_INVALID', `topic ${JSON.stringify(name)}: ${wrong}`);
}

function wrongName(name: string): string | null {
  if (name === '' || name === '.' || name === '..') return "a name is not empty, '.' or '..'";
  if (name.length > NAME_LENGTH_MAX) return `a name has at most ${NAME_LENGTH_MAX} characters`;
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) return "a name has only letters, digits, '.', '_' and '-'";
  return isOwnName(name) ? "names that begin with '__' belong to the log" : null;
}

/**
 * True for the names the log keeps to itself. Debezium's heartbeats, which begin alike, are a connector's
 * topics.
 */
export function isOwnName(name: string): boolean {
  return name.startsWith('__') && !name.startsWith('__debezium-heartbeat.');
}

function wrongPartitions(partitions: number): string | null {
  const fits = Number.isInteger(partitions) && partitions >= 1 && partitions <= PARTITIONS_MAX;
  return fits ? null : `expected 1 to ${PARTITIONS_MAX} partitions, not ${partitions}`;
}

function wrongConfig(config: TopicConfig): string | null {
  for (const [key, value] of Object.entries(config)) {
    if (key === 'cleanup.policy') {
      if (!POLICIES.includes(String(value))) return `cleanup.policy is one of ${POLICIES.join(' | ')}`;
      continue;
    }
    const range = Object.entries(RANGES).find(([name]) => name === key)?.[1];
    if (range === undefined) return `no such setting: ${key}`;
    const [low, high] = range;
    if (!(Number.isInteger(value) && Number(value) >= low && Number(value) <= high)) {
      return `${key} is a whole number from ${low} to ${high}, not ${String(value)}`;
    }
  }
  return null;
}
