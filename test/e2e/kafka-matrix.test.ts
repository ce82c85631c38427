import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  administersConfig,
  administersGroups,
  administersRecords,
  administersTopics,
} from '../support/kafka/administration.ts';
import { java, oldJava } from '../support/kafka/client-java.ts';
import { kafkajs } from '../support/kafka/client-kafkajs.ts';
import { kcat, oldKcat } from '../support/kafka/client-kcat.ts';
import { platformatic } from '../support/kafka/client-platformatic.ts';
import { confluent, kafkaPython } from '../support/kafka/client-python.ts';
import {
  type Ability,
  CODECS,
  type Connection,
  type Driver,
  type Mechanism,
  type Session,
} from '../support/kafka/driver.ts';
import { keepsStaticMembers, rebalances } from '../support/kafka/groups.ts';
import * as scenarios from '../support/kafka/scenarios.ts';
import { refusal, startTarget, type Target } from '../support/kafka/target.ts';

/**
 * `MILLRACE_KAFKA_TARGET=real` runs the same tests against Apache Kafka, which is how they are known to be
 * right.
 */
const CLIENTS: readonly Driver[] = [
  kcat,
  oldKcat,
  kafkajs,
  platformatic,
  confluent,
  kafkaPython,
  java,
  oldJava,
].filter(driver => !process.env.CLIENT || driver.name === process.env.CLIENT);

const MECHANISMS: readonly Mechanism[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];

let target: Target;
let maker: Session;
let witness: Session;
beforeAll(async () => {
  target = await startTarget();
  maker = await kafkajs.open(target.plain);
  witness = kcat.missing === null ? await kcat.open(target.plain) : maker;
}, 120_000);
afterAll(async () => {
  await maker?.close();
  await target?.stop();
}, 60_000);

const slug = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');

describe.each(CLIENTS.map(driver => [driver.name, driver] as const))('%s', (name, driver) => {
  let session: Session;
  let names = 0;
  beforeAll(async () => {
    if (driver.missing === null) session = await driver.open(target.plain);
  }, 120_000);
  afterAll(() => session?.close());

  const bench = (connection: Connection = target.plain, over: Session = session): scenarios.Bench => ({
    driver,
    session: over,
    connection,
    maker,
    witness,
    name: what => `${slug(name)}-${what}-${names++}`,
  });

  /** Runs unless the client is missing or can't; where the broker is known to refuse, it has to. */
  const check = (what: string, needs: readonly Ability[], run: () => Promise<void>): void => {
    const reason = driver.missing ?? needs.map(ability => driver.cannot[ability]).find(Boolean) ?? null;
    const refused = refusal(driver, needs);
    if (reason !== null) test.skip(`${what} (left out: ${reason})`);
    else if (refused === null) test(what, run, 120_000);
    else test(`${what} (refused: ${refused})`, () => expect(run()).rejects.toThrow(/authentic/i), 120_000);
  };

  check('produces and consumes', [], () => scenarios.producesAndConsumes(bench()));
  check('keeps records of one key together', [], () => scenarios.keepsKeysTogether(bench()));
  check('carries headers', ['headers'], () => scenarios.carriesHeaders(bench()));
  for (const codec of CODECS)
    check(`compresses: ${codec}`, [codec], () => scenarios.compresses(bench(), codec));
  check('produces idempotently', ['idempotence'], () => scenarios.producesIdempotently(bench()));
  check('transactions', ['transactions'], () => scenarios.commitsAndAborts(bench()));
  check('fences producers', ['transactions', 'fencing'], () => scenarios.fences(bench()));
  check('consumes, transforms, produces', ['copy'], () => scenarios.copiesExactlyOnce(bench()));
  check('groups: eager', ['eager'], () => rebalances(bench(), 'eager'));
  check('groups: cooperative', ['cooperative'], () => rebalances(bench(), 'cooperative'));
  check('groups: static', ['static'], () => keepsStaticMembers(bench()));
  check('compaction', [], () => scenarios.readsCompacted(bench()));
  check('admin: topics', [], () => administersTopics(bench()));
  check('admin: configuration', [], () => administersConfig(bench()));
  check('admin: records and offsets', [], () => administersRecords(bench()));
  check('admin: groups', [], () => administersGroups(bench()));

  /** Produces and consumes over a connection of its own. */
  const works = async (connection: Connection): Promise<void> => {
    const over = await driver.open(connection);
    await scenarios.producesAndConsumes(bench(connection, over));
    await over.close();
  };
  for (const mechanism of MECHANISMS) {
    check(`SASL ${mechanism}`, [mechanism], async () => {
      const connection = target.secured(mechanism, false);
      await works(connection);
      const wrong = { ...connection, sasl: { ...connection.sasl!, password: 'wrong' } };
      await expect(driver.open(wrong), 'a wrong password').rejects.toThrow();
    });
  }
  check('TLS', ['tls'], () => works(target.tls));
  check('SASL over TLS', ['SCRAM-SHA-512', 'tls'], () => works(target.secured('SCRAM-SHA-512', true)));
});
