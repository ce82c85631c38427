import fc from 'fast-check';
import { type Field, type Fields, holds, type Message } from '../../src/kafka/messages/schema.ts';

const PRIMITIVES: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
  bool: () => fc.boolean(),
  int8: () => fc.integer({ min: -128, max: 127 }),
  int16: () => fc.integer({ min: -0x8000, max: 0x7fff }),
  int32: () => fc.integer(),
  int64: () => fc.maxSafeInteger(),
  bigint64: () => fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float64: () => fc.double({ noNaN: true }),
  uuid: () =>
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map(id => Buffer.from(id).toString('base64url')),
  string: () => fc.string({ unit: 'grapheme', maxLength: 200 }),
  bytes: () => fc.uint8Array({ maxLength: 3000 }),
  records: () => fc.uint8Array({ maxLength: 3000 }),
};

function anyOf(field: Field, version: number): fc.Arbitrary<unknown> {
  const nullable = field.nullable !== undefined && holds(field.nullable, version);
  const value = anyPresentOf(field, version);
  return nullable ? fc.option(value) : value;
}

function anyPresentOf(field: Field, version: number): fc.Arbitrary<unknown> {
  if (field.type === 'struct') return structOf(field.fields!, version);
  if (field.type !== 'array') return PRIMITIVES[field.type]!();
  const { element } = field;
  const one = typeof element === 'string' ? PRIMITIVES[element]!() : structOf(element!, version);
  return fc.array(one, { maxLength: 3 });
}

function structOf(fields: Fields, version: number): fc.Arbitrary<unknown> {
  const sent = Object.entries(fields).filter(([, field]) => holds(field.versions, version));
  return fc.record(Object.fromEntries(sent.map(([name, field]) => [name, anyOf(field, version)])));
}

/** Any value of a message that its version can carry. */
export const arbitraryMessage = (message: Message, version: number): fc.Arbitrary<Record<string, unknown>> =>
  structOf(message.fields, version) as fc.Arbitrary<Record<string, unknown>>;

/** Every version of a message. */
export function versionsOf(message: Pick<Message, 'versions'>): number[] {
  const [low, high] = message.versions;
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
}
