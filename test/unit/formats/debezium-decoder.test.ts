import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecoder } from '../../../src/formats/mod.ts';
import { decimal, decodeAll, notNull, schemaOf, T, timestampLtz } from './support.ts';

const schema = schemaOf({
  id: notNull(T.int),
  status: T.text,
  amount: decimal(10, 2),
  created_at: timestampLtz(6),
  updated_at: T.long,
});
const options = { 'timestamp-format.standard': 'ISO-8601' };

const SOURCE =
  '{"version":"3.7.0.Final","connector":"postgresql","name":"shop","ts_ms":1795226235551,"snapshot":"false",' +
  '"db":"shop","sequence":"[null,\\"26775128\\"]","schema":"public","table":"orders","txId":753,"xmin":null}';

const image = (id: number, status: string): string =>
  `{"id":${id},"status":${JSON.stringify(status)},"amount":"7.50",` +
  '"created_at":"2026-11-21T10:00:00.000001Z","updated_at":1795255200000000}';

interface Change {
  readonly op: string;
  readonly status: string;
  readonly hasTransaction: boolean;
  readonly damage: [number, number] | null;
}

const envelope = (op: string, before: string | null, after: string | null): string =>
  `{"before":${before},"after":${after},"source":${SOURCE},"transaction":null,"op":"${op}","ts_ms":1795226236062}`;

const row = (kind: string, id: number, status: string): unknown[] => [
  kind,
  id,
  status,
  750n,
  [Date.UTC(2026, 10, 21, 10), 1000],
  1795255200000000n,
];

describe('debezium-json', () => {
  it('turns envelopes into a changelog', () => {
    const records = [
      envelope('r', null, image(1, 'new')),
      envelope('c', null, image(2, 'a"b')),
      envelope('u', image(1, 'new'), image(1, 'done')),
      envelope('d', image(2, 'a"b'), null),
      null,
    ];
    const decoder = createDecoder('debezium-json', schema, null, options);
    const repeated = Array.from({ length: 40 }, () => records).flat();
    const { rows, rejected } = decodeAll(decoder, repeated);
    expect(rejected).toEqual({});
    expect(decoder.skipped).toBe(40);
    expect(rows).toHaveLength(200);
    for (const at of [0, 195]) {
      expect(rows.slice(at, at + 5)).toEqual([
        row('+I', 1, 'new'),
        row('+I', 2, 'a"b'),
        row('-U', 1, 'new'),
        row('+U', 1, 'done'),
        row('-D', 2, 'a"b'),
      ]);
    }
  });

  it('skips and counts truncates and logical messages', () => {
    const decoder = createDecoder('debezium-json', schema, null, options);
    const records = [
      `{"before":null,"after":null,"source":${SOURCE},"op":"t"}`,
      `{"op":"m","message":{"prefix":"p","content":"aGk="}}`,
    ];
    expect(decodeAll(decoder, records)).toEqual({ rows: [], rejected: {} });
    expect(decoder.skipped).toBe(2);
  });

  it("refuses missing before images in Flink's words, and what is no envelope", () => {
    const decoder = createDecoder('debezium-json', schema, null, options);
    const { rows, rejected } = decodeAll(decoder, [
      envelope('u', null, image(1, 'x')),
      envelope('d', null, null),
      envelope('x', null, null),
      '{"schema":{},"payload":{"op":"c"}}',
      envelope('u', image(1, 'x'), '{"id":"no"}'),
      envelope('c', null, image(3, 'ok')),
    ]);
    expect(rows).toEqual([row('+I', 3, 'ok')]);
    expect(rejected[0]).toBe(
      'The "before" field of UPDATE message is null, if you are using Debezium Postgres Connector, ' +
        'please check the Postgres table has been set REPLICA IDENTITY to FULL level.',
    );
    expect(rejected[1]).toContain('"before" field of DELETE message is null');
    expect(rejected[2]).toContain('none of c, r, u, d, t, m');
    expect(rejected[3]).toContain('without schema');
    expect(rejected[4]).toContain("field 'id': expected INT");
  });

  it('keeps both rows of an update in one batch', () => {
    const decoder = createDecoder('debezium-json', schema, [0], options);
    const update = envelope('u', image(1, 'a'), image(2, 'b'));
    const { rows } = decodeAll(decoder, [envelope('c', null, image(0, '')), ...Array(5000).fill(update)]);
    expect(rows).toHaveLength(10_001);
    expect(rows.slice(-2)).toEqual([
      ['-U', 1],
      ['+U', 2],
    ]);
  });

  it('learned envelopes read like unlearned ones, whatever the layout; damaged ones never throw', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', 'é', '\n', '}') });
    const change = fc.record({
      op: fc.constantFrom('c', 'u', 'd', 'r', 't'),
      status: text,
      hasTransaction: fc.boolean(),
      damage: fc.option(fc.tuple(fc.nat({ max: 700 }), fc.nat({ max: 255 })), { freq: 4 }),
    });
    const bytesOf = ({ op, status, hasTransaction, damage }: Change, i: number): Buffer => {
      const before = op === 'u' || op === 'd' ? image(i, 'old') : null;
      const whole = envelope(op, before, op === 'd' || op === 't' ? null : image(i, status));
      const bytes = Buffer.from(
        hasTransaction ? whole.replace('"transaction":null', '"transaction":{"id":"1"}') : whole,
      );
      if (damage !== null) bytes[damage[0] % bytes.length] = damage[1];
      return bytes;
    };
    fc.assert(
      fc.property(fc.array(change, { minLength: 80, maxLength: 120 }), changes => {
        const records = changes.map(bytesOf);
        const together = decodeAll(createDecoder('debezium-json', schema, null, options), records);
        const alone = records.map(r => decodeAll(createDecoder('debezium-json', schema, null, options), [r]));
        expect(together.rows).toEqual(alone.flatMap(a => a.rows));
        expect(together.rejected).toEqual(
          Object.fromEntries(alone.flatMap((a, i) => (0 in a.rejected ? [[i, a.rejected[0]]] : []))),
        );
      }),
      { numRuns: 15, seed: 6 },
    );
  });
});
