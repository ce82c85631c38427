import { type Rng, seededRng } from '../../src/core/mod.ts';
import { APIS, decodeResponse, FETCH, PRODUCE } from '../../src/kafka/messages/mod.ts';
import { Reader, readResponseHeader } from '../../src/kafka/protocol/mod.ts';
import { encodeBatch, NO_PRODUCER } from '../../src/log/codec/mod.ts';
import { adminRequests } from './kafka-admin/requests.ts';
import { filled } from './kafka-answers.ts';
import { mutated, validFrames } from './kafka-mutations.ts';
import { requestFrame, Wire } from './kafka-wire.ts';
import type { RunningBroker } from './running-broker.ts';

/** The topic whose records must come and go whatever else happens. */
const STEADY = 'steady';
const CONNECTIONS = 48;
/** Requests between two checks. */
const ROUND_FRAMES = 1_000;
/** A request that asks to wait may hold its connection; nobody waits longer for it than so. */
const PATIENCE_MS = 2_000;
const HEALTH_MS_MAX = 10_000;

/** What came of a run. */
export interface FuzzOutcome {
  /** Requests that were answered or ended their connection; what was sent behind those is not counted. */
  frames: number;
  connections: number;
  /** Connections that the broker closed. */
  closed: number;
  answers: number;
  /** Times that records went in and came out again in between. */
  checks: number;
}

/**
 * Sends mutated requests to a broker over many connections. Throws when an answer is none, when the broker
 * tells of anything but a closed connection, or when a healthy client is not served in between.
 */
export async function fuzz(broker: RunningBroker, seed: number, frames: number): Promise<FuzzOutcome> {
  const outcome: FuzzOutcome = { frames: 0, connections: 0, closed: 0, answers: 0, checks: 0 };
  const corpus = [...validFrames(seed, 2), ...realFrames()];
  if (broker.log.topicNamed(STEADY) === undefined) await broker.log.createTopicAs(STEADY, 1, {});
  for (let round = 0; outcome.frames < frames; round++) {
    const lanes = Array.from({ length: CONNECTIONS }, (_, i) => seededRng(seed).fork(`${round}-${i}`));
    const enough = Math.min(outcome.frames + ROUND_FRAMES, frames);
    await Promise.all(
      lanes.map(async rng => {
        while (outcome.frames < enough) await attack(broker.port, rng, corpus, outcome);
      }),
    );
    await check(broker, outcome);
  }
  return outcome;
}

/** Requests that fit a broker with topics, so that what is mutated gets far. */
function realFrames(): Uint8Array[] {
  return adminRequests().map(({ api, version, request }) => {
    const known = filled(request, new Map(), 'ABEiM0RVZneImaq7zN3u_w') as never;
    return requestFrame(APIS.get(api)!, version, known);
  });
}

/** One connection with one frame, whose answer is looked at, or with several. */
async function attack(
  port: number,
  rng: Rng,
  corpus: readonly Uint8Array[],
  outcome: FuzzOutcome,
): Promise<void> {
  await using wire = await Wire.open(port);
  const count = rng.pick([1, 1, 10, 50]);
  const sent = Array.from({ length: count }, () =>
    rng.next() < 0.5 ? rng.pick(corpus) : mutated(rng, corpus),
  );
  for (const frame of sent) wire.send(frame);
  outcome.connections++;
  for (let i = 0; i < count; i++) {
    const answer = await wire.receive(PATIENCE_MS);
    if (answer === 'late') return;
    outcome.frames++;
    if (answer === null) {
      outcome.closed++;
      return;
    }
    outcome.answers++;
    if (count === 1) checkAnswer(sent[0]!, answer);
  }
}

/** An answer that was asked for is one: of the API, in the version, to its last byte. */
function checkAnswer(request: Uint8Array, answer: Uint8Array): void {
  const view = new DataView(request.buffer, request.byteOffset);
  const api = APIS.get(view.getInt16(4))!;
  const asked = view.getInt16(6);
  // ApiVersions of a version that nobody knows yet is answered in version 0.
  const version = asked > api.versions[1] ? 0 : asked;
  const reader = new Reader(answer);
  const correlationId = readResponseHeader(reader, api, version);
  if (correlationId !== view.getInt32(8)) throw new Error(`answer ${correlationId} to ${view.getInt32(8)}`);
  decodeResponse(api, version, reader);
  if (reader.remaining > 0)
    throw new Error(`${api.name} of version ${version}: ${reader.remaining} bytes more`);
}

/** Nothing unexpected was told, records go in and come out, and what was created goes again. */
async function check(broker: RunningBroker, outcome: FuzzOutcome): Promise<void> {
  const odd = broker.lines.filter(line => !line.includes('): closed: '));
  if (odd.length > 0) throw new Error(`the broker tells: ${odd.slice(0, 5).join('\n')}`);
  if (broker.lines.length > outcome.connections) throw new Error('more than one line for a connection');
  await using wire = await Wire.open(broker.port);
  const value = new TextEncoder().encode(`check ${outcome.checks}`);
  const offset = await produce(wire, value);
  const found = await fetchOne(wire, offset);
  if (Buffer.compare(found.subarray(-value.length - 1, -1), value) !== 0)
    throw new Error('another record came');
  outcome.checks++;
  for (const { name, internal } of broker.log.allTopics()) {
    if (name !== STEADY && !internal) await broker.log.deleteTopic(name);
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
