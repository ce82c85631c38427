/** The messages of Kafka's protocol: schemas as data, one file per API, and the codec made from them. */

export { ADD_OFFSETS_TO_TXN } from './add-offsets-to-txn.ts';
export { ADD_PARTITIONS_TO_TXN } from './add-partitions-to-txn.ts';
export { ALTER_USER_SCRAM_CREDENTIALS } from './alter-user-scram-credentials.ts';
export { API_VERSIONS } from './api-versions.ts';
export { APIS } from './apis.ts';
export {
  decodeRequest,
  decodeResponse,
  encodeRequest,
} from './codec.ts';
export { CREATE_PARTITIONS } from './create-partitions.ts';
export { CREATE_TOPICS } from './create-topics.ts';
export { DELETE_GROUPS } from './delete-groups.ts';
export { DELETE_RECORDS } from './delete-records.ts';
export { DELETE_TOPICS } from './delete-topics.ts';
export { DESCRIBE_CONFIGS } from './describe-configs.ts';
export { DESCRIBE_GROUPS } from './describe-groups.ts';
export { DESCRIBE_LOG_DIRS } from './describe-log-dirs.ts';
export { DESCRIBE_PRODUCERS } from './describe-producers.ts';
export { DESCRIBE_TRANSACTIONS } from './describe-transactions.ts';
export { DESCRIBE_USER_SCRAM_CREDENTIALS } from './describe-user-scram-credentials.ts';
export { END_TXN } from './end-txn.ts';
export { FETCH } from './fetch.ts';
export { FIND_COORDINATOR } from './find-coordinator.ts';
export { HEARTBEAT } from './heartbeat.ts';
export { INCREMENTAL_ALTER_CONFIGS } from './incremental-alter-configs.ts';
export { INIT_PRODUCER_ID } from './init-producer-id.ts';
export { LIST_GROUPS } from './list-groups.ts';
export { LIST_OFFSETS } from './list-offsets.ts';
export { LIST_TRANSACTIONS } from './list-transactions.ts';
export { METADATA } from './metadata.ts';
export { OFFSET_COMMIT } from './offset-commit.ts';
export { OFFSET_DELETE } from './offset-delete.ts';
export { OFFSET_FETCH } from './offset-fetch.ts';
export { PRODUCE } from './produce.ts';
export { SASL_AUTHENTICATE } from './sasl-authenticate.ts';
export { SASL_HANDSHAKE } from './sasl-handshake.ts';
export type {
  Api,
  Fields,
  Message,
  NewRequest,
  Read,
  ReadResponse,
  RequestOf,
  ResponseOf,
  Write,
} from './schema.ts';
export { TXN_OFFSET_COMMIT } from './txn-offset-commit.ts';
