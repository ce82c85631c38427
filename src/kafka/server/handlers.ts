import type { ApiHandler } from './handler.ts';
import { addOffsetsToTxn } from './handlers/add-offsets-to-txn.ts';
import { addPartitionsToTxn } from './handlers/add-partitions-to-txn.ts';
import { alterUserScramCredentials } from './handlers/alter-user-scram-credentials.ts';
import { apiVersions } from './handlers/api-versions.ts';
import { deleteGroups } from './handlers/delete-groups.ts';
import { describeGroups } from './handlers/describe-groups.ts';
import { describeTransactions } from './handlers/describe-transactions.ts';
import { describeUserScramCredentials } from './handlers/describe-user-scram-credentials.ts';
import { endTxn } from './handlers/end-txn.ts';
import { fetch } from './handlers/fetch.ts';
import { findCoordinator } from './handlers/find-coordinator.ts';
import { heartbeat } from './handlers/heartbeat.ts';
import { initProducerId } from './handlers/init-producer-id.ts';
import { joinGroup } from './handlers/join-group.ts';
import { leaveGroup } from './handlers/leave-group.ts';
import { listGroups } from './handlers/list-groups.ts';
import { listOffsets } from './handlers/list-offsets.ts';
import { listTransactions } from './handlers/list-transactions.ts';
import { metadata } from './handlers/metadata.ts';
import { offsetCommit } from './handlers/offset-commit.ts';
import { offsetDelete } from './handlers/offset-delete.ts';
import { offsetFetch } from './handlers/offset-fetch.ts';
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
  ].map(handler => [handler.api.key, handler]),
);
