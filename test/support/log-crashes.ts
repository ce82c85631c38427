import { expect } from 'vitest';
import { armFailpoints, type Rng, seededRng } from '../../src/core/mod.ts';
import {
  finishPacked,
  type Log,
  type LogBroker,
  openEmbeddedLog,
  packedBatches,
  RecordPacker,
  type TransactionalWriter,
} from '../../src/log/mod.ts';
import { readAll, record, values } from './log-conformance.ts';
import { MemoryDisk } from './memory-disk.ts';
import { TestClock } from './test-clock.ts';

/*
 * Invariants, after a crash at any point:
 *  - an acknowledged append or commit is there, exactly once, in order;
 *  - a transaction is there in both topics or in neither, and the writer's state says which;
 *  - what was staged and never committed is never seen by read_committed;
 *  - a file that the log was asked to take holds its records still, for whoever asks again;
 *  - records that were deleted stay so, and a topic has as many partitions as it was told;
 *  - what was not acknowledged may be there or not, but only whole and behind what was.
 */

const TOPICS = ['t', 'u'] as const;
const OPERATED = 'operated';

/** What the workload knows for certain, and what it asked for. */
interface Ledger {
  /** Acknowledged and asked plain appends: the producer's sequence, 0-based, -1 for none. */
  ackedAppend: number;
  askedAppend: number;
  ackedCommit: number;
  askedCommit: number;
  /** Where the topic of the operators begins, and how many partitions it has; 0 where it may not be there. */
  ackedStart: number;
  ackedPartitions: number;
}

/** A disk, a clock and what a program that appends and commits on them knows for certain. */
export class World {
  readonly rng: Rng;
  readonly disk: MemoryDisk;
  readonly clock = new TestClock();
  /** The sizes of files with the records of a commit, by its sequence. */
  readonly sealed = new Map<number, number>();
  readonly ledger: Ledger = {
    ackedAppend: -1,
    askedAppend: -1,
    ackedCommit: -1,
    askedCommit: -1,
    ackedStart: 0,
    ackedPartitions: 0,
  };
  #crashesBefore = 0;

  constructor(seed: number) {
    this.rng = seededRng(seed);
    this.disk = new MemoryDisk(this.rng.fork('disk'));
  }

  open(): Promise<LogBroker> {
    return openEmbeddedLog({
      storage: this.disk.mount(),
      clock: this.clock,
      directory: '/log',
      segmentBytes: 2000,
      snapshotIntervalBytes: 700,
    });
  }

  /** True when the power went since `begin`. */
  get crashed(): boolean {
    return this.disk.crashes > this.#crashesBefore;
  }

  begin(): void {
    this.#crashesBefore = this.disk.crashes;
  }
}

/** Appends and commits at the same time until all is done or the disk is gone. */
export async function work(world: World, log: LogBroker, steps: number): Promise<void> {
  const { rng, ledger } = world;
  for (const topic of TOPICS) {
    if ((await log.describeTopic(topic)) === undefined) await log.createTopic(topic, 1);
  }
  const writer = await log.openWriter('w');
  await all([appendSome(world, log, steps), commitSome(world, writer, steps), operate(world, log)]);
  if (rng.next() < 0.5) await log.createTopic(`extra${ledger.askedCommit}`, 1);
}

