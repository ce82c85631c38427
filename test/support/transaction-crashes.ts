import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import { armFailpoints, type Rng, seededRng } from '../../src/core/mod.ts';
import { encodeBatch } from '../../src/log/codec/encode-batch.ts';
import { type LogBroker, openEmbeddedLog, Refusal, type TransactionVersion } from '../../src/log/mod.ts';
import { readAll, values } from './log-conformance.ts';
import { MemoryDisk } from './memory-disk.ts';
import { TestClock } from './test-clock.ts';

/*
 * Invariants, after a crash at any point:
 *  - a transaction is there in both topics and in the group's offsets, or in none of them;
 *  - one whose commit was answered is there, once and in order;
 *  - one that was aborted, or never ended, is never seen by read_committed;
 *  - a commit that is asked again behind the crash gets the same outcome;
 *  - nothing is left open once the next producer has begun: readers get to the end;
 *  - no producer id is given twice.
 */

const TOPICS = ['t', 'u', 'v'] as const;
const GROUP = 'g';
const ID = 'x';

/** What a transactional client knows for certain. */
export interface TransactionLedger {
  readonly rng: Rng;
  /** Numbers of transactions whose commit was answered. */
  readonly committed: number[];
  /** The one whose commit was asked for and not answered. */
  undecided: number | null;
  next: number;
  readonly plainIds: Set<number>;
  /** How many were begun and ended, for the report. */
  ended: number;
  /** True when the log is gone. */
  readonly crashed: boolean;
}

/** A disk, and a transactional client on it. */
export class TransactionWorld implements TransactionLedger {
  readonly rng: Rng;
  readonly disk: MemoryDisk;
  readonly clock = new TestClock();
  readonly committed: number[] = [];
  undecided: number | null = null;
  next = 0;
  readonly plainIds = new Set<number>();
  ended = 0;

  constructor(seed: number) {
    this.rng = seededRng(seed);
    this.disk = new MemoryDisk(this.rng.fork('disk'));
  }

  #crashesBefore = 0;

  /** True when the power went since `live`. */
  get crashed(): boolean {
    return this.disk.crashes > this.#crashesBefore;
  }

  live(): void {
    this.#crashesBefore = this.disk.crashes;
  }

  open(): Promise<LogBroker> {
    return openEmbeddedLog({
      storage: this.disk.mount(),
      clock: this.clock,
      directory: '/log',
      segmentBytes: 3000,
      snapshotIntervalBytes: 900,
    });
  }
}

interface Producer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Begin, as clients do: again while the former transaction is being ended. */
async function begin(world: TransactionLedger, log: LogBroker): Promise<Producer> {
  for (;;) {
    try {
      const request = { transactionalId: ID, timeoutMs: 60_000, expected: null };
      return await log.transactions.initProducerId(request);
    } catch (error) {
      if (!isPassing(error) || world.crashed) throw error;
      await setImmediate();
    }
  }
}

const isPassing = (error: unknown): boolean =>
  error instanceof Refusal && error.error === 'CONCURRENT_TRANSACTIONS';

/** Transactions one after the other until all are done or the disk is gone. */
export async function work(world: TransactionLedger, log: LogBroker, count: number): Promise<void> {
  const { rng } = world;
  for (const topic of TOPICS) {
    if ((await log.describeTopic(topic)) === undefined) await log.createTopic(topic, 1);
  }
  const plain = await log.transactions.initProducerId({
    transactionalId: null,
    timeoutMs: 0,
    expected: null,
  });
  expect(world.plainIds.has(plain.producerId), 'a producer id is given once').toBe(false);
  world.plainIds.add(plain.producerId);
  let producer = await begin(world, log);
  const sequences = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const version: TransactionVersion = rng.next() < 0.5 ? 2 : 0;
    producer = await transact(world, log, producer, version, sequences);
  }
}

async function transact(
  world: TransactionLedger,
  log: LogBroker,
  producer: Producer,
  version: TransactionVersion,
  sequences: Map<string, number>,
): Promise<Producer> {
  const { rng } = world;
  const number = world.next++;
  const player = { ...producer, transactionalId: ID };
  // Not every transaction writes everywhere: markers of former ones are then not flushed with the next.
  const topics = TOPICS.filter(topic => topic === 't' || rng.next() < 0.5);
  const partitions = topics.map(topic => ({ topic, partition: 0 }));
  if (version === 0) {
    await log.transactions.addPartitions(player, partitions, 0);
    await log.transactions.addOffsets(player, GROUP);
  }
  const committed = rng.next() < 0.7;
  const text = `${committed ? '' : 'never '}${number} ${topics.join('')}`;
  await Promise.all(topics.map(topic => produce(log, producer, version, topic, text, sequences)));
  await commitOffset(log, player, version, number);
  if (rng.next() < 0.1) {
    sequences.clear();
    return begin(world, log);
  }
  if (committed) world.undecided = number;
  const next = await log.transactions.end({ ...player, committed, version });
  world.undecided = null;
  world.ended++;
  if (committed) world.committed.push(number);
  if (next.producerEpoch !== producer.producerEpoch) sequences.clear();
  return next;
}

