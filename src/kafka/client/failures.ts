import { type ErrorCode, MillraceError, messageOf } from '../../core/mod.ts';
import { errorName, isRetriable, type KafkaErrorName } from '../protocol/mod.ts';

/** A broker could not be reached, or its connection broke: what was asked may have been done or not. */
export class BrokerGone extends Error {
  override readonly name = 'BrokerGone';
}

/** An error of Kafka's table, as a broker answered it. */
export class KafkaError extends Error {
  override readonly name = 'KafkaError';
  readonly error: KafkaErrorName;

  constructor(error: KafkaErrorName, detail: string | null = null) {
    super(detail === null || detail === '' ? error : `${error}: ${detail}`);
    this.error = error;
  }
}

/** Throws what a broker answered, unless it is that all went well. */
export function check(code: number, detail: string | null = null): void {
  if (code !== 0) throw new KafkaError(errorName(code), detail);
}

/** True where the same may succeed later, from this broker or another one. */
export function mayRetry(error: unknown): boolean {
  return error instanceof BrokerGone || (error instanceof KafkaError && isRetriable(error.error));
}

/** True where the error is this one of Kafka's table. */
export const isKafka = (error: unknown, ...names: readonly KafkaErrorName[]): boolean =>
  error instanceof KafkaError && names.includes(error.error);

const CODES: Partial<Readonly<Record<KafkaErrorName, ErrorCode>>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'UNKNOWN_TOPIC',
  UNKNOWN_TOPIC_ID: 'UNKNOWN_TOPIC',
  TOPIC_ALREADY_EXISTS: 'TOPIC_EXISTS',
  INVALID_TOPIC_EXCEPTION: 'TOPIC_INVALID',
  INVALID_PARTITIONS: 'TOPIC_INVALID',
  INVALID_REPLICATION_FACTOR: 'TOPIC_INVALID',
  INVALID_CONFIG: 'TOPIC_INVALID',
  POLICY_VIOLATION: 'TOPIC_INVALID',
  OFFSET_OUT_OF_RANGE: 'OFFSET_OUT_OF_RANGE',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'OUT_OF_ORDER_SEQUENCE',
  MESSAGE_TOO_LARGE: 'RECORD_TOO_LARGE',
  RECORD_LIST_TOO_LARGE: 'RECORD_TOO_LARGE',
  PRODUCER_FENCED: 'PRODUCER_FENCED',
  INVALID_PRODUCER_EPOCH: 'PRODUCER_FENCED',
  SASL_AUTHENTICATION_FAILED: 'LOG_UNAUTHORIZED',
  TOPIC_AUTHORIZATION_FAILED: 'LOG_UNAUTHORIZED',
  CLUSTER_AUTHORIZATION_FAILED: 'LOG_UNAUTHORIZED',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'LOG_UNAUTHORIZED',
  GROUP_AUTHORIZATION_FAILED: 'LOG_UNAUTHORIZED',
  INVALID_TRANSACTION_TIMEOUT: 'CONFIG_INVALID',
};

/** An error of the cluster in Millrace's words; `doing` says what was under way. */
export function inMillraceWords(doing: string, error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  const message = `${doing}: ${messageOf(error)}`;
  if (error instanceof BrokerGone) return new MillraceError('LOG_UNREACHABLE', message, { cause: error });
  if (!(error instanceof KafkaError)) return new MillraceError('INTERNAL', message, { cause: error });
  const code = CODES[error.error] ?? (isRetriable(error.error) ? 'LOG_UNREACHABLE' : 'LOG_REFUSED');
  return new MillraceError(code, message + remedyFor(error.error), { cause: error });
}

function remedyFor(error: KafkaErrorName): string {
  if (error !== 'INVALID_TRANSACTION_TIMEOUT') return '';
  return '. Set log.transaction-timeout-ms to at most transaction.max.timeout.ms of the brokers';
}
