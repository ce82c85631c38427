import { expect, test } from 'vitest';
import { type Rng, seededRng } from '../../../../src/core/mod.ts';
import { decideEnd } from '../../../../src/log/transaction/decide-end.ts';
import { decideInit } from '../../../../src/log/transaction/decide-init.ts';
import { decideAdd, decideVerify } from '../../../../src/log/transaction/decide-partitions.ts';
import {
  type Decision,
  EPOCH_MAX,
  type LastingState,
  newTransactionalId,
  type TransactionMetadata,
} from '../../../../src/log/transaction/metadata.ts';
import { completed, fence } from '../../../../src/log/transaction/transitions.ts';

/** Kafka's table of the states that one may come from. */
const COMES_FROM: Readonly<Record<LastingState, readonly LastingState[]>> = {
  Empty: ['Empty', 'CompleteCommit', 'CompleteAbort'],
  Ongoing: ['Ongoing', 'Empty', 'CompleteCommit', 'CompleteAbort'],
  PrepareCommit: ['Ongoing'],
  PrepareAbort: ['Ongoing', 'Empty', 'CompleteCommit', 'CompleteAbort'],
  CompleteCommit: ['PrepareCommit'],
  CompleteAbort: ['PrepareAbort'],
};

const AT = { topic: 't', partition: 0 };

interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** A coordinator of one id with nothing around the decisions, and a client that remembers all it was told. */
class Model {
  metadata: TransactionMetadata;
  pending: LastingState | null = null;
  /** Stored or not when the step ends: both must do. */
  under: TransactionMetadata | null = null;
  /** The present holder, as the last answer that was no repetition told it. */
  holder: Identity | null = null;
  readonly told = new Set<string>();
  readonly known: Identity[] = [];
  outcomes: boolean[] = [];
  #ids: number;

  constructor(epoch: number) {
    this.metadata = { ...newTransactionalId('x', 1, 1000, 0), producerEpoch: epoch };
    this.#ids = 1;
  }

  fresh(): number {
    return ++this.#ids;
  }

  entry() {
    return { metadata: this.metadata, pending: this.pending };
  }

  /** Decides, with a spare id where one is asked for, and begins to store. */
  decide(decide: (spare: number | null) => Decision): Decision {
    const first = decide(null);
    const decision = first.kind === 'producer-id' ? decide(this.fresh()) : first;
    expect(decision.kind).not.toBe('producer-id');
    if (decision.kind !== 'store') return decision;
    const { next } = decision;
    expect(this.pending, 'one change at a time').toBeNull();
    expect(COMES_FROM[next.state], `${this.metadata.state} → ${next.state}`).toContain(this.metadata.state);
    this.pending = next.state;
    this.under = next;
    return decision;
  }

  stored(works: boolean): void {
    if (this.under === null) return;
    if (works) this.take(this.under);
    this.pending = null;
    this.under = null;
  }

  take(next: TransactionMetadata): void {
    const before = this.metadata;
    this.metadata = next;
    const isSame = next.producerId === before.producerId;
    if (isSame) expect(next.producerEpoch).toBeGreaterThanOrEqual(before.producerEpoch);
    expect(next.producerEpoch).toBeLessThanOrEqual(EPOCH_MAX);
    const isOpen = next.state === 'Ongoing' || next.state.startsWith('Prepare');
    if (!isOpen) expect(next.partitions.size).toBe(0);
    if (next.state.startsWith('Prepare')) this.outcomes.push(next.state === 'PrepareCommit');
  }

  finish(): void {
    if (this.pending !== null || !this.metadata.state.startsWith('Prepare')) return;
    const next = completed(this.metadata, 1);
    expect(COMES_FROM[next.state]).toContain(this.metadata.state);
    expect(next.state === 'CompleteCommit').toBe(this.outcomes.at(-1));
    this.take(next);
  }

  /** An identity that goes on: nobody may have had it before. */
  hold({ producerId, producerEpoch }: Identity): void {
    expect(producerEpoch).toBeLessThan(EPOCH_MAX);
    const key = `${producerId}/${producerEpoch}`;
    expect(this.told.has(key), `${key} is told once`).toBe(false);
    this.told.add(key);
    this.holder = { producerId, producerEpoch };
    this.known.push(this.holder);
  }
}

function init(model: Model, rng: Rng): void {
  const expected = rng.next() < 0.5 && model.known.length > 0 ? rng.pick(model.known) : null;
  const before = model.metadata;
  const decision = model.decide(spare => decideInit(model.entry(), { timeoutMs: 1000, expected }, 1, spare));
  if (decision.kind !== 'store') {
    expect(decision.kind).toBe('refuse');
    return;
  }
  const isStored = rng.next() < 0.9;
  model.stored(isStored);
  if (!isStored) return;
  if (model.metadata.state === 'PrepareAbort') {
    expect(before.state).toBe('Ongoing');
    return;
  }
  const isRepeated =
    model.metadata.producerEpoch === before.producerEpoch && model.metadata.producerId === before.producerId;
  // Only who was told the epoch before is told this one again (or for the first time, where a time-out
  // bumped it).
  if (isRepeated) expect(expected?.producerEpoch).toBe(before.lastProducerEpoch);
  if (!isRepeated || !model.told.has(`${before.producerId}/${before.producerEpoch}`))
    model.hold(model.metadata);
}

