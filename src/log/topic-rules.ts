import { Refusal } from './refusal.ts';

const NAME_LENGTH_MAX = 249;
const PARTITIONS_MAX = 10_000;

/** The topics in which the log keeps what it knows itself. */
export const OWN_TOPICS = [
  '__topics',
  '__producer_ids',
  '__transaction_state',
  '__consumer_offsets',
  '__client_transactions',
  '__users',
  '__cluster_metadata',
  '__share_group_state',
  '__remote_log_metadata',
] as const;

export type OwnTopic = (typeof OWN_TOPICS)[number];

/** True for the names the log keeps to itself. */
export function isOwnName(name: string): boolean {
  return OWN_TOPICS.some(own => own === name);
}

/** Refuse with INVALID_TOPIC_EXCEPTION what Kafka's rules for names do not allow. */
export function checkTopicName(name: string): void {
  const wrong = wrongName(name);
  if (wrong !== null) {
    throw new Refusal('INVALID_TOPIC_EXCEPTION', `topic ${JSON.stringify(name)}: ${wrong}`);
  }
}

function wrongName(name: string): string | null {
  if (name === '' || name === '.' || name === '..') return "a name is not empty, '.' or '..'";
  if (name.length > NAME_LENGTH_MAX) return `a name has at most ${NAME_LENGTH_MAX} characters`;
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) return "a name has only letters, digits, '.', '_' and '-'";
  return isOwnName(name) ? 'this name belongs to the log' : null;
}

/** Refuse with INVALID_PARTITIONS a number of partitions that no topic may have. */
export function checkPartitions(name: string, partitions: number): void {
  if (Number.isInteger(partitions) && partitions >= 1 && partitions <= PARTITIONS_MAX) return;
  throw new Refusal(
    'INVALID_PARTITIONS',
    `topic ${name}: expected 1 to ${PARTITIONS_MAX} partitions, not ${partitions}`,
  );
}

/** Kafka's metrics write '.' as '_', so that it refuses names that would be one there. */
export function collides(name: string, other: string): boolean {
  return name !== other && name.replaceAll('.', '_') === other.replaceAll('.', '_');
}
