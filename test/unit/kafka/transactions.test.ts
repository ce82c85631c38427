import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ourBroker } from '../../support/kafka-transactions/our-broker.ts';
import { SCENARIOS } from '../../support/kafka-transactions/scenarios.ts';
import { Session, type Step } from '../../support/kafka-transactions/session.ts';

const FOLDER = new URL('../../fixtures/kafka/transactions/', import.meta.url);

test('every scenario has the answers of a real Kafka', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(
    Object.keys(SCENARIOS)
      .map(name => `${name}.json`)
      .sort(),
  );
});

/** Invariant: producers and coordinator cannot be told from Kafka's by what is answered. */
test.each(Object.entries(SCENARIOS))('%s: our broker answers as Kafka 4.3.1', async (name, play) => {
  await using broker = await ourBroker({ abortCheckIntervalMs: 50 });
  const recorded = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Step[];
  // A pause of a script is there for a Kafka that looks at its clock every ten seconds only.
  const session = new Session(broker.wire, { ...broker, pass: () => broker.pass(400) }, `${name}-`);
  await play(session);
  expect(session.steps.map(step => JSON.stringify(step))).toEqual(recorded.map(step => JSON.stringify(step)));
});
