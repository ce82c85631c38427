/** Kafka's numbers of what can be done to a resource (`AclOperation`), each a bit. */
const bits = (...operations: readonly number[]): number => operations.reduce((all, n) => all | (1 << n), 0);

const [READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE] = [3, 4, 5, 6, 7, 8] as const;
const [CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE] = [9, 10, 11, 12] as const;

/** What may be done to a topic, a group and the cluster: everything, as long as there are no ACLs. */
export const TOPIC_OPERATIONS = bits(
  ...[READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS],
);
export const GROUP_OPERATIONS = bits(READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS);
export const CLUSTER_OPERATIONS = bits(
  ...[CREATE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE],
);
