import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exhaustion } from '../support/kafka-transactions/exhaustion.ts';
import { ourBroker } from '../support/kafka-transactions/our-broker.ts';
import { Session, type Step } from '../support/kafka-transactions/session.ts';
import { recordProof } from '../support/proof.ts';

const RECORDED = new URL('../fixtures/kafka/transactions-exhaustion.json', import.meta.url);

test('used-up epochs lead to new producer ids as in Kafka 4.3.1', async () => {
  await using broker = await ourBroker();
  const recorded = JSON.parse(readFileSync(RECORDED, 'utf8')) as Step[];
  const session = new Session(broker.wire, broker, 'exhaustion-');
  const epochs = await exhaustion(session);
  expect(session.steps.map(step => JSON.stringify(step))).toEqual(recorded.map(step => JSON.stringify(step)));
  recordProof(
    'epochs of three producer ids used up, by transactions that end and by producers that begin',
    epochs,
    `the ${recorded.length} answers around the ends are those of Kafka 4.3.1`,
  );
});