async function produce(
  log: LogBroker,
  producer: Producer,
  version: TransactionVersion,
  topic: string,
  text: string,
  sequences: Map<string, number>,
): Promise<void> {
  const baseSequence = sequences.get(topic) ?? 0;
  sequences.set(topic, baseSequence + 1);
  const record = { key: null, value: Buffer.from(text) };
  const { bytes } = encodeBatch([record], 0, 1, { ...producer, baseSequence, transactional: true }, 1);
  const at = { topic, partition: 0 };
  await log.appendBatches(at, bytes, {
    origin: 'client',
    requiredAcks: -1,
    verify: (producerId, producerEpoch) =>
      log.transactions.verifyAppend({ transactionalId: ID, producerId, producerEpoch }, at, version === 2),
  });
}

async function commitOffset(
  log: LogBroker,
  player: Producer & { readonly transactionalId: string },
  version: TransactionVersion,
  offset: number,
): Promise<void> {
  await log.transactions.verifyOffsets(player, GROUP, version === 2);
  const [error] = await log.groups.commitTransactionalOffsets({
    groupId: GROUP,
    producerId: player.producerId,
    memberId: '',
    groupInstanceId: null,
    generation: -1,
    offsets: [{ topic: 't', partition: 0, offset, leaderEpoch: -1, metadata: '' }],
  });
  if (error !== null) throw new Refusal('COORDINATOR_NOT_AVAILABLE', 'the group takes no offsets now');
}

/** Everything the invariants say; moves what is known to what is there. */
export async function check(world: TransactionLedger, log: LogBroker): Promise<void> {
  const { undecided, committed } = world;
  if ((await log.describeTopic('v')) === undefined) {
    expect(committed).toEqual([]);
    return;
  }
  await begin(world, log);
  const all = await Promise.all(TOPICS.map(async topic => values(await readAll(log, topic))));
  const inT = all[0]!;
  const numbers = inT.map(text => Number(text.split(' ')[0]));
  const isThere = undecided !== null && numbers.at(-1) === undecided;
  if (isThere) committed.push(undecided);
  world.undecided = null;
  expect(numbers).toEqual(committed);
  for (const [i, topic] of TOPICS.entries()) {
    expect(all[i]).toEqual(inT.filter(text => text.split(' ')[1]!.includes(topic)));
    const { highWatermark, lastStableOffset } = await log.offsets({ topic, partition: 0 });
    expect(lastStableOffset, 'nothing is left open').toBe(highWatermark);
  }
  const [fetched] = log.groups.fetchOffsets(GROUP, [{ topic: 't', partitions: [0] }], true);
  const { offset, error } = fetched!.partitions[0]!;
  expect({ offset, error }).toEqual({ offset: committed.at(-1) ?? -1, error: null });
}

/** Time stands still until the power goes: then whoever waits for a dead log comes to an end. */
async function untilOver(world: TransactionWorld, work: Promise<void>): Promise<void> {
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  const pass = async (): Promise<void> => {
    while (!isOver) {
      await setImmediate();
      if (world.crashed) world.clock.advance(1_000);
    }
  };
  await Promise.all([over, pass()]);
}

/** Run, crash where `arm` says, recover and check; several times on the same disk. */
export async function liveTransactions(
  world: TransactionWorld,
  lives: number,
  arm: (world: TransactionWorld) => void,
): Promise<number> {
  let crashes = 0;
  for (let life = 0; life < lives; life++) {
    world.live();
    arm(world);
    try {
      await untilOver(world, work(world, await world.open(), 10));
    } catch (error) {
      if (!world.crashed) throw error;
    }
    armFailpoints(null);
    world.disk.faults.crashInCalls = Number.POSITIVE_INFINITY;
    if (world.crashed) crashes++;
    else world.disk.kill();
    world.live();
    const log = await world.open();
    await check(world, log);
    if (world.rng.next() < 0.5) await log.close();
    else world.disk.crash();
  }
  return crashes;
}
