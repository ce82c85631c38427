import type { Rng } from '../../src/core/mod.ts';
import { APIS, type Api, decodeResponse } from '../../src/kafka/messages/mod.ts';
import { Reader, readResponseHeader } from '../../src/kafka/protocol/mod.ts';
import { mutated, requestIn } from './kafka-mutations.ts';
import { Wire } from './kafka-wire.ts';

/** Requests on one connection. */
const REQUESTS_MAX = 50;
/** How many of them are sent before the first answer is awaited. */
const WINDOWS = [1, 1, 8, REQUESTS_MAX];
/** Requests that may ask to be answered so late that nobody waits for it here. */
const MAY_WAIT = ['Fetch', 'JoinGroup', 'SyncGroup'];
const PATIENCE_MS = 300;
/** Within this time everything else is answered, whatever the machine does besides. */
const ANSWER_MS_MAX = 30_000;
const LENGTH_BYTES = 4;
const CORRELATION_AT = 8;
const CORRELATION_END = 12;

/** What came of attacks. */
export interface AttackOutcome {
  /** Requests that came to their end: an answer, or the connection's end. What lies behind does not count. */
  frames: number;
  /** Those among them that had something wrong in them. */
  mutated: number;
  connections: number;
  /** Connections that the broker closed. */
  closed: number;
  answers: number;
}

interface Sent {
  readonly frame: Uint8Array;
  readonly isMutated: boolean;
  readonly correlationId: number;
  /** What a broker reads in it; null: nothing, so that it ends the connection. */
  readonly read: ReturnType<typeof requestIn>;
}

/**
 * One connection with requests of which half are mutated, up to the first that can't be read. Throws where an
 * answer does not come, is not the next one, or can't be read to its last byte.
 */
export async function attack(
  port: number,
  rng: Rng,
  corpus: readonly Uint8Array[],
  outcome: AttackOutcome,
): Promise<void> {
  const requests = draw(rng, corpus);
  const window = rng.pick(WINDOWS);
  await using wire = await Wire.open(port);
  outcome.connections++;
  while (requests.length > 0) {
    const together = requests.splice(0, window);
    // What can't be read takes what was read before it along, unless that is answered already.
    if (together.length > 1 && together.at(-1)!.read === null && rng.next() < 0.8)
      requests.push(together.pop()!);
    wire.send(Buffer.concat(together.map(({ frame }) => frame)));
    if (!(await answered(wire, together, outcome))) return;
  }
}

function draw(rng: Rng, corpus: readonly Uint8Array[]): Sent[] {
  const requests: Sent[] = [];
  for (let i = 1; i <= REQUESTS_MAX; i++) {
    const isMutated = rng.next() < 0.5;
    const frame = isMutated ? mutated(rng, corpus) : Uint8Array.from(rng.pick(corpus));
    const view = new DataView(frame.buffer);
    if (frame.length >= CORRELATION_END) view.setInt32(CORRELATION_AT, i);
    const read = isWhole(frame) ? requestIn(frame) : null;
    requests.push({ frame, isMutated, correlationId: i, read });
    if (read === null) break;
  }
  return requests;
}

/** False when the connection is over. */
async function answered(wire: Wire, requests: readonly Sent[], outcome: AttackOutcome): Promise<boolean> {
  let patienceMs = ANSWER_MS_MAX;
  for (const request of requests) {
    if (!isAnswered(request)) {
      count(outcome, request);
      continue;
    }
    if (mayWait(request)) patienceMs = PATIENCE_MS;
    const answer = await wire.receive(patienceMs);
    if (answer === 'late') {
      if (patienceMs === PATIENCE_MS) return false;
      throw new Error(`no answer within ${ANSWER_MS_MAX} ms to ${hex(request.frame)}`);
    }
    count(outcome, request);
    if (answer === null) {
      outcome.closed++;
      return false;
    }
    outcome.answers++;
    if (!isWhole(request.frame)) return false;
    checkAnswer(request, answer);
  }
  return true;
}

function count(outcome: AttackOutcome, { isMutated }: Sent): void {
  outcome.frames++;
  if (isMutated) outcome.mutated++;
}

/** Produce with acks=0 alone has no answer, not even an error. */
const isAnswered = ({ read }: Sent): boolean => read?.api.name !== 'Produce' || read.request.acks !== 0;

/** A length that is wrong may leave the broker waiting for the rest. */
const mayWait = ({ frame, read }: Sent): boolean =>
  read === null ? !isWhole(frame) : MAY_WAIT.includes(read.api.name);

function isWhole(frame: Uint8Array): boolean {
  if (frame.length < LENGTH_BYTES) return false;
  return new DataView(frame.buffer, frame.byteOffset).getInt32(0) === frame.length - LENGTH_BYTES;
}

/** An answer that was asked for is one: of the API, in the version, to its last byte. */
function checkAnswer({ frame, correlationId }: Sent, answer: Uint8Array): void {
  const view = new DataView(frame.buffer, frame.byteOffset);
  const api: Api = APIS.get(view.getInt16(4))!;
  const asked = view.getInt16(6);
  // ApiVersions of a version that nobody knows yet is answered in version 0.
  const version = asked > api.versions[1] || asked < api.versions[0] ? 0 : asked;
  const reader = new Reader(answer);
  const found = readResponseHeader(reader, api, version);
  if (found !== correlationId) throw new Error(`answer ${found} to ${correlationId}: ${hex(frame)}`);
  decodeResponse(api, version, reader);
  if (reader.remaining > 0)
    throw new Error(`${api.name} of version ${version}: ${reader.remaining} bytes more`);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
