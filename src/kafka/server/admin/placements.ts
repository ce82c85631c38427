import { Refusal } from '../../../log/mod.ts';
import { NODE_ID } from '../context.ts';

/** Where somebody wants a partition's replicas, by broker. */
export type Replicas = readonly number[];

/** Refuses replicas that the one broker cannot hold, in Kafka's words. */
export function checkReplicas(replicas: Replicas): void {
  const wrong = (what: string): never => {
    throw new Refusal('INVALID_REPLICA_ASSIGNMENT', `The manual partition assignment includes ${what}`);
  };
  if (replicas.length === 0) wrong('an empty replica list.');
  const seen = new Set<number>();
  for (const broker of [...replicas].sort((a, b) => a - b)) {
    if (broker !== NODE_ID) wrong(`broker ${broker}, but no such broker is registered.`);
    if (seen.has(broker)) wrong(`the broker ${broker} more than once.`);
    seen.add(broker);
  }
}

interface Placement {
  readonly partitionIndex: number;
  readonly brokerIds: Replicas;
}

/** How many partitions a topic gets whose partitions are placed by hand; refused where it cannot be. */
export function partitionsPlaced(
  placements: readonly Placement[],
  numPartitions: number,
  replicationFactor: number,
): number {
  const given = 'A manual partition assignment was specified, but';
  if (replicationFactor !== -1) {
    throw new Refusal('INVALID_REQUEST', `${given} replication factor was not set to -1.`);
  }
  if (numPartitions !== -1) {
    throw new Refusal('INVALID_REQUEST', `${given} numPartitions was not set to -1.`);
  }
  const placed = new Set<number>();
  for (const { partitionIndex, brokerIds } of placements) {
    if (placed.has(partitionIndex)) {
      const what = `Found multiple manual partition assignments for partition ${partitionIndex}`;
      throw new Refusal('INVALID_REPLICA_ASSIGNMENT', what);
    }
    checkReplicas(brokerIds);
    placed.add(partitionIndex);
  }
  for (let partition = 0; partition < placed.size; partition++) {
    if (placed.has(partition)) continue;
    const what = 'partitions should be a consecutive 0-based integer sequence';
    throw new Refusal('INVALID_REPLICA_ASSIGNMENT', what);
  }
  return placed.size;
}

/** Refuses a number of replicas that one broker cannot hold, in Kafka's words; -1 is the default. */
export function checkReplicationFactor(replicationFactor: number): void {
  if (replicationFactor === -1 || replicationFactor === 1) return;
  if (replicationFactor <= 0) {
    const what = 'Replication factor must be larger than 0, or -1 to use the default value.';
    throw new Refusal('INVALID_REPLICATION_FACTOR', what);
  }
  throw new Refusal(
    'INVALID_REPLICATION_FACTOR',
    `Unable to replicate the partition ${replicationFactor} time(s): The target replication factor of ` +
      `${replicationFactor} cannot be reached because only 1 broker(s) are registered or some brokers have ` +
      'all their log directories cordoned.',
  );
}

/** How many partitions are asked for, in a request where -1 is the default; refused where it cannot be. */
export function partitionsAsked(numPartitions: number, byDefault: number): number {
  if (numPartitions === -1) return byDefault;
  if (numPartitions > 0) return numPartitions;
  throw new Refusal('INVALID_PARTITIONS', 'Number of partitions was set to an invalid non-positive value.');
}
