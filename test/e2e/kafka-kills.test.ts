import { test } from 'vitest';
import { seededRng } from '../../src/core/mod.ts';
import { killLogUnderClients, killsMissing } from '../support/kafka/kills.ts';

const KILLS = 3;

if (killsMissing !== null) console.log(`kafka-kills: skipped, ${killsMissing}`);

test.skipIf(killsMissing !== null)("Kafka's clients go on over kills of the log", () =>
  killLogUnderClients(seededRng(20261121), KILLS),
);
