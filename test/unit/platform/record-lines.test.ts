import { describe, expect, test } from 'vitest';
import { partitionOfKey } from '../../../src/log/mod.ts';
import { parseRecordLines, partitionRecords, recordLine } from '../../../src/platform/http/record-lines.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string) => parseRecordLines(bytes(text));

describe('records as NDJSON', () => {
  test('text is kept byte for byte, other JSON is stored as JSON, null is null', () => {
    const [a, b, c] = parse('{"key":"k","value":"1.10"}\n\n{"value":{"a":1}}\n{"key":"k","value":null}\n');
    expect(a?.record).toEqual({ key: bytes('k'), value: bytes('1.10') });
    expect(b?.record).toEqual({ key: null, value: bytes('{"a":1}') });
    expect(c?.record.value).toBeNull();
  });

  test('headers, partition, timestamp and binary values are read', () => {
    const [only] = parse('{"value_base64":"/wA=","headers":{"h":"v"},"partition":2,"timestamp":5}');
    expect(only?.partition).toBe(2);
    expect([...only!.record.value!]).toEqual([255, 0]);
    expect(only?.record).toMatchObject({ timestampMs: 5, headers: [{ key: 'h', value: bytes('v') }] });
  });

  test('what is no record is refused with its line', () => {
    expect(() => parse('{"value":1}\n{"value"')).toThrow(/line 2/);
    expect(() => parse('[]')).toThrow(/line 1: expected an object/);
    expect(() => parse('{"partition":-1}')).toThrow(/partition/);
    expect(() => parse('{"timestamp":"x"}')).toThrow(/timestamp/);
    const latin1 = Buffer.from('{"value":"\xe4"}', 'latin1');
    expect(() => parseRecordLines(latin1)).toThrow(/the records are no UTF-8: .*"value_base64"/);
  });

  test('a stored record is printed with its bytes as text where they are text', () => {
    const record = { offset: 3, timestampMs: 9, key: null, value: bytes('ü'), headers: [] };
    expect(JSON.parse(recordLine(1, record))).toEqual({
      partition: 1,
      offset: 3,
      timestamp: 9,
      key: null,
      value: 'ü',
    });
    const marked = JSON.parse(recordLine(1, { ...record, value: bytes('\ufeffü') }));
    expect(marked.value).toBe('\ufeffü');
    expect(JSON.parse(recordLine(1, { ...record, value: new Uint8Array([255]) }))).toMatchObject({
      value_base64: '/w==',
    });
  });

  test('headers that an object of texts can not hold are a list, both ways', () => {
    const headers = [
      { key: 'a', value: bytes('1') },
      { key: 'b', value: null },
      { key: 'a', value: bytes('2') },
      { key: 'raw', value: new Uint8Array([255]) },
    ];
    const record = { offset: 3, timestampMs: 9, key: null, value: null };
    const line = recordLine(1, { ...record, headers });
    expect(JSON.parse(line).headers).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: null },
      { key: 'a', value: '2' },
      { key: 'raw', value_base64: '/w==' },
    ]);
    const read = (text: string) =>
      parse(text)[0]!.record.headers!.map(({ key, value }) => [key, value && [...value]]);
    const stored = [
      ['a', [49]],
      ['b', null],
      ['a', [50]],
      ['raw', [255]],
    ];
    expect(read(line)).toEqual(stored);
    const fitting = recordLine(1, { ...record, headers: headers.slice(0, 2) });
    expect(JSON.parse(fitting).headers).toEqual({ a: '1', b: null });
    expect(read(fitting)).toEqual(stored.slice(0, 2));
    for (const wrong of ['"x"', 'null', '[["a","1"]]', '[null]'])
      expect(() => parse(`{"headers":${wrong}}`)).toThrow(/line 1: "headers" must be an object, or a list/);
  });

  test('keys go to the partitions that Kafka clients choose', () => {
    // Known answers of org.apache.kafka.common.utils.Utils#murmur2, made positive, modulo 1000.
    expect(partitionOfKey(bytes('21'), 1000)).toBe((-973932308 & 0x7fffffff) % 1000);
    expect(partitionOfKey(bytes('foobar'), 1000)).toBe((-790332482 & 0x7fffffff) % 1000);
    expect(partitionOfKey(bytes('a-little-bit-long-string'), 1000)).toBe((-985981536 & 0x7fffffff) % 1000);
  });

  test('a repeated request goes to the same partitions', () => {
    const incoming = parse('{"value":"a"}\n{"key":"k","value":"b"}\n{"value":"c","partition":0}');
    expect(partitionRecords(incoming, 3, 7)).toEqual(partitionRecords(incoming, 3, 7));
    expect(partitionRecords(incoming, 3, 7).get(1)?.[0]?.value).toEqual(bytes('a'));
    expect(
      partitionRecords(incoming, 3, 7)
        .get(0)
        ?.some(record => record.value?.[0] === 99),
    ).toBe(true);
  });
});
