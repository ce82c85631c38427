import fc from 'fast-check';
import { MillraceError, type Rng } from '../../src/core/mod.ts';
import { APIS, type Api, decodeRequest } from '../../src/kafka/messages/mod.ts';
import { Reader, readRequestHeader } from '../../src/kafka/protocol/mod.ts';
import { arbitraryMessage, versionsOf } from './arbitrary-message.ts';
import { requestFrame } from './kafka-wire.ts';

/** Where the fields of a request's frame lie: length, API, version, correlation id, length of the client's id. */
const [LENGTH_AT, API_AT, VERSION_AT, CLIENT_AT] = [0, 4, 6, 12];
const NUMBERS = [0, 1, -1, 2, 127, 128, 0x7fff, 0xffff, 0x7fff_ffff, -0x8000_0000, 1 << 20, 100_000_000];

/** Lengths that are refused, or are over before the message is: none for which more bytes are awaited. */
const WRONG_LENGTHS = [0, 1, 2, -1, 0x7fff_ffff, -0x8000_0000, 200_000_000];
/** Nobody waits for records that do not come. */
const BRIEF = { maxWaitMs: 5 };

/** Requests as they may be, for each API in each version, from `seed`; each in its frame. */
export function validFrames(seed: number, each: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (const api of APIS.values()) {
    for (const version of versionsOf(api)) {
      const values = fc.sample(arbitraryMessage(api.request, version), {
        numRuns: each,
        seed: seed + version,
      });
      for (const value of values) frames.push(requestFrame(api, version, { ...value, ...BRIEF } as never));
    }
  }
  return frames;
}

/** One frame with something wrong in it. Its length fits unless that is what is wrong. */
export function mutated(rng: Rng, frames: readonly Uint8Array[]): Uint8Array {
  const frame = Uint8Array.from(rng.pick(frames));
  const view = new DataView(frame.buffer);
  const at = rng.int(API_AT, frame.length - 1);
  switch (rng.int(0, 11)) {
    case 0:
      return withLength(frame.subarray(0, at));
    case 1:
      return withLength(concat(frame, garbage(rng, rng.int(1, 200))));
    case 2:
      return withLength(concat(frame.subarray(0, at), splice(rng, rng.pick(frames))));
    case 3:
      return withLength(concat(frame.subarray(0, CLIENT_AT), garbage(rng, rng.int(0, 100))));
    case 4:
      view.setInt16(VERSION_AT, rng.pick([-1, 0, 1, 5, 9, 20, 0x7fff, view.getInt16(VERSION_AT) + 1]));
      return frame;
    case 5:
      view.setInt16(API_AT, rng.pick([-1, 27, 68, 999, 0x7fff, ...APIS.keys()]));
      return frame;
    case 6:
      view.setInt32(LENGTH_AT, rng.pick([...WRONG_LENGTHS, frame.length - 5]));
      return frame;
    case 7:
      return garbage(rng, rng.int(1, 300));
    case 8:
    case 9:
      return withNumber(rng, frame);
    default:
      for (let n = rng.int(1, 3); n > 0; n--) flipBit(rng, frame);
      return frame;
  }
}

/** What a broker reads in a frame; null where that is no request. Says nothing of the length before it. */
export function requestIn(frame: Uint8Array): { api: Api; request: Record<string, unknown> } | null {
  try {
    const reader = new Reader(frame, API_AT);
    const { apiKey, apiVersion } = readRequestHeader(reader, key => APIS.get(key));
    const api = APIS.get(apiKey);
    if (api === undefined || apiVersion < api.versions[0] || apiVersion > api.versions[1]) return null;
    return { api, request: decodeRequest(api, apiVersion, reader) as Record<string, unknown> };
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'FORMAT_INVALID') return null;
    throw error;
  }
}

function flipBit(rng: Rng, frame: Uint8Array): void {
  const at = rng.int(API_AT, frame.length - 1);
  frame[at] = frame[at]! ^ (1 << rng.int(0, 7));
}

/** A number that is often a limit, somewhere behind the header. */
function withNumber(rng: Rng, frame: Uint8Array): Uint8Array {
  const at = rng.int(CLIENT_AT, frame.length - 1);
  const view = new DataView(frame.buffer);
  const number = rng.pick(NUMBERS);
  if (at + 4 <= frame.length && rng.next() < 0.5) view.setInt32(at, number);
  else if (at + 2 <= frame.length && rng.next() < 0.5) view.setInt16(at, number);
  else frame[at] = number;
  return frame;
}

const splice = (rng: Rng, frame: Uint8Array): Uint8Array => frame.subarray(rng.int(API_AT, frame.length - 1));

function garbage(rng: Rng, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => rng.int(0, 255));
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

function withLength(frame: Uint8Array): Uint8Array {
  const copy = frame.length < API_AT ? new Uint8Array(API_AT) : Uint8Array.from(frame);
  new DataView(copy.buffer).setInt32(LENGTH_AT, copy.length - API_AT);
  return copy;
}
