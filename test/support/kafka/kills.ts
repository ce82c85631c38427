import { expect } from 'vitest';
import type { Rng } from '../../../src/core/mod.ts';
import { eventually } from '../millrace.ts';
import { java } from './client-java.ts';
import { kafkajs } from './client-kafkajs.ts';
import { confluent } from './client-python.ts';
import { checkGroup, checkNumbers, checkTransactions } from './kill-checks.ts';
import {
  Acknowledged,
  dump,
  type Ending,
  groupMember,
  idempotentProducer,
  javaProducer,
  type Said,
  transactionalProducer,
  type Worker,
} from './kill-workers.ts';
import { type Killable, startKillable } from './killable.ts';

const [NUMBERS, JAVA_NUMBERS, TRANSACTIONS] = ['numbers', 'java-numbers', 'transactions'] as const;
const TOPICS = [NUMBERS, JAVA_NUMBERS, TRANSACTIONS];
const GROUP = 'kill-group';
/** How much each worker must have done since the last kill before the next. */
const WORK_BETWEEN_KILLS = 20;

/** Why the test can't run on this machine, or null. */
export const killsMissing: string | null = confluent.missing ?? java.missing;

/** A log under load from two idempotent producers, a transactional one, and a group of two. */
class LogUnderLoad {
  readonly numbers = new Acknowledged();
  readonly javaNumbers = new Acknowledged();
  readonly endings = new Map<number, Ending>();
  readonly said: Said[] = [];
  readonly #producers: readonly Worker[];
  readonly #members: readonly Worker[];

  readonly #broker: Killable;

  private constructor(broker: Killable) {
    this.#broker = broker;
    const { bootstrap } = broker;
    this.#producers = [
      idempotentProducer(bootstrap, NUMBERS, 300, this.numbers),
      javaProducer(bootstrap, JAVA_NUMBERS, 300, this.javaNumbers),
      transactionalProducer(bootstrap, TRANSACTIONS, 30, this.endings),
    ];
    this.#members = ['first member', 'second member'].map(name =>
      groupMember(name, bootstrap, GROUP, TOPICS, this.said),
    );
  }

  static async start(): Promise<LogUnderLoad> {
    const broker = await startKillable();
    const session = await kafkajs.open(broker);
    for (const topic of TOPICS) await session.admin.createTopic!(topic, 2, {});
    await session.close();
    return new LogUnderLoad(broker);
  }

  get #workers(): readonly Worker[] {
    return [...this.#producers, ...this.#members];
  }

  /** Waits until every producer goes on, and the group too. */
  async #atWork(): Promise<void> {
    const producers = this.#producers.map(worker => [worker, worker.done] as const);
    const received = this.#received;
    const goesOn = async (): Promise<boolean> => {
      const ended = this.#workers.find(worker => !worker.running);
      if (ended) throw new Error(`${ended.name} has ended: ${ended.troubles.join('\n')}`);
      const idle = producers.filter(([worker, before]) => worker.done < before + WORK_BETWEEN_KILLS / 4);
      const group = this.#received - received;
      if (idle.length === 0 && group >= WORK_BETWEEN_KILLS) return true;
      const names = idle.map(([{ name, troubles }]) => `${name} (${troubles.slice(-3).join('; ')})`);
      throw new Error(`waits for ${names.join(', ')}; the group received ${group}`);
    };
    await eventually('all workers go on', goesOn, 60_000).catch(error => {
      throw new Error(`${error.message}\n${this.#broker.output()}`);
    });
  }

  get #received(): number {
    return this.#members.reduce((sum, member) => sum + member.done, 0);
  }

  /** kill -9 at a random moment of work; returns the records in flight then. */
  async kill(rng: Rng, round: number): Promise<number> {
    await this.#atWork();
    await new Promise(resolve => setTimeout(resolve, rng.int(0, 300)));
    const flying = this.#producers.reduce((sum, worker) => sum + worker.flying, 0);
    await this.#broker.kill();
    await this.#broker.start();
    const positions = `${this.numbers.count} + ${this.javaNumbers.count} numbers, ${this.endings.size} transactions`;
    console.log(`kill ${round}: ${flying} records in flight; acknowledged ${positions}`);
    return flying;
  }

  /** Lets everyone finish and checks what lies in the log. */
  async check(): Promise<void> {
    await this.#atWork();
    for (const producer of this.#producers) await producer.finish();
    const seen = new Map(TOPICS.map(topic => [topic, dump(this.#broker.bootstrap, topic)]));
    const total = [...seen.values()].reduce((sum, records) => sum + records.length, 0);
    await eventually('the group has caught up', async () => {
      if (this.#received >= total) return true;
      throw new Error(`${this.#received} of ${total}`);
    });
    for (const member of this.#members) await member.finish();
    expect(this.#producers.flatMap(worker => worker.failures)).toEqual([]);
    checkNumbers(NUMBERS, seen.get(NUMBERS)!, this.numbers);
    checkNumbers(JAVA_NUMBERS, seen.get(JAVA_NUMBERS)!, this.javaNumbers);
    checkTransactions(seen.get(TRANSACTIONS)!, this.endings);
    checkGroup(this.said, seen);
    const ends = [...this.endings.values()];
    const count = (ending: Ending): number => ends.filter(one => one === ending).length;
    console.log(
      `${this.numbers.count} and ${this.javaNumbers.count} numbers; ${count('committed')} transactions committed, ` +
        `${count('aborted')} aborted, ${count('unknown')} unknown to their producer; ${this.#received} received`,
    );
    expect(this.numbers.count).toBeGreaterThan(0);
    expect(count('committed')).toBeGreaterThan(0);
    expect(count('aborted')).toBeGreaterThan(0);
  }

  async dispose(): Promise<void> {
    for (const worker of this.#workers) worker.kill();
    await this.#broker.dispose();
  }
}

/**
 * Kills the log so many times under load; fails when anything acknowledged is lost, doubled or out of
 * order.
 */
export async function killLogUnderClients(rng: Rng, kills: number): Promise<void> {
  const log = await LogUnderLoad.start();
  try {
    let flying = 0;
    for (let round = 1; round <= kills; round++) flying += await log.kill(rng, round);
    expect(flying, 'records in flight when the log was killed').toBeGreaterThan(0);
    await log.check();
  } finally {
    await log.dispose();
  }
}
