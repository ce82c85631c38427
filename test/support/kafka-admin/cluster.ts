import type { Asked } from '../kafka-answers.ts';
import { ask, BROKER } from './ask.ts';

const [ELECT_LEADERS, REASSIGNMENTS, CLUSTER, RESOURCES, TOPIC_PARTITIONS] = [43, 46, 60, 74, 75];

const pages = (title: string, topics: string[], more: Record<string, unknown> = {}): Asked =>
  ask(title, TOPIC_PARTITIONS, 0, {
    topics: topics.map(name => ({ name })),
    responsePartitionLimit: 2000,
    cursor: null,
    ...more,
  });

/** The cluster and what is in it. */
export const describeAll = (): Asked[] => [
  ask('the cluster', CLUSTER, 2, {
    includeClusterAuthorizedOperations: true,
    endpointType: 1,
    includeFencedBrokers: false,
  }),
  ask('the cluster in version 0', CLUSTER, 0, { includeClusterAuthorizedOperations: false }),
  ask('the controllers', CLUSTER, 1, { includeClusterAuthorizedOperations: false, endpointType: 2 }),
  ask('what is nothing', CLUSTER, 1, { includeClusterAuthorizedOperations: false, endpointType: 3 }),
  pages('topics', ['t2', 't1', 'nowhere']),
  pages('the first page', ['t1', 't2'], { responsePartitionLimit: 3 }),
  pages('the next page', ['t1', 't2'], {
    responsePartitionLimit: 3,
    cursor: { topicName: 't1', partitionIndex: 3 },
  }),
  pages('a page behind the end', ['t1'], { cursor: { topicName: 't1', partitionIndex: 9 } }),
  pages('a page of a negative partition', ['t1'], { cursor: { topicName: 't1', partitionIndex: -1 } }),
  pages('topics before the cursor', ['a.b', 't1'], { cursor: { topicName: 't1', partitionIndex: 4 } }),
  pages('a name that cannot be', ['a b']),
  ask('an election', ELECT_LEADERS, 2, {
    electionType: 0,
    topicPartitions: [
      { topic: 't1', partitions: [0, 99] },
      { topic: 'nowhere', partitions: [0] },
    ],
    timeoutMs: 1000,
  }),
  ask('what is on the move', REASSIGNMENTS, 0, { timeoutMs: 1000, topics: null }),
  ask('what of these is on the move', REASSIGNMENTS, 0, {
    timeoutMs: 1000,
    topics: [
      { name: 't1', partitionIndexes: [0, 99] },
      { name: 'nowhere', partitionIndexes: [0] },
    ],
  }),
  ask('resources', RESOURCES, 1, { resourceTypes: [] }),
  ask('resources of a kind', RESOURCES, 1, { resourceTypes: [BROKER] }),
  ask('resources of old', RESOURCES, 0, {}),
];
