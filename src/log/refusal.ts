import { type ErrorCode, MillraceError } from '../core/mod.ts';

/** The names of Kafka's error table that the log and the front before it answer with. */
export type KafkaErrorName =
  | 'UNKNOWN_SERVER_ERROR'
  | 'NONE'
  | 'OFFSET_OUT_OF_RANGE'
  | 'CORRUPT_MESSAGE'
  | 'UNKNOWN_TOPIC_OR_PARTITION'
  | 'LEADER_NOT_AVAILABLE'
  | 'NOT_LEADER_OR_FOLLOWER'
  | 'REQUEST_TIMED_OUT'
  | 'BROKER_NOT_AVAILABLE'
  | 'REPLICA_NOT_AVAILABLE'
  | 'MESSAGE_TOO_LARGE'
  | 'OFFSET_METADATA_TOO_LARGE'
  | 'NETWORK_EXCEPTION'
  | 'COORDINATOR_LOAD_IN_PROGRESS'
  | 'COORDINATOR_NOT_AVAILABLE'
  | 'NOT_COORDINATOR'
  | 'INVALID_TOPIC_EXCEPTION'
  | 'RECORD_LIST_TOO_LARGE'
  | 'NOT_ENOUGH_REPLICAS'
  | 'INVALID_REQUIRED_ACKS'
  | 'ILLEGAL_GENERATION'
  | 'INCONSISTENT_GROUP_PROTOCOL'
  | 'INVALID_GROUP_ID'
  | 'UNKNOWN_MEMBER_ID'
  | 'INVALID_SESSION_TIMEOUT'
  | 'REBALANCE_IN_PROGRESS'
  | 'INVALID_COMMIT_OFFSET_SIZE'
  | 'TOPIC_AUTHORIZATION_FAILED'
  | 'GROUP_AUTHORIZATION_FAILED'
  | 'CLUSTER_AUTHORIZATION_FAILED'
  | 'INVALID_TIMESTAMP'
  | 'UNSUPPORTED_SASL_MECHANISM'
  | 'ILLEGAL_SASL_STATE'
  | 'UNSUPPORTED_VERSION'
  | 'TOPIC_ALREADY_EXISTS'
  | 'INVALID_PARTITIONS'
  | 'INVALID_REPLICATION_FACTOR'
  | 'INVALID_REPLICA_ASSIGNMENT'
  | 'INVALID_CONFIG'
  | 'NOT_CONTROLLER'
  | 'INVALID_REQUEST'
  | 'UNSUPPORTED_FOR_MESSAGE_FORMAT'
  | 'POLICY_VIOLATION'
  | 'OUT_OF_ORDER_SEQUENCE_NUMBER'
  | 'DUPLICATE_SEQUENCE_NUMBER'
  | 'INVALID_PRODUCER_EPOCH'
  | 'INVALID_TXN_STATE'
  | 'INVALID_PRODUCER_ID_MAPPING'
  | 'INVALID_TRANSACTION_TIMEOUT'
  | 'CONCURRENT_TRANSACTIONS'
  | 'TRANSACTION_COORDINATOR_FENCED'
  | 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
  | 'SECURITY_DISABLED'
  | 'OPERATION_NOT_ATTEMPTED'
  | 'KAFKA_STORAGE_ERROR'
  | 'LOG_DIR_NOT_FOUND'
  | 'SASL_AUTHENTICATION_FAILED'
  | 'UNKNOWN_PRODUCER_ID'
  | 'NON_EMPTY_GROUP'
  | 'GROUP_ID_NOT_FOUND'
  | 'FETCH_SESSION_ID_NOT_FOUND'
  | 'INVALID_FETCH_SESSION_EPOCH'
  | 'LISTENER_NOT_FOUND'
  | 'TOPIC_DELETION_DISABLED'
  | 'FENCED_LEADER_EPOCH'
  | 'UNKNOWN_LEADER_EPOCH'
  | 'UNSUPPORTED_COMPRESSION_TYPE'
  | 'OFFSET_NOT_AVAILABLE'
  | 'MEMBER_ID_REQUIRED'
  | 'GROUP_MAX_SIZE_REACHED'
  | 'FENCED_INSTANCE_ID'
  | 'GROUP_SUBSCRIBED_TO_TOPIC'
  | 'INVALID_RECORD'
  | 'UNSTABLE_OFFSET_COMMIT'
  | 'THROTTLING_QUOTA_EXCEEDED'
  | 'PRODUCER_FENCED'
  | 'RESOURCE_NOT_FOUND'
  | 'DUPLICATE_RESOURCE'
  | 'UNACCEPTABLE_CREDENTIAL'
  | 'UNKNOWN_TOPIC_ID'
  | 'INCONSISTENT_TOPIC_ID'
  | 'TRANSACTIONAL_ID_NOT_FOUND'
  | 'FETCH_SESSION_TOPIC_ID_ERROR'
  | 'TRANSACTION_ABORTABLE'
  | 'MISMATCHED_ENDPOINT_TYPE'
  | 'UNSUPPORTED_ENDPOINT_TYPE'
  | 'INVALID_REGULAR_EXPRESSION';

/** A record for which its whole batch was refused (KIP-467). */
export interface RecordRefusal {
  /** Its place in the batch, from 0. */
  readonly batchIndex: number;
  readonly message: string;
}

/** What stands for Kafka's errors in our own words, and the other way round. */
const NAMES: Partial<Readonly<Record<ErrorCode, KafkaErrorName>>> = {
  UNKNOWN_TOPIC: 'UNKNOWN_TOPIC_OR_PARTITION',
  TOPIC_EXISTS: 'TOPIC_ALREADY_EXISTS',
  TOPIC_INVALID: 'INVALID_TOPIC_EXCEPTION',
  OFFSET_OUT_OF_RANGE: 'OFFSET_OUT_OF_RANGE',
  OUT_OF_ORDER_SEQUENCE: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  PRODUCER_FENCED: 'PRODUCER_FENCED',
  RECORD_TOO_LARGE: 'MESSAGE_TOO_LARGE',
  LOG_CORRUPT: 'KAFKA_STORAGE_ERROR',
  LOG_FULL: 'KAFKA_STORAGE_ERROR',
  LOG_IO: 'KAFKA_STORAGE_ERROR',
  TIMEOUT: 'REQUEST_TIMED_OUT',
};

const CODES = new Map<KafkaErrorName, ErrorCode>([
  ...Object.entries(NAMES)
    .filter(([code]) => !code.startsWith('LOG_'))
    .map(([code, name]) => [name, code as ErrorCode] as const),
  ['INVALID_PARTITIONS', 'TOPIC_INVALID'],
  ['INVALID_CONFIG', 'TOPIC_INVALID'],
]);

/** What a client of Kafka's protocol is refused with: `error` is the name in Kafka's table. */
export class Refusal extends MillraceError {
  readonly error: KafkaErrorName;
  readonly recordErrors: readonly RecordRefusal[];

  constructor(error: KafkaErrorName, message: string, recordErrors: readonly RecordRefusal[] = []) {
    super(CODES.get(error) ?? 'REQUEST_REFUSED', message);
    this.error = error;
    this.recordErrors = recordErrors;
  }
}

/** How Kafka names what was thrown; undefined where nothing of its table says it. */
export function kafkaErrorOf(error: unknown): KafkaErrorName | undefined {
  if (error instanceof Refusal) return error.error;
  return error instanceof MillraceError ? NAMES[error.code] : undefined;
}
