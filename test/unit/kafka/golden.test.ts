import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../../../src/kafka/messages/codec.ts';
import { APIS, type Message } from '../../../src/kafka/messages/mod.ts';
import type { Field, Fields } from '../../../src/kafka/messages/schema.ts';
import { Reader, Writer } from '../../../src/kafka/protocol/mod.ts';
import { versionsOf } from '../../support/arbitrary-message.ts';

/** A message's value beside the bytes that Kafka's own classes write for it (see Golden.java). */
interface Golden {
  readonly version: number;
  readonly value: unknown;
  readonly hex: string;
}

const file = fileURLToPath(new URL('../../fixtures/kafka/golden.tsv', import.meta.url));
const goldens = new Map<string, Golden[]>();
for (const { name, ...golden } of lines()) goldens.set(name, [...(goldens.get(name) ?? []), golden]);

function lines(): (Golden & { readonly name: string })[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => {
      const [name, version, value, hex] = line.split('\t') as [string, string, string, string];
      return { name, version: Number(version), value: JSON.parse(value), hex };
    });
}

/** A value in JSON as the codec takes it: bytes are base64 there, 64-bit ids are numbers. */
function typed(fields: Fields, value: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(value).map(([name, part]) => [name, typedPart(fields[name]!, part)]);
  return Object.fromEntries(entries);
}

function typedPart(field: Field, value: unknown): unknown {
  if (value === null) return null;
  if (field.type === 'struct') return typed(field.fields!, value as Record<string, unknown>);
  if (field.type === 'bytes' || field.type === 'records') {
    return new Uint8Array(Buffer.from(value as string, 'base64'));
  }
  if (field.type === 'bigint64') return BigInt(value as number);
  const { element } = field;
  if (field.type !== 'array' || typeof element === 'string') return value;
  return (value as Record<string, unknown>[]).map(one => typed(element!, one));
}

function check(message: Message, name: string): void {
  const known = goldens.get(name) ?? [];
  expect(known.map(({ version }) => version)).toEqual(versionsOf(message));
  for (const { version, value, hex } of known) {
    const expected = typed(message.fields, value as Record<string, unknown>);
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
    expect(decodeMessage(message, version, new Reader(bytes))).toMatchObject(expected);
    const writer = new Writer();
    encodeMessage(message, version, expected as never, writer);
    expect(Buffer.from(writer.finishWhole()).toString('hex')).toBe(hex);
  }
}

describe("every version is written and read as Kafka's own classes write it", () => {
  test.each([...APIS.values()].map(api => [api.name, api] as const))('%s', (name, api) => {
    check(api.request, `${name}Request`);
    check(api.response, `${name}Response`);
  });
});
