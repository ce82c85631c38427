import { describe, expect, test } from 'vitest';
import type { LogBroker } from '../../../src/log/mod.ts';
import { Refusal } from '../../../src/log/mod.ts';
import { ALL, type BatchOptions, brokerWorld, clientBatch } from '../../support/client-batches.ts';
import { readAll, record, values } from '../../support/log-conformance.ts';

/** Who sleeps while the log has nothing to do: its housekeeping and that of the groups. */
const IDLE_SLEEPERS = 2;
const t0 = { topic: 't', partition: 0 };
const P = 5000;

async function withTopic() {
  const world = await brokerWorld({ retentionCheckIntervalMs: 1000 });
  await world.log.createTopicAs('t', 1, {});
  return world;
}

/** Two records of the producer, which take two sequences. */
function send(log: LogBroker, baseSequence: number, options: BatchOptions = {}, names = ['a', 'b']) {
  const records = names.map(name => record(`${name}${baseSequence}`));
  return log.appendBatches(t0, clientBatch(records, { producerId: P, baseSequence, ...options }), ALL);
}

test('each of the last five batches is known again, also after a restart and after a crash', async () => {
  const { disk, open, log: first } = await withTopic();
  let log = first;
  for (let i = 0; i < 6; i++) expect(await send(log, i * 2)).toMatchObject({ baseOffset: i * 2 });
  for (const restart of ['none', 'close', 'kill'] as const) {
    if (restart === 'close') await log.close();
    if (restart === 'kill') disk.kill();
    if (restart !== 'none') log = await open();
    for (let i = 1; i < 6; i++) {
      expect(await send(log, i * 2)).toMatchObject({ baseOffset: i * 2, duplicate: true });
    }
    await expect(send(log, 0)).rejects.toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
    expect((await log.offsets(t0)).logEndOffset).toBe(12);
  }
});

test('batches on their way count: five in flight stay in order, repetitions wait for originals', async () => {
  const { log } = await withTopic();
  const under = [0, 2, 4, 6, 8].map(sequence => send(log, sequence));
  const again = [0, 2, 4, 6, 8].map(sequence => send(log, sequence));
  expect((await Promise.all(under)).map(a => a.baseOffset)).toEqual([0, 2, 4, 6, 8]);
  expect(await Promise.all(again)).toMatchObject(
    [0, 2, 4, 6, 8].map(baseOffset => ({ baseOffset, duplicate: true })),
  );
  expect(values(await readAll(log, 't'))).toHaveLength(10);
});

test('a gap, an older epoch and a new epoch that does not begin at 0 are refused', async () => {
  const { log } = await withTopic();
  await send(log, 7, { producerEpoch: 3 });
  await expect(send(log, 10, { producerEpoch: 3 })).rejects.toMatchObject({
    error: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  });
  await expect(send(log, 9, { producerEpoch: 2 })).rejects.toMatchObject({ error: 'INVALID_PRODUCER_EPOCH' });
  await expect(send(log, 9, { producerEpoch: 4 })).rejects.toMatchObject({
    error: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  });
  expect(await send(log, 0, { producerEpoch: 4 })).toMatchObject({ baseOffset: 2, duplicate: false });
  await expect(send(log, 9, { producerEpoch: 3 })).rejects.toMatchObject({ error: 'INVALID_PRODUCER_EPOCH' });
});

test('sequences go on at 0 behind the largest', async () => {
  const { log } = await withTopic();
  const max = 2 ** 31 - 1;
  await send(log, max - 2, {}, ['x', 'y']);
  await send(log, max, {}, ['y', 'z', 'w']);
  expect(await send(log, max, {}, ['y', 'z', 'w'])).toMatchObject({ duplicate: true, baseOffset: 2 });
  expect(await send(log, 2)).toMatchObject({ duplicate: false, baseOffset: 5 });
  expect(log.activeProducers(t0)).toMatchObject([{ producerId: P, producerEpoch: 0, lastSequence: 3 }]);
});

test('what a full disk refused may be sent again', async () => {
  const { log, disk } = await withTopic();
  await send(log, 0);
  disk.faults.roomBytes = 20;
  await expect(Promise.all([send(log, 2), send(log, 4)])).rejects.toMatchObject({ code: 'LOG_FULL' });
  disk.faults.roomBytes = Number.POSITIVE_INFINITY;
  expect(await send(log, 2)).toMatchObject({ baseOffset: 2, duplicate: false });
  expect(await send(log, 4)).toMatchObject({ baseOffset: 4, duplicate: false });
});

