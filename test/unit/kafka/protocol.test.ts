import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  API_VERSIONS_KEY,
  errorCode,
  errorName,
  Frames,
  framed,
  isRetriable,
  KAFKA_ERRORS,
  type KafkaErrorName,
  Reader,
  readRequestHeader,
  readResponseHeader,
  Writer,
  writeRequestHeader,
  writeResponseHeader,
  ZERO_UUID,
} from '../../../src/kafka/protocol/mod.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

function written(write: (writer: Writer) => void): string {
  const writer = new Writer(1);
  write(writer);
  return hex(writer.finishWhole());
}

describe('primitives', () => {
  test('numbers of variable length are the bytes that Kafka writes', () => {
    const plain = [0, 1, 127, 128, 300, 0xffff_ffff].map(n => written(w => w.uvarint(n)));
    expect(plain.join(' ')).toBe('00 01 7f 8001 ac02 ffffffff0f');
    const signed = [0, -1, 1, -2, 0x7fff_ffff, -0x8000_0000].map(n => written(w => w.varint(n)));
    expect(signed.join(' ')).toBe('00 01 02 03 feffffff0f ffffffff0f');
  });

  test('numbers of variable length come back', () => {
    fc.assert(
      fc.property(fc.integer(), value => {
        const reader = new Reader(bytes(written(w => w.varint(value)) + written(w => w.uvarint(value))));
        expect([reader.varint(), reader.uvarint()]).toEqual([value, value >>> 0]);
      }),
    );
  });

  test('a number of variable length ends after five bytes', () => {
    expect(() => new Reader(bytes('8080808080 01')).uvarint()).toThrow('more than 5 bytes');
  });

  test('an int64 that no number holds is read as the largest one that does', () => {
    const read = (text: string): number => new Reader(bytes(text)).int64();
    expect(read('7fffffffffffffff')).toBe(Number.MAX_SAFE_INTEGER);
    expect(read('8000000000000000')).toBe(Number.MIN_SAFE_INTEGER);
    expect(read('001fffffffffffff')).toBe(Number.MAX_SAFE_INTEGER);
    expect(read('ffe0000000000001')).toBe(Number.MIN_SAFE_INTEGER);
    expect(read('ffe0000000000000')).toBe(Number.MIN_SAFE_INTEGER);
    expect(read('fffffffffffffffe')).toBe(-2);
    expect(read('fffffffefffffffe')).toBe(-0x1_0000_0002);
  });

  test('an id has the text that Kafka prints', () => {
    expect(new Reader(bytes('00112233445566778899aabbccddeeff')).uuid()).toBe('ABEiM0RVZneImaq7zN3u_w');
    expect(written(w => w.uuid('ABEiM0RVZneImaq7zN3u_w'))).toBe('00112233445566778899aabbccddeeff');
    expect(written(w => w.uuid(ZERO_UUID))).toBe('0'.repeat(32));
    expect(() => written(w => w.uuid('short'))).toThrow('not an id');
    expect(() => written(w => w.uuid('ABEiM0RVZneImaq7zN3u/w'))).toThrow("no '/'");
  });

  test('a compact text of more than 127 bytes has a length of two bytes', () => {
    const text = 'ä'.repeat(100);
    const whole = written(w => w.compactString(text));
    expect(whole.slice(0, 4)).toBe('c901');
    expect(new Reader(bytes(whole)).compactString()).toBe(text);
  });

  test('lengths below -1, and null where none may be, are refused', () => {
    expect(() => new Reader(bytes('fffe')).nullableString()).toThrow('length');
    expect(() => new Reader(bytes('ffff')).string()).toThrow('null');
    expect(() => new Reader(bytes('fffffffe')).arrayLength(1)).toThrow('-2 elements');
  });

  test('an array cannot claim more elements than its message has room for', () => {
    expect(() => new Reader(bytes('7fffffff 00000000')).arrayLength(1)).toThrow('2147483647 elements');
    expect(() => new Reader(bytes('00000002 00000000')).arrayLength(4)).toThrow('reach beyond');
  });

  test('a message cannot have more than a million elements, whatever its size', () => {
    const whole = new Uint8Array(4 << 20);
    new DataView(whole.buffer).setInt32(0, (1 << 20) + 1);
    expect(() => new Reader(whole).arrayLength(1)).toThrow('more than 1048576 elements');
  });
});

