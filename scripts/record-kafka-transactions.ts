import { mkdirSync, writeFileSync } from 'node:fs';
import { CREATE_TOPICS, FIND_COORDINATOR } from '../src/kafka/messages/mod.ts';
import { exhaustion } from '../test/support/kafka-transactions/exhaustion.ts';
import { SCENARIOS } from '../test/support/kafka-transactions/scenarios.ts';
import { type Broker, Session } from '../test/support/kafka-transactions/session.ts';
import { Wire } from '../test/support/kafka-wire.ts';

/*
 * Run as a program with the port of a real Kafka: plays the scenarios and keeps its answers as fixtures.
 * The broker needs `transaction.abort.timed.out.transaction.cleanup.interval.ms=200` and
 * `offsets.topic.num.partitions=50`.
 */
const wire = await Wire.open(Number(process.argv[2]));
const only = process.argv[3];
const folder = new URL('../test/fixtures/kafka/', import.meta.url);
mkdirSync(new URL('transactions', folder), { recursive: true });
const pass = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

const broker: Broker = {
  pass,
  createTopic: async (name, numPartitions) => {
    const topic = { name, numPartitions, replicationFactor: 1, assignments: [], configs: [] };
    await wire.ask(CREATE_TOPICS, 7, { topics: [topic] });
    await pass(300);
  },
};

for (const keyType of [0, 1]) {
  for (let errorCode = -1; errorCode !== 0; await pass(100)) {
    ({ errorCode } = await wire.ask(FIND_COORDINATOR, 3, { key: 'x', keyType }));
  }
}
for (const [name, play] of Object.entries({ ...SCENARIOS, exhaustion })) {
  if (only !== undefined && !only.split(',').includes(name)) continue;
  const session = new Session(wire, broker, `${name}-${Date.now()}-`);
  try {
    await play(session);
  } finally {
    writeFileSync(
      new URL(name === 'exhaustion' ? 'transactions-exhaustion.json' : `transactions/${name}.json`, folder),
      `${JSON.stringify(session.steps, null, 1)}\n`,
    );
    process.stdout.write(`${name}: ${session.steps.length} answers\n`);
  }
}
await wire[Symbol.asyncDispose]();