test('a producer that has been silent for long is forgotten, one of the log itself never', async () => {
  const { log, clock } = await withTopic();
  await send(log, 0);
  await log.append(t0, [record('own')], { producer: 'p', sequence: 4 });
  await expect.poll(() => clock.sleeping).toBe(IDLE_SLEEPERS);
  clock.advance(2 * 86_400_000);
  await expect.poll(() => log.activeProducers(t0).length).toBe(1);
  expect(await log.lastSequence(t0, 'p')).toBe(4);
  expect(await log.append(t0, [record('own')], { producer: 'p', sequence: 4 })).toMatchObject({
    duplicate: true,
  });
  expect(await send(log, 40)).toMatchObject({ duplicate: false });
});

describe('transactions', () => {
  const tx = { transactional: true };

  test('the coordinator is asked once, before the first batch; those behind it wait in order', async () => {
    const { log } = await withTopic();
    let asked = 0;
    let admit = (): void => undefined;
    const open = new Promise<void>(resolve => {
      admit = resolve;
    });
    const verify = (): Promise<void> => {
      asked++;
      return open;
    };
    const batches = [0, 2, 4].map(baseSequence =>
      clientBatch([record(`${baseSequence}`), record('x')], { producerId: P, baseSequence, ...tx }),
    );
    const under = batches.map(batch => log.appendBatches(t0, batch, { ...ALL, verify }));
    admit();
    expect((await Promise.all(under)).map(a => a.baseOffset)).toEqual([0, 2, 4]);
    expect(asked).toBe(1);
    expect(await log.offsets(t0)).toMatchObject({ lastStableOffset: 0, highWatermark: 6 });
    expect(log.activeProducers(t0)).toMatchObject([{ currentTransactionStartOffset: 0 }]);
  });

  test('what the coordinator refuses is not stored, and the next is asked about again', async () => {
    const { log } = await withTopic();
    let asked = 0;
    const verify = async (): Promise<void> => {
      asked++;
      throw new Refusal('INVALID_TXN_STATE', 'no transaction is open');
    };
    for (const _ of [1, 2]) {
      const batch = clientBatch([record('x')], { producerId: P, ...tx });
      await expect(log.appendBatches(t0, batch, { ...ALL, verify })).rejects.toMatchObject({
        error: 'INVALID_TXN_STATE',
      });
    }
    expect(asked).toBe(2);
    expect((await log.offsets(t0)).logEndOffset).toBe(0);
  });

  test('of a batch whose epoch is over on the partition nobody is asked', async () => {
    const { log } = await withTopic();
    await send(log, 0, { producerEpoch: 3 });
    const verify = async (): Promise<void> => {
      throw new Refusal('INVALID_PRODUCER_ID_MAPPING', 'the transactional id has another producer id now');
    };
    const batch = (producerEpoch: number) =>
      clientBatch([record('x')], { producerId: P, producerEpoch, ...tx });
    await expect(log.appendBatches(t0, batch(2), { ...ALL, verify })).rejects.toMatchObject({
      error: 'INVALID_PRODUCER_EPOCH',
    });
    await expect(log.appendBatches(t0, batch(4), { ...ALL, verify })).rejects.toMatchObject({
      error: 'INVALID_PRODUCER_ID_MAPPING',
    });
  });

  test('what follows a refused batch is not stored before it', async () => {
    const { log } = await withTopic();
    let isOpen = false;
    const verify = async (): Promise<void> => {
      if (!isOpen) throw new Refusal('CONCURRENT_TRANSACTIONS', 'the one before is being ended');
    };
    const send = (baseSequence: number) =>
      log.appendBatches(
        t0,
        clientBatch([record(`${baseSequence}`)], { producerId: P, baseSequence, ...tx }),
        { ...ALL, verify },
      );
    await expect(send(0)).rejects.toMatchObject({ error: 'CONCURRENT_TRANSACTIONS' });
    isOpen = true;
    await expect(send(1)).rejects.toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
    expect([await send(0), await send(1)]).toMatchObject([{ baseOffset: 0 }, { baseOffset: 1 }]);
    expect(values(await readAll(log, 't', 'read_uncommitted'))).toEqual(['0', '1']);
  });

  test('a batch without transaction is refused while one of its producer is open', async () => {
    const { log } = await withTopic();
    await send(log, 0, tx);
    await expect(send(log, 2)).rejects.toMatchObject({ error: 'INVALID_TXN_STATE' });
  });
});