/** Wait for all of them, then throw the first failure. */
async function all(promises: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(promises)).find(result => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function appendSome({ rng, ledger }: World, log: Log, steps: number): Promise<void> {
  ledger.askedAppend = ledger.ackedAppend;
  const under: Promise<void>[] = [];
  for (let i = 0; i < steps; i++) {
    const sequence = ++ledger.askedAppend;
    const done = log
      .append({ topic: 't', partition: 0 }, [record(`a${sequence}`)], { producer: 'p', sequence })
      .then(() => {
        ledger.ackedAppend = Math.max(ledger.ackedAppend, sequence);
      });
    under.push(done);
    if (rng.next() < 0.4) await all(under);
  }
  await all(under);
}

/** What operators do meanwhile: delete records, add partitions. */
async function operate({ ledger }: World, log: LogBroker): Promise<void> {
  const at = { topic: OPERATED, partition: 0 };
  if (log.topicNamed(OPERATED) === undefined) await log.createTopic(OPERATED, 1);
  for (let i = 0; i < 3; i++) {
    await log.append(at, [record('x'.repeat(500)), record('y'.repeat(500))]);
    ledger.ackedStart = await log.deleteRecords(at, (await log.offsets(at)).highWatermark - 1);
    const total = log.topicNamed(OPERATED)!.partitions + 1;
    await log.createPartitions(OPERATED, total);
    ledger.ackedPartitions = total;
  }
}

/** Stages the first record of a commit: at once, or from a file, which a later life finds again. */
async function stageFirst(world: World, writer: TransactionalWriter, sequence: number): Promise<void> {
  const { disk, rng, sealed } = world;
  const at = { topic: TOPICS[0], partition: 0 };
  const path = `/staged/${sequence}`;
  const known = sealed.get(sequence);
  if (known !== undefined) {
    const content = disk.contentOf(path).slice(0, known);
    return writer.stage([{ ...at, records: { packed: packedBatches(content) } }]);
  }
  if (rng.next() < 0.5) return writer.stage([{ ...at, records: [record(`c${sequence}`)] }]);
  const packer = new RecordPacker();
  const value = Buffer.from(`c${sequence}`);
  packer.add(null, value, 0, value.length);
  const [chunk] = packer.chunks();
  finishPacked(chunk!);
  const storage = disk.mount();
  const file = await storage.open(path);
  await file.write(0, [chunk!]);
  await file.datasync();
  await storage.syncDir('/staged');
  sealed.set(sequence, chunk!.length);
  expect(await writer.adopt!(at, path, chunk!.length)).toBe(true);
}

async function commitSome(world: World, writer: TransactionalWriter, steps: number): Promise<void> {
  const { rng, ledger, sealed } = world;
  ledger.askedCommit = ledger.ackedCommit;
  const under: Promise<void>[] = [];
  for (let i = 0; i < steps; i++) {
    const sequence = ++ledger.askedCommit;
    const staged = sealed.has(sequence) || rng.next() < 0.3;
    const parts = TOPICS.map(topic => ({ topic, partition: 0, records: [record(`c${sequence}`)] }));
    if (staged) await all([...under, stageFirst(world, writer, sequence)]);
    const done = writer
      .commit({ sequence, position: sequence, parts: staged ? parts.slice(1) : parts })
      .then(() => {
        ledger.ackedCommit = Math.max(ledger.ackedCommit, sequence);
      });
    under.push(done);
    if (rng.next() < 0.4) await all(under);
  }
  await all(under);
  // Never committed, so never to be seen.
  if (rng.next() < 0.5) await writer.stage([{ topic: 'u', partition: 0, records: [record('staged')] }]);
}

/** Everything the invariants say; moves the ledger to what is there. */
export async function check({ ledger }: World, log: Log): Promise<void> {
  if ((await log.describeTopic('u')) === undefined) {
    expect([ledger.ackedAppend, ledger.ackedCommit]).toEqual([-1, -1]);
    return;
  }
  const writer = await log.openWriter('w');
  const committed = writer.state.sequence;
  const [inT, inU] = [values(await readAll(log, 't')), values(await readAll(log, 'u'))];
  const commits = Array.from({ length: committed + 1 }, (_, i) => `c${i}`);
  expect(inU).toEqual(commits);
  expect(inT.filter(v => v.startsWith('c'))).toEqual(commits);
  const appends = inT.filter(v => v.startsWith('a'));
  expect(appends).toEqual(appends.map((_, i) => `a${i}`));
  expect(await log.lastSequence({ topic: 't', partition: 0 }, 'p')).toBe(appends.length - 1);
  expect(appends.length - 1).toBeGreaterThanOrEqual(ledger.ackedAppend);
  expect(appends.length - 1).toBeLessThanOrEqual(ledger.askedAppend);
  expect(committed).toBeGreaterThanOrEqual(ledger.ackedCommit);
  expect(committed).toBeLessThanOrEqual(ledger.askedCommit);
  ledger.ackedAppend = appends.length - 1;
  ledger.ackedCommit = committed;
  await checkOperated(ledger, log);
}

/** Run, crash where `strike` says, recover and check; several times on the same disk. */
export async function live(world: World, lives: number, arm: (world: World) => void): Promise<number> {
  let crashes = 0;
  for (let life = 0; life < lives; life++) {
    world.begin();
    arm(world);
    try {
      await work(world, await world.open(), 12);
    } catch (error) {
      if (!world.crashed) throw error;
    }
    armFailpoints(null);
    world.disk.faults.crashInCalls = Number.POSITIVE_INFINITY;
    if (world.crashed) crashes++;
    else world.disk.kill();
    const log = await world.open();
    await check(world, log);
    if (world.rng.next() < 0.5) await log.close();
    else world.disk.crash();
  }
  return crashes;
}

async function checkOperated(ledger: Ledger, log: Log): Promise<void> {
  const described = await log.describeTopic(OPERATED);
  expect(described?.partitions ?? 0).toBeGreaterThanOrEqual(ledger.ackedPartitions);
  if (described === undefined) return;
  const { logStartOffset } = await log.offsets({ topic: OPERATED, partition: 0 });
  expect(logStartOffset).toBeGreaterThanOrEqual(ledger.ackedStart);
  for (const left of values(await readAll(log, OPERATED))) expect(left).toMatch(/^(x+|y+)$/);
  ledger.ackedPartitions = described.partitions;
}
