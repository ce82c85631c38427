import type { ApiHandler } from './handler.ts';
import { addOffsetsToTxn } from './handlers/add-offsets-to-txn.ts';
import { addPartitionsToTxn } from './handlers/add-partitions-to-txn.ts';
import { alterConfigs } from './handlers/alter-configs.ts';
import { alterUserScramCredentials } from './handlers/alter-user-scram-credentials.ts';
import { apiVersions } from './handlers/api-versions.ts';
import { createPartitions } from './handlers/create-partitions.ts';
import { createTopics } from './handlers/create-topics.ts';
import { deleteGroups } from './handlers/delete-groups.ts';
import { deleteRecords } from './handlers/delete-records.ts';
import { deleteTopics } from './handlers/delete-topics.ts';
import { describeClientQuotas } from './handlers/describe-client-quotas.ts';
import { describeCluster } from './handlers/describe-cluster.ts';
import { describeConfigs } from './handlers/describe-configs.ts';
import { describeGroups } from './handlers/describe-groups.ts';
import { describeLogDirs } from './handlers/describe-log-dirs.ts';
import { describeProducers } from './handlers/describe-producers.ts';
import { describeTopicPartitions } from './handlers/describe-topic-partitions.ts';
import { describeTransactions } from './handlers/describe-transactions.ts';
import { describeUserScramCredentials } from './handlers/describe-user-scram-credentials.ts';
import { electLeaders } from './handlers/elect-leaders.ts';
import { endTxn } from './handlers/end-txn.ts';
import { fetch } from './handlers/fetch.ts';
import { findCoordinator } from './handlers/find-coordinator.ts';
import { heartbeat } from './handlers/heartbeat.ts';
import { incrementalAlterConfigs } from './handlers/incremental-alter-configs.ts';
import { initProducerId } from './handlers/init-producer-id.ts';
import { joinGroup } from './handlers/join-group.ts';
import { leaveGroup } from './handlers/leave-group.ts';
import { listConfigResources } from './handlers/list-config-resources.ts';
import { listGroups } from './handlers/list-groups.ts';
import { listOffsets } from './handlers/list-offsets.ts';
import { listPartitionReassignments } from './handlers/list-partition-reassignments.ts';
import { listTransactions } from './handlers/list-transactions.ts';
import { metadata } from './handlers/metadata.ts';
import { offsetCommit } from './handlers/offset-commit.ts';
import { offsetDelete } from './handlers/offset-delete.ts';
import { offsetFetch } from './handlers/offset-fetch.ts';
import { offsetForLeaderEpoch } from './handlers/offset-for-leader-epoch.ts';
import { produce } from './handlers/produce.ts';
import { saslAuthenticate } from './handlers/sasl-authenticate.ts';
import { saslHandshake } from './handlers/sasl-handshake.ts';
import { syncGroup } from './handlers/sync-group.ts';
import { txnOffsetCommit } from './handlers/txn-offset-commit.ts';

/** Every API that is served, by its key: what ApiVersions tells is made from it. */
export const HANDLERS: ReadonlyMap<number, ApiHandler> = new Map(
  [
    produce,
    fetch,
    listOffsets,
    metadata,
    deleteGroups,
    describeGroups,
    findCoordinator,
    heartbeat,
    joinGroup,
    leaveGroup,
    listGroups,
    offsetCommit,
    offsetDelete,
    offsetFetch,
    syncGroup,
    saslHandshake,
    apiVersions,
    saslAuthenticate,
    describeUserScramCredentials,
    alterUserScramCredentials,
    initProducerId,
    addPartitionsToTxn,
    addOffsetsToTxn,
    endTxn,
    describeTransactions,
    listTransactions,
    txnOffsetCommit,
    createTopics,
    deleteTopics,
    deleteRecords,
    createPartitions,
    describeConfigs,
    alterConfigs,
    incrementalAlterConfigs,
    describeClientQuotas,
    describeCluster,
    describeLogDirs,
    describeProducers,
    describeTopicPartitions,
    offsetForLeaderEpoch,
    electLeaders,
    listPartitionReassignments,
    listConfigResources,
  ].map(handler => [handler.api.key, handler]),
);
