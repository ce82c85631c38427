import {
  add,
  addBatched,
  addOffsets,
  commitOffset,
  describe,
  describeProducers,
  end,
  fetchOffset,
  init,
  list,
  produce,
  read,
} from './requests.ts';
import type { Session } from './session.ts';

/** What producers do, rightly and wrongly. Each is played to a real Kafka and to ours, and answered alike. */
export const SCENARIOS: Readonly<Record<string, (session: Session) => Promise<void>>> = {
  'producer-ids': async s => {
    for (const version of [0, 1, 2, 3, 4, 5]) await init(s, null, version);
    await init(s, '', 4);
    for (const timeoutMs of [0, -1, 900_000, 900_001]) await init(s, 'a', 4, { timeoutMs });
    const first = await init(s, 'a', 4);
    const second = await init(s, 'a', 2);
    await init(s, 'a', 4, { expected: first });
    await init(s, 'a', 3, { expected: first });
    const third = await init(s, 'a', 4, { expected: second });
    await init(s, 'a', 4, { expected: second });
    await init(s, 'a', 4, { expected: { ...third, producerEpoch: -1 } });
    await init(s, 'a', 4, { expected: { ...third, producerId: third.producerId + 100_000 } });
    await init(s, 'new', 4, { expected: { producerId: third.producerId + 100_000, producerEpoch: 3 } });
    await describe(s, 'a', 'new', 'unknown', '');
  },

  'old-flow': async s => {
    await s.broker.createTopic(`${s.prefix}t`, 2);
    const a = await init(s, 'a', 4);
    const old = { ...a, producerEpoch: a.producerEpoch - 1 };
    const wrong = { ...a, producerId: a.producerId + 100_000 };
    await end(s, a, 3, true);
    await end(s, a, 3, false);
    await add(s, a, 3, { t: [0, 1], unknown: [0] });
    await add(s, a, 3, { t: [0, 7] });
    await add(s, a, 3, { t: [0], __consumer_offsets: [0] });
    for (const version of [1, 2, 3]) await add(s, old, version, { t: [0] });
    await add(s, wrong, 3, { t: [0] });
    await add(s, { ...a, id: 'unknown' }, 3, { t: [0] });
    await add(s, { ...a, producerEpoch: a.producerEpoch + 1 }, 3, { t: [0] });
    for (const version of [9, 10, 11]) await produce(s, a, version, 't', 0);
    await add(s, a, 3, { t: [0] });
    await add(s, a, 0, { t: [0] });
    await describe(s, 'a');
    await produce(s, a, 9, 't', 0);
    await produce(s, a, 9, 't', 1);
    await produce(s, a, 9, 't', 0, { partition: 1 });
    for (const version of [1, 3]) await end(s, old, version, true);
    await end(s, wrong, 3, true);
    await end(s, { ...a, id: 'unknown' }, 3, true);
    await read(s, 't');
    await end(s, a, 3, true);
    await end(s, a, 3, true);
    await end(s, a, 3, false);
    await read(s, 't');
    await describe(s, 'a');
    await produce(s, a, 9, 't', 2);
    await add(s, a, 3, { t: [0, 1] });
    await produce(s, a, 9, 't', 2);
    await end(s, a, 3, false);
    await end(s, a, 3, false);
    await end(s, a, 3, true);
    await read(s, 't');
    await read(s, 't', 1);
    await describeProducers(s, 't');
  },

  'new-flow': async s => {
    await s.broker.createTopic(`${s.prefix}t`, 2);
    const a0 = await init(s, 'a', 5);
    await produce(s, a0, 11, 't', 0);
    await produce(s, a0, 12, 't', 0);
    await produce(s, a0, 12, 't', 0, { partition: 1 });
    await describe(s, 'a');
    const a1 = await end(s, a0, 5, true);
    await read(s, 't');
    await describe(s, 'a');
    await end(s, a0, 5, true);
    await end(s, a0, 5, false);
    await end(s, a1, 5, true);
    await end(s, { ...a1, producerEpoch: a1.producerEpoch + 1 }, 5, true);
    await produce(s, a0, 12, 't', 1);
    await produce(s, a1, 12, 't', 0);
    await end(s, a0, 5, true);
    const a2 = await end(s, a1, 5, false);
    await end(s, a1, 5, false);
    await end(s, a1, 5, true);
    await end(s, a0, 5, true);
    await read(s, 't');
    const a3 = await end(s, a2, 5, false);
    const a4 = await end(s, a3, 5, false);
    await end(s, a3, 5, false);
    await end(s, a2, 5, false);
    await produce(s, a4, 12, 'unknown', 0);
    await produce(s, a4, 12, 't', 0, { id: null });
    await produce(s, { ...a4, id: 'unknown' }, 12, 't', 0);
    await describe(s, 'a');
    await describeProducers(s, 't');
    const fresh = await init(s, 'fresh', 5);
    await end(s, fresh, 5, true);
    await end(s, { ...fresh, producerEpoch: fresh.producerEpoch - 1 }, 5, false);
    await end(s, fresh, 5, false);
  },

  'both-flows': async s => {
    await s.broker.createTopic(`${s.prefix}t`, 1);
    const a0 = await init(s, 'a', 5);
    await add(s, a0, 3, { t: [0] });
    await produce(s, a0, 9, 't', 0);
    const a1 = await end(s, a0, 5, true);
    await add(s, a1, 3, { t: [0] });
    await produce(s, a1, 11, 't', 0);
    await end(s, a1, 4, true);
    await end(s, a1, 4, true);
    await end(s, a1, 5, true);
    const a2 = await end(s, a1, 5, false);
    await end(s, a1, 4, false);
    await end(s, a2, 4, false);
    await end(s, a2, 4, true);
    await describe(s, 'a');
    await read(s, 't');
  },

  fencing: async s => {
    await s.broker.createTopic(`${s.prefix}t`, 1);
    const a = await init(s, 'a', 4);
    await add(s, a, 3, { t: [0] });
    await produce(s, a, 9, 't', 0);
    await init(s, 'a', 4, { once: true });
    const b = await init(s, 'a', 4);
    await produce(s, a, 9, 't', 1);
    await produce(s, a, 12, 't', 1);
    for (const version of [1, 3]) await add(s, a, version, { t: [0] });
    for (const version of [1, 3, 5]) await end(s, a, version, true);
    for (const version of [1, 3]) await addOffsets(s, a, version, 'g');
    for (const version of [1, 3, 5]) await commitOffset(s, a, version, 'g', 't', 1);
    await init(s, 'a', 3, { expected: a });
    await init(s, 'a', 4, { expected: a });
    await read(s, 't');
    await produce(s, b, 12, 't', 0);
    await init(s, 'a', 5, { once: true, expected: b });
    await init(s, 'a', 5, { expected: b });
    const c = await init(s, 'a', 5);
    await produce(s, b, 12, 't', 1);
    await end(s, b, 5, true);
    await produce(s, c, 12, 't', 0);
    await end(s, c, 5, true);
    await read(s, 't');
    await describe(s, 'a');
  },

  offsets: async s => {
    await s.broker.createTopic(`${s.prefix}t`, 1);
    const a = await init(s, 'a', 4);
    for (const version of [2, 3, 4]) await commitOffset(s, a, version, 'g', 't', 1);
    await addOffsets(s, { ...a, id: 'unknown' }, 3, 'g');
    await addOffsets(s, { ...a, producerId: a.producerId + 100_000 }, 3, 'g');
    await addOffsets(s, a, 3, 'g');
    await addOffsets(s, a, 3, 'g');
    await commitOffset(s, a, 3, 'g', 't', 5);
    await commitOffset(s, a, 3, 'g', 'unknown', 5);
    await commitOffset(s, { ...a, producerEpoch: a.producerEpoch + 1 }, 3, 'g', 't', 5);
    await commitOffset(s, { ...a, producerId: a.producerId + 100_000 }, 3, 'g', 't', 5);
    await fetchOffset(s, 'g', 't', false);
    await fetchOffset(s, 'g', 't', true);
    await end(s, a, 3, true);
    await fetchOffset(s, 'g', 't', true);
    const b = await init(s, 'b', 5);
    await commitOffset(s, b, 5, 'g', 't', 9);
    await fetchOffset(s, 'g', 't', false);
    const b1 = await end(s, b, 5, false);
    await fetchOffset(s, 'g', 't', true);
    await commitOffset(s, b, 5, 'g', 't', 10);
    await commitOffset(s, b1, 5, 'g', 't', 11);
    await commitOffset(s, b1, 5, 'h', 't', 12);
    await end(s, b1, 5, true);
    await fetchOffset(s, 'g', 't', true);
    await fetchOffset(s, 'h', 't', true);
  },

  'time-out': async s => {
    await s.broker.createTopic(`${s.prefix}t`, 1);
    await s.broker.createTopic(`${s.prefix}u`, 1);
    const old = await init(s, 'old', 4, { timeoutMs: 100 });
    const young = await init(s, 'young', 5, { timeoutMs: 100 });
    await add(s, old, 3, { t: [0] });
    await produce(s, old, 9, 't', 0);
    await produce(s, young, 12, 'u', 0);
    await s.broker.pass(12_000);
    await read(s, 't');
    await read(s, 'u');
    await describe(s, 'old', 'young');
    await produce(s, old, 9, 't', 1);
    await produce(s, young, 12, 'u', 1);
    await end(s, old, 3, true);
    await end(s, young, 5, true);
    await end(s, young, 5, false);
    await add(s, old, 3, { t: [0] });
    await init(s, 'old', 4, { expected: old });
    await init(s, 'young', 5, { expected: young });
    await init(s, 'old', 4);
    await init(s, 'young', 5);
  },

  listing: async s => {
    await s.broker.createTopic(`${s.prefix}t`, 1);
    await init(s, 'empty', 4);
    const open = await init(s, 'open', 4);
    await add(s, open, 3, { t: [0] });
    const done = await init(s, 'done', 5);
    await produce(s, done, 12, 't', 0);
    await end(s, done, 5, true);
    const aborted = await init(s, 'aborted', 5);
    await produce(s, aborted, 12, 't', 0);
    await end(s, aborted, 5, false);
    await describe(s, 'done', 'aborted');
    await list(s, 2, {}, 'all');
    await list(s, 2, { stateFilters: ['Ongoing', 'CompleteCommit'] }, 'two states');
    await list(s, 2, { stateFilters: ['Strange', 'Ongoing'] }, 'a state that nobody knows');
    await list(s, 2, { stateFilters: ['Strange'] }, 'only a state that nobody knows');
    await list(s, 2, { stateFilters: ['ongoing'] }, 'a state in small letters');
    await list(s, 2, { stateFilters: ['Dead', 'PrepareEpochFence'] }, 'states that do not last');
    await list(s, 2, { producerIdFilters: [open.producerId, 10_000_000] }, 'by producer id');
    await list(s, 2, { durationFilter: 3_600_000 }, 'open for an hour');
    await list(s, 2, { durationFilter: 0 }, 'open for no time');
    await list(s, 2, { pattern: 'o' }, 'part of an id');
    await list(s, 2, { pattern: '(open|do.*)' }, 'a pattern');
    await list(s, 2, { pattern: '(' }, 'a wrong pattern');
    await list(s, 0, { producerIdFilters: [open.producerId] }, 'version 0 by producer id');
    await list(s, 1, { producerIdFilters: [open.producerId], durationFilter: 3_600_000 }, 'version 1');
  },

  batched: async s => {
    await s.broker.createTopic(`${s.prefix}t`, 2);
    const [a, b] = [await init(s, 'a', 4), await init(s, 'b', 4)];
    const wrong = { ...a, id: 'unknown' };
    await addBatched(s, [a, b, wrong], 4, { t: [0] }, true);
    await addBatched(s, [a, wrong], 4, { t: [0] }, false);
    await addBatched(s, [a, b], 4, { t: [0, 1] }, true);
    await addBatched(s, [{ ...a, producerEpoch: 5 }, b], 5, { t: [0] }, true);
    await addBatched(s, [a], 5, { t: [0], unknown: [0] }, false);
    await addBatched(s, [a], 5, { t: [0], unknown: [0] }, true);
    await describe(s, 'a');
  },

  'plain-and-transactional': async s => {
    await s.broker.createTopic(`${s.prefix}t`, 1);
    const plain = await init(s, null, 4);
    await produce(s, plain, 9, 't', 0, { transactional: false });
    await produce(s, plain, 9, 't', 0, { transactional: false });
    await produce(s, plain, 9, 't', 5, { transactional: false });
    const a = await init(s, 'a', 5);
    await produce(s, a, 12, 't', 0);
    await produce(s, a, 12, 't', 0);
    await produce(s, a, 12, 't', 4);
    await produce(s, a, 12, 't', 1, { transactional: false });
    const a1 = await end(s, a, 5, true);
    await produce(s, a1, 12, 't', 3);
    await produce(s, a1, 12, 't', 0);
    await end(s, a1, 5, true);
    await read(s, 't');
    await describeProducers(s, 't');
  },
};