describe('records are not copied', () => {
  test('large ones are passed on, in order with what is around them', () => {
    const first = new Uint8Array(5000).fill(1);
    const second = new Uint8Array(2000).fill(2);
    const writer = new Writer(1);
    writer.int16(7);
    writer.nullableBytes([first, second, new Uint8Array([3])]);
    writer.int16(8);
    expect(writer.length).toBe(2 + 4 + 7001 + 2);
    const chunks = writer.finish();
    expect(chunks[1]).toBe(first);
    expect(chunks[2]).toBe(second);
    expect(hex(chunks[3]!)).toBe('030008');
  });

  test('those that are read are views into the message', () => {
    const whole = bytes('00000003 010203 09');
    const read = new Reader(whole).bytes();
    expect([read.buffer === whole.buffer, hex(read)]).toEqual([true, '010203']);
  });
});

describe('headers', () => {
  const fetch = { key: 1, flexibleFrom: 12 };
  const apiVersions = { key: API_VERSIONS_KEY, flexibleFrom: 3 };
  const rulesOf = (key: number) => [fetch, apiVersions].find(rules => rules.key === key);

  test('a flexible request has tagged fields behind the id of the client', () => {
    const header = { apiVersion: 12, correlationId: 5, clientId: 'me' };
    expect(written(w => writeRequestHeader(w, fetch, header))).toBe('0001000c0000000500026d6500');
    expect(written(w => writeRequestHeader(w, fetch, { ...header, apiVersion: 11, clientId: null }))).toBe(
      '0001000b00000005ffff',
    );
    const reader = new Reader(bytes('0001000c00000005 00026d65 01 05 02 aabb 77'));
    expect(readRequestHeader(reader, rulesOf)).toEqual({ apiKey: 1, ...header });
    expect(reader.remaining).toBe(1);
  });

  test('the header of an API that is not known is read as version 1', () => {
    const reader = new Reader(bytes('03e70000 00000009 ffff 01'));
    expect(readRequestHeader(reader, rulesOf)).toEqual({
      apiKey: 999,
      apiVersion: 0,
      correlationId: 9,
      clientId: null,
    });
    expect(reader.remaining).toBe(1);
  });

  test('the response of ApiVersions never has tagged fields in its header', () => {
    expect(written(w => writeResponseHeader(w, apiVersions, 4, 1))).toBe('00000001');
    expect(written(w => writeResponseHeader(w, fetch, 12, 1))).toBe('0000000100');
    expect(readResponseHeader(new Reader(bytes('00000001')), apiVersions, 4)).toBe(1);
    const reader = new Reader(bytes('00000001 01 00 01 ff'));
    expect([readResponseHeader(reader, fetch, 12), reader.remaining]).toEqual([1, 0]);
  });
});

describe('frames', () => {
  const messages = [new Uint8Array(0), bytes('01'), bytes('020304'), new Uint8Array(300).fill(9)];
  const stream = Buffer.concat(messages.flatMap(message => framed([message])));

  test('are found however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length }), { maxLength: 12 }), cuts => {
        const frames = new Frames(300);
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const found: string[] = [];
        places.forEach((from, i) => {
          frames.push(new Uint8Array(stream.subarray(from, places[i + 1])));
          for (let frame = frames.next(); frame !== undefined; frame = frames.next()) found.push(hex(frame));
        });
        expect(found).toEqual(messages.map(hex));
        expect(frames.bufferedBytes).toBe(0);
      }),
    );
  });

  test('one that lies in one piece is not copied', () => {
    const piece = bytes('00000002 aabb 00000001');
    const frames = new Frames(10);
    frames.push(piece);
    const frame = frames.next()!;
    expect([frame.buffer === piece.buffer, hex(frame), frames.next()]).toEqual([true, 'aabb', undefined]);
  });

  test.each([
    ['00000065', 'a message of 101 bytes; at most 100 are taken'],
    ['ffffffff', 'a message of -1 bytes'],
    ['47455420', 'this looks like HTTP'],
    ['16030102', 'this looks like TLS'],
  ])('the length %s is refused', (start, reason) => {
    const frames = new Frames(100);
    frames.push(bytes(start));
    expect(() => frames.next()).toThrow(reason);
  });

  test('a claimed length takes no memory', () => {
    const frames = new Frames(1 << 30);
    frames.push(bytes('3fffffff 00'));
    expect([frames.next(), frames.bufferedBytes]).toEqual([undefined, 1]);
  });
});

describe('errors', () => {
  test('have one code each, and the code has one name', () => {
    const names = Object.keys(KAFKA_ERRORS) as KafkaErrorName[];
    for (const name of names) expect(errorName(errorCode(name))).toBe(name);
    expect(new Set(names.map(errorCode)).size).toBe(names.length);
  });

  test('are those of the table', () => {
    expect(errorCode('UNKNOWN_TOPIC_OR_PARTITION')).toBe(3);
    expect(isRetriable('NOT_LEADER_OR_FOLLOWER')).toBe(true);
    expect(isRetriable('INVALID_CONFIG')).toBe(false);
    expect(errorName(31_000)).toBe('UNKNOWN_SERVER_ERROR');
  });
});
