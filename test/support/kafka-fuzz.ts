import { type Rng, seededRng } from '../../src/core/mod.ts';
import { APIS, FETCH, PRODUCE } from '../../src/kafka/messages/mod.ts';
import { encodeBatch, NO_PRODUCER } from '../../src/log/codec/mod.ts';
import { kafkaErrorOf, type LogBroker } from '../../src/log/mod.ts';
import { adminRequests } from './kafka-admin/requests.ts';
import { filled } from './kafka-answers.ts';
import { type AttackOutcome, attack } from './kafka-attack.ts';
import { validFrames } from './kafka-mutations.ts';
import { requestFrame, Wire } from './kafka-wire.ts';
import type { RunningBroker } from './running-broker.ts';

/** The topic whose records must come and go whatever else happens. */
const STEADY = 'steady';
const CONNECTIONS = 48;
/** Requests between two checks. */
const CHECK_FRAMES = 1_000;
const HEALTH_MS_MAX = 10_000;

/** What came of a run. */
export interface FuzzOutcome extends AttackOutcome {
  /** Times that records went in and came out again meanwhile. */
  checks: number;
}

/**
 * Sends mutated requests to a broker over many connections, and meanwhile uses it as a healthy client does.
 * Throws when an answer is none, when the broker tells of anything but a closed connection, or when the
 * healthy client is not served.
 */
export async function fuzz(broker: RunningBroker, seed: number, frames: number): Promise<FuzzOutcome> {
  const outcome = { frames: 0, mutated: 0, connections: 0, closed: 0, answers: 0, checks: 0 };
  const corpus = [...validFrames(seed, 2), ...realFrames()];
  if (broker.log.topicNamed(STEADY) === undefined) await broker.log.createTopicAs(STEADY, 1, {});
  let failed = false;
  let checkAt = CHECK_FRAMES;
  const lane = async (rng: Rng): Promise<void> => {
    while (outcome.frames < frames && !failed) {
      await attack(broker.port, rng, corpus, outcome);
      if (outcome.frames < checkAt) continue;
      // The other lanes go on meanwhile, and this one comes back before the next check.
      checkAt = Number.POSITIVE_INFINITY;
      await check(broker, outcome);
      checkAt = outcome.frames + CHECK_FRAMES;
    }
  };
  const lanes = Array.from({ length: CONNECTIONS }, (_, i) => lane(seededRng(seed).fork(`${i}`)));
  const stop = (): void => {
    failed = true;
  };
  for (const one of lanes) one.catch(stop);
  await Promise.all(lanes);
  await check(broker, outcome);
  return outcome;
}

/** Requests that fit a broker with topics, so that what is mutated gets far. */
function realFrames(): Uint8Array[] {
  return adminRequests().map(({ api, version, request }) => {
    const known = filled(request, new Map(), 'ABEiM0RVZneImaq7zN3u_w') as never;
    return requestFrame(APIS.get(api)!, version, known);
  });
}

/** Nothing unexpected was told, records go in and come out, and what was created goes again. */
async function check(broker: RunningBroker, outcome: FuzzOutcome): Promise<void> {
  const odd = broker.lines.filter(line => !line.includes('): closed: '));
  if (odd.length > 0) throw new Error(`the broker tells: ${odd.slice(0, 5).join('\n')}`);
  if (broker.lines.length > outcome.connections) throw new Error('more than one line for a connection');
  const sinceMs = performance.now();
  await using wire = await Wire.open(broker.port);
  const value = new TextEncoder().encode(`check ${outcome.checks}`);
  const offset = await produce(wire, value);
  const found = await fetchOne(wire, offset);
  if (Buffer.compare(found.subarray(-value.length - 1, -1), value) !== 0)
    throw new Error('another record came');
  const tookMs = performance.now() - sinceMs;
  if (tookMs > HEALTH_MS_MAX) throw new Error(`a healthy client waited ${tookMs} ms`);
  outcome.checks++;
  for (const { name, internal } of broker.log.allTopics()) {
    if (name !== STEADY && !internal) await deleteTopic(broker.log, name);
  }
}

/** An attacker may have been faster. */
async function deleteTopic(log: LogBroker, name: string): Promise<void> {
  try {
    await log.deleteTopic(name);
  } catch (error) {
    if (kafkaErrorOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
  }
}

async function produce(wire: Wire, value: Uint8Array): Promise<number> {
  const plain = { producerId: NO_PRODUCER, producerEpoch: NO_PRODUCER, baseSequence: NO_PRODUCER };
  const record = { key: null, value, timestamp: 1 };
  const { bytes } = encodeBatch([record as never], 0, 1, { ...plain, transactional: false }, 0);
  const { responses } = await wire.ask(PRODUCE, 9, {
    transactionalId: null,
    acks: -1,
    timeoutMs: HEALTH_MS_MAX,
    topicData: [{ name: STEADY, partitionData: [{ index: 0, records: bytes }] }],
  });
  const { errorCode, baseOffset } = responses[0]!.partitionResponses[0]!;
  if (errorCode !== 0) throw new Error(`a healthy record is refused with ${errorCode}`);
  return baseOffset;
}

async function fetchOne(wire: Wire, fetchOffset: number): Promise<Uint8Array> {
  const { responses } = await wire.ask(FETCH, 12, {
    ...{ maxWaitMs: HEALTH_MS_MAX, minBytes: 1, forgottenTopicsData: [] },
    topics: [{ topic: STEADY, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }] }],
  });
  const { errorCode, records } = responses[0]!.partitions[0]!;
  if (errorCode !== 0 || records === null) throw new Error(`a healthy reader is refused with ${errorCode}`);
  return records;
}
