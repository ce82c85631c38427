/** SASL mechanisms that can be offered. */
export const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

/** How a server behaves. The names are those of Kafka's broker settings, in our spelling. */
export interface KafkaSettings {
  readonly autoCreateTopics: boolean;
  /** Of topics whose creator does not say. */
  readonly numPartitions: number;
  readonly saslMechanisms: readonly SaslMechanism[];
  /** How long a login holds; 0: as long as the connection. */
  readonly maxReauthMs: number;
  /** Largest request. */
  readonly requestBytesMax: number;
  /** Largest amount of records in one answer to Fetch. */
  readonly fetchBytesMax: number;
  /** Requests and answers of all connections together. */
  readonly memoryBytesMax: number;
  readonly connectionsMax: number;
  readonly connectionsPerIpMax: number;
  readonly idleMsMax: number;
  /** Partitions of all topics together; clients make no more. Each takes files and memory. */
  readonly partitionsMax: number;
  /** Fetch sessions of all clients. */
  readonly fetchSessionsMax: number;
}

/** Kafka's defaults where Kafka has a bound. */
export const DEFAULT_KAFKA_SETTINGS: KafkaSettings = {
  autoCreateTopics: true,
  numPartitions: 1,
  saslMechanisms: SASL_MECHANISMS,
  maxReauthMs: 0,
  requestBytesMax: 104_857_600,
  fetchBytesMax: 8 << 20,
  memoryBytesMax: 128 << 20,
  connectionsMax: 2_000,
  connectionsPerIpMax: 1_000,
  idleMsMax: 600_000,
  partitionsMax: 10_000,
  fetchSessionsMax: 1_000,
};
