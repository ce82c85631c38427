import type { Asked } from '../kafka-answers.ts';
import { describeAll } from './cluster.ts';
import { withRecords } from './records.ts';
import { alterConfigs, describeConfigs } from './settings.ts';
import { createPartitions, createTopics, deleteTopics } from './topics.ts';

/** What administrators ask a fresh broker, one after another. */
export const adminRequests = (): Asked[] => [
  ...createTopics(),
  ...createPartitions(),
  ...withRecords(),
  ...describeConfigs(),
  ...alterConfigs(),
  ...describeAll(),
  ...deleteTopics(),
];
