import { test } from 'vitest';
import { seededRng } from '../../src/core/mod.ts';
import { killLogUnderClients, killsMissing } from '../support/kafka/kills.ts';
import { recordProof } from '../support/proof.ts';

const KILLS = Number(process.env.KILLS ?? 100);

if (killsMissing !== null) console.log(`kafka-kills: skipped, ${killsMissing}`);

test.skipIf(killsMissing !== null)(`Kafka's clients go on over ${KILLS} kills of the log`, async () => {
  await killLogUnderClients(seededRng(5), KILLS);
  recordProof(
    'kill -9 of the log under two idempotent producers, a transactional one and a group of two (librdkafka, Java)',
    KILLS,
    'every acknowledged record once and in order, no aborted one seen, all went on',
  );
});
