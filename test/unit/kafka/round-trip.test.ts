import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../../../src/kafka/messages/codec.ts';
import { APIS, type Message } from '../../../src/kafka/messages/mod.ts';
import { Reader, Writer } from '../../../src/kafka/protocol/mod.ts';
import { arbitraryMessage, versionsOf } from '../../support/arbitrary-message.ts';

function encoded(message: Message, version: number, value: Record<string, unknown>): Uint8Array {
  const writer = new Writer(1);
  encodeMessage(message, version, value as never, writer);
  const { length } = writer;
  const whole = writer.finishWhole();
  expect(whole.length).toBe(length);
  return whole;
}

const messages = [...APIS.values()].flatMap(api => [api.request, api.response]);

describe('what is written is read again, to the last byte', () => {
  test.each(messages.map(message => [message.name, message] as const))('%s', (_, message) => {
    for (const version of versionsOf(message)) {
      fc.assert(
        fc.property(arbitraryMessage(message, version), value => {
          const reader = new Reader(encoded(message, version, value));
          const read = decodeMessage(message, version, reader);
          expect(reader.remaining).toBe(0);
          expect(read).toMatchObject(value);
        }),
        { numRuns: 20, seed: message.name.length * 100 + version },
      );
    }
  });
});

test('every cut of a message is refused, and none reads beyond its end', () => {
  for (const message of messages) {
    const version = message.versions[1];
    const [value] = fc.sample(arbitraryMessage(message, version), { numRuns: 1, seed: 7 });
    const whole = encoded(message, version, value!);
    for (let end = 0; end < whole.length; end++) {
      const cut = new Reader(whole, 0, end);
      expect(() => decodeMessage(message, version, cut)).toThrow(message.name);
    }
  }
});