function end(model: Model, rng: Rng): void {
  if (model.known.length === 0) return;
  const identity = rng.next() < 0.8 ? model.holder! : rng.pick(model.known);
  const committed = rng.next() < 0.5;
  const version = rng.next() < 0.6 ? 2 : 0;
  const before = model.metadata;
  const request = { ...identity, committed, version } as const;
  const decision = model.decide(spare => decideEnd(model.entry(), request, 1, spare));
  if (decision.kind === 'answer') {
    expect(before.state, 'what is answered at once has ended so').toBe(
      committed ? 'CompleteCommit' : 'CompleteAbort',
    );
    return;
  }
  if (decision.kind === 'refuse') {
    // While a transaction ends, version 2 takes the epoch before for a repetition and no other.
    if (decision.error === 'PRODUCER_FENCED' && !before.state.startsWith('Prepare')) {
      expect(
        identity.producerId === before.producerId && identity.producerEpoch === before.producerEpoch,
      ).toBe(false);
    }
    return;
  }
  expect(identity, 'only the present epoch ends anything').toEqual({
    producerId: before.producerId,
    producerEpoch: before.producerEpoch,
  });
  const isStored = rng.next() < 0.9;
  model.stored(isStored);
  if (isStored && version === 2) model.hold(completed(model.metadata, 1));
}

function add(model: Model, rng: Rng): void {
  if (model.known.length === 0) return;
  const identity = rng.next() < 0.8 ? model.holder! : rng.pick(model.known);
  const request = { ...identity, partitions: [{ topic: 't', partition: rng.int(0, 2) }] };
  const decision = model.decide(() => decideAdd(model.entry(), request, rng.next() < 0.5 ? 2 : 0, 1));
  if (decision.kind === 'refuse') return;
  expect(identity.producerEpoch).toBe(model.metadata.producerEpoch);
  if (decision.kind === 'store') model.stored(rng.next() < 0.9);
}

function verify(model: Model, rng: Rng): void {
  if (model.known.length === 0) return;
  const identity = rng.pick(model.known);
  const decision = decideVerify(model.entry(), identity, AT);
  if (decision.kind === 'refuse') return;
  expect(decision.kind).toBe('answer');
  expect([model.metadata.state, identity.producerEpoch]).toEqual(['Ongoing', model.metadata.producerEpoch]);
  expect(model.metadata.partitions.has('t-0')).toBe(true);
}

function timeOut(model: Model): void {
  if (model.pending !== null || model.metadata.state !== 'Ongoing') return;
  model.decide(spare => fence(model.metadata, 1, spare));
  model.stored(true);
}

/** While something is being stored, or ended, everything that changes is refused. */
function probeBusy(model: Model, rng: Rng): void {
  if (model.known.length === 0 || model.metadata.state !== 'Ongoing') return;
  const identity = { producerId: model.metadata.producerId, producerEpoch: model.metadata.producerEpoch };
  model.pending = rng.pick(['PrepareCommit', 'PrepareAbort'] as const);
  const entry = model.entry();
  const decisions = [
    decideInit(entry, { timeoutMs: 1, expected: null }, 1, null),
    decideAdd(entry, { ...identity, partitions: [AT] }, 2, 1),
    decideVerify(entry, identity, AT),
    ...([0, 2] as const).map(version => decideEnd(entry, { ...identity, committed: true, version }, 1, null)),
  ];
  for (const decision of decisions) {
    expect(decision.kind === 'refuse' && decision.error).toBe('CONCURRENT_TRANSACTIONS');
  }
  model.pending = null;
}

test('whatever is asked and fails, one producer holds an id and a transaction has one outcome', () => {
  const states = new Set<string>();
  let rotations = 0;
  for (let seed = 0; seed < 300; seed++) {
    const rng = seededRng(seed);
    const model = new Model(rng.next() < 0.5 ? -1 : EPOCH_MAX - rng.int(3, 8));
    for (let step = 0; step < 60; step++) {
      const before = model.metadata.producerId;
      const act = rng.pick([init, end, end, add, add, verify, timeOut, probeBusy] as const);
      try {
        act(model, rng);
        if (rng.next() < 0.8) model.finish();
      } catch (error) {
        throw new Error(`seed ${seed}, step ${step}: ${act.name}`, { cause: error });
      }
      if (model.metadata.producerId !== before) rotations++;
      states.add(model.metadata.state);
    }
  }
  expect([...states].sort()).toEqual(Object.keys(COMES_FROM).sort());
  expect(rotations).toBeGreaterThan(20);
});
