import type { Clock } from '../../core/mod.ts';
import type { CompressionName } from '../../log/mod.ts';

/** How brokers are spoken to, in Kafka's words. */
export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** Who we are for the brokers. The password is never printed. */
export interface Credentials {
  readonly mechanism: SaslMechanism;
  readonly username: string;
  readonly password: string;
}

/** How TLS checks the brokers and shows who we are; PEM texts. */
export interface TlsOptions {
  /** Whom to trust; left out: those whom Node trusts. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  /** False where the brokers' certificates do not carry their host names. */
  readonly checksHostName: boolean;
}

/** A cluster and how it is used. */
export interface ClusterOptions {
  /** Brokers to begin with, `host:port`. */
  readonly bootstrap: readonly string[];
  readonly clock: Clock;
  readonly security: SecurityProtocol;
  /** Asked for by the SASL protocols. */
  readonly credentials: Credentials | null;
  readonly tls: TlsOptions;
  /** How what is written is compressed. */
  readonly compression: CompressionName;
  /** Of topics that are made; -1: as the brokers say. */
  readonly replicationFactor: number;
  /** After this the brokers abort a transaction that was begun and not ended. */
  readonly transactionTimeoutMs: number;
  /** How long an operation is tried again before it fails. */
  readonly deliveryTimeoutMs: number;
  /** How long one request may take. */
  readonly requestTimeoutMs: number;
}

/** Kafka's own client's values where it has the setting. */
export const CLUSTER_DEFAULTS = {
  security: 'PLAINTEXT',
  credentials: null,
  tls: { checksHostName: true },
  compression: 'none',
  replicationFactor: -1,
  transactionTimeoutMs: 300_000,
  deliveryTimeoutMs: 120_000,
  requestTimeoutMs: 30_000,
} as const satisfies Omit<ClusterOptions, 'bootstrap' | 'clock'>;

/** A broker's place. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, or `[v6]:port`; undefined where the text is neither. */
export function addressOf(text: string): Address | undefined {
  const found = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text.trim());
  const port = Number(found?.[3]);
  if (found === null || port < 1 || port > 65_535) return undefined;
  return { host: found[1] ?? found[2]!, port };
}
