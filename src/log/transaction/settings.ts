/** Limits of clients' transactions; the names are Kafka's broker settings. */
export interface TransactionSettings {
  /** `transaction.max.timeout.ms`: the longest time-out a client may ask for. */
  readonly maxTimeoutMs: number;
  /** `transactional.id.expiration.ms`: an id that was not used for so long is forgotten. */
  readonly idExpirationMs: number;
  /** `transaction.abort.timed.out.transaction.cleanup.interval.ms` */
  readonly abortCheckIntervalMs: number;
  /** `transaction.remove.expired.transaction.cleanup.interval.ms` */
  readonly expiryCheckIntervalMs: number;
}

/** Kafka's defaults. */
export const DEFAULT_TRANSACTION_SETTINGS: TransactionSettings = {
  maxTimeoutMs: 900_000,
  idExpirationMs: 7 * 24 * 3_600_000,
  abortCheckIntervalMs: 10_000,
  expiryCheckIntervalMs: 3_600_000,
};
