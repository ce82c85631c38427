import type { Ability, Connection, Driver, Mechanism } from './driver.ts';
import { startMillraceTarget } from './target-millrace.ts';
import { startRealKafka } from './target-real.ts';

/** The user that SASL listeners of a target know. */
export const USER = { username: 'alice', password: 'correct horse 7' } as const;

/** A broker under test. */
export interface Target {
  readonly name: string;
  /** Without encryption and authentication. */
  readonly plain: Connection;
  /** Encrypted, nobody asked who they are. */
  readonly tls: Connection;
  /** Another listener of the same broker, authenticated and maybe encrypted. */
  secured(mechanism: Mechanism, encrypted: boolean): Connection;
  stop(): Promise<void>;
}

const isReal = process.env.MILLRACE_KAFKA_TARGET === 'real';

/**
 * The broker that `MILLRACE_KAFKA_TARGET` names: `real` is Apache Kafka from the engines folder, else
 * Millrace.
 */
export function startTarget(): Promise<Target> {
  return isReal ? startRealKafka() : startMillraceTarget();
}

/** Why that broker refuses a client one of these, or null. */
export function refusal(driver: Driver, needs: readonly Ability[]): string | null {
  return (isReal && needs.map(ability => driver.kafkaRefuses?.[ability]).find(Boolean)) || null;
}
