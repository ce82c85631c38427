import { expect, test } from 'vitest';
import { seededRng } from '../../../../src/core/mod.ts';
import { encodeBatch } from '../../../../src/log/codec/encode-batch.ts';
import { openEmbeddedLog } from '../../../../src/log/mod.ts';
import { record } from '../../../support/log-conformance.ts';
import { MemoryDisk } from '../../../support/memory-disk.ts';
import { TestClock } from '../../../support/test-clock.ts';

/** Invariant: producer ids are one space, and a client cannot write as one of the log's own producers. */
test('a client with the producer id of a writer of the log is refused', async () => {
  const disk = new MemoryDisk(seededRng(1));
  const log = await openEmbeddedLog({ storage: disk.mount(), clock: new TestClock(), directory: '/log' });
  await log.createTopic('t', 1);
  const at = { topic: 't', partition: 0 };
  const writer = await log.openWriter('w');
  await writer.commit({ sequence: 0, position: null, parts: [{ ...at, records: [record('own')] }] });
  const [own] = log.activeProducers(at);
  const given = await log.transactions.initProducerId({
    transactionalId: null,
    timeoutMs: 0,
    expected: null,
  });
  expect(given.producerId).not.toBe(own!.producerId);
  const producer = { producerId: own!.producerId, producerEpoch: 0, baseSequence: 1, transactional: false };
  const { bytes } = encodeBatch([record('forged')], 0, 1, producer, 1);
  const appended = log.appendBatches(at, bytes, { origin: 'client', requiredAcks: -1 });
  await expect(appended).rejects.toMatchObject({ error: 'INVALID_PRODUCER_ID_MAPPING' });
  await writer.commit({ sequence: 1, position: null, parts: [{ ...at, records: [record('own')] }] });
  await log.close();
});
