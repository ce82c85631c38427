import { expect, test } from 'vitest';
import { seededRng } from '../../src/core/mod.ts';
import { fuzz } from '../support/kafka-fuzz.ts';
import { mutated, requestIn, validFrames } from '../support/kafka-mutations.ts';
import { recordProof } from '../support/proof.ts';
import { RunningBroker } from '../support/running-broker.ts';

const READ = 5_000_000;
const SENT = 1_000_000;
/** Frames from the same seeds before others are drawn. */
const SEED_FRAMES = 50_000;
const HEAP_BYTES_MAX = 768 << 20;

test(`${READ} mutated requests are read or refused, and nothing else happens`, () => {
  let refused = 0;
  for (let seed = 0; seed < READ / SEED_FRAMES; seed++) {
    const rng = seededRng(seed);
    const frames = validFrames(seed * 100, 1);
    for (let i = 0; i < SEED_FRAMES; i++) refused += requestIn(mutated(rng, frames)) === null ? 1 : 0;
  }
  expect(refused).toBeGreaterThan(READ / 10);
  expect(refused).toBeLessThan(READ);
  recordProof(
    "mutated requests of Kafka's protocol, read",
    READ,
    `${refused.toLocaleString('en')} refused as malformed, the others read`,
  );
});

test(`${SENT} requests, half of them mutated, do a broker no harm`, async () => {
  await using broker = await RunningBroker.open({ partitionsMax: 100 });
  const total = { frames: 0, mutated: 0, closed: 0, answers: 0, checks: 0 };
  for (let seed = 0; total.frames < SENT; seed++) {
    const outcome = await fuzz(broker, seed, SEED_FRAMES);
    total.frames += outcome.frames;
    total.mutated += outcome.mutated;
    total.closed += outcome.closed;
    total.answers += outcome.answers;
    total.checks += outcome.checks;
    broker.lines.length = 0;
    expect(process.memoryUsage().heapUsed, `seed ${seed}`).toBeLessThan(HEAP_BYTES_MAX);
  }
  await expect.poll(() => broker.server.stats().connections).toBe(0);
  expect(broker.server.stats().memoryBytes).toBe(0);
  expect(total.mutated).toBeGreaterThan(0.45 * total.frames);
  recordProof(
    "requests of Kafka's protocol, half of them mutated, to a running broker",
    total.frames,
    `${total.closed.toLocaleString('en')} ended their connection with one line, ` +
      `${total.answers.toLocaleString('en')} were answered; a healthy client served ${total.checks} times meanwhile`,
  );
});
