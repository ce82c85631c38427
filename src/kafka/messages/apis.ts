import { ADD_OFFSETS_TO_TXN } from './add-offsets-to-txn.ts';
import { ADD_PARTITIONS_TO_TXN } from './add-partitions-to-txn.ts';
import { ALTER_CONFIGS } from './alter-configs.ts';
import { ALTER_USER_SCRAM_CREDENTIALS } from './alter-user-scram-credentials.ts';
import { API_VERSIONS } from './api-versions.ts';
import { CREATE_PARTITIONS } from './create-partitions.ts';
import { CREATE_TOPICS } from './create-topics.ts';
import { DELETE_GROUPS } from './delete-groups.ts';
import { DELETE_RECORDS } from './delete-records.ts';
import { DELETE_TOPICS } from './delete-topics.ts';
import { DESCRIBE_CLIENT_QUOTAS } from './describe-client-quotas.ts';
import { DESCRIBE_CLUSTER } from './describe-cluster.ts';
import { DESCRIBE_CONFIGS } from './describe-configs.ts';
import { DESCRIBE_GROUPS } from './describe-groups.ts';
import { DESCRIBE_LOG_DIRS } from './describe-log-dirs.ts';
import { DESCRIBE_PRODUCERS } from './describe-producers.ts';
import { DESCRIBE_TOPIC_PARTITIONS } from './describe-topic-partitions.ts';
import { DESCRIBE_TRANSACTIONS } from './describe-transactions.ts';
import { DESCRIBE_USER_SCRAM_CREDENTIALS } from './describe-user-scram-credentials.ts';
import { ELECT_LEADERS } from './elect-leaders.ts';
import { END_TXN } from './end-txn.ts';
import { FETCH } from './fetch.ts';
import { FIND_COORDINATOR } from './find-coordinator.ts';
import { HEARTBEAT } from './heartbeat.ts';
import { INCREMENTAL_ALTER_CONFIGS } from './incremental-alter-configs.ts';
import { INIT_PRODUCER_ID } from './init-producer-id.ts';
import { JOIN_GROUP } from './join-group.ts';
import { LEAVE_GROUP } from './leave-group.ts';
import { LIST_CONFIG_RESOURCES } from './list-config-resources.ts';
import { LIST_GROUPS } from './list-groups.ts';
import { LIST_OFFSETS } from './list-offsets.ts';
import { LIST_PARTITION_REASSIGNMENTS } from './list-partition-reassignments.ts';
import { LIST_TRANSACTIONS } from './list-transactions.ts';
import { METADATA } from './metadata.ts';
import { OFFSET_COMMIT } from './offset-commit.ts';
import { OFFSET_DELETE } from './offset-delete.ts';
import { OFFSET_FETCH } from './offset-fetch.ts';
import { OFFSET_FOR_LEADER_EPOCH } from './offset-for-leader-epoch.ts';
import { PRODUCE } from './produce.ts';
import { SASL_AUTHENTICATE } from './sasl-authenticate.ts';
import { SASL_HANDSHAKE } from './sasl-handshake.ts';
import type { Api } from './schema.ts';
import { SYNC_GROUP } from './sync-group.ts';
import { TXN_OFFSET_COMMIT } from './txn-offset-commit.ts';

/** Every API whose messages are known, by its key. */
export const APIS: ReadonlyMap<number, Api> = new Map(
  [
    PRODUCE,
    FETCH,
    LIST_OFFSETS,
    METADATA,
    OFFSET_COMMIT,
    OFFSET_FETCH,
    FIND_COORDINATOR,
    JOIN_GROUP,
    HEARTBEAT,
    LEAVE_GROUP,
    SYNC_GROUP,
    DESCRIBE_GROUPS,
    LIST_GROUPS,
    SASL_HANDSHAKE,
    API_VERSIONS,
    CREATE_TOPICS,
    DELETE_TOPICS,
    DELETE_RECORDS,
    INIT_PRODUCER_ID,
    OFFSET_FOR_LEADER_EPOCH,
    ADD_PARTITIONS_TO_TXN,
    ADD_OFFSETS_TO_TXN,
    END_TXN,
    TXN_OFFSET_COMMIT,
    DESCRIBE_CONFIGS,
    ALTER_CONFIGS,
    DESCRIBE_LOG_DIRS,
    SASL_AUTHENTICATE,
    CREATE_PARTITIONS,
    DELETE_GROUPS,
    ELECT_LEADERS,
    INCREMENTAL_ALTER_CONFIGS,
    LIST_PARTITION_REASSIGNMENTS,
    OFFSET_DELETE,
    DESCRIBE_CLIENT_QUOTAS,
    DESCRIBE_USER_SCRAM_CREDENTIALS,
    ALTER_USER_SCRAM_CREDENTIALS,
    DESCRIBE_CLUSTER,
    DESCRIBE_PRODUCERS,
    DESCRIBE_TRANSACTIONS,
    LIST_TRANSACTIONS,
    LIST_CONFIG_RESOURCES,
    DESCRIBE_TOPIC_PARTITIONS,
  ].map((api: Api) => [api.key, api]),
);
