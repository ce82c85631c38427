import { expect, test } from 'vitest';
import { planFingerprint } from '../../../src/engine/job/plan-fingerprint.ts';
import { Catalog, planScript } from '../../../src/plan/mod.ts';

const fingerprint = (options: string, query = 'SELECT city FROM orders'): string =>
  planFingerprint(
    planScript(
      `CREATE TABLE orders (city STRING) WITH ('connector' = 'kafka', 'format' = 'json', ${options});
       CREATE TABLE cities (city STRING) WITH ('connector' = 'print');
       INSERT INTO cities ${query}`,
      new Catalog(),
    ).plan!,
  );
const TOPIC = "'topic' = 'orders'";

test('a job goes on from its state when its consumer group or the address of its cluster changes', () => {
  const before = fingerprint(TOPIC);
  expect(fingerprint(`${TOPIC}, 'properties.group.id' = 'a'`)).toBe(before);
  expect(fingerprint(`${TOPIC}, 'properties.bootstrap.servers' = 'b:1', 'properties.group.id' = 'b'`)).toBe(
    before,
  );
});

test('another topic or another query is another plan', () => {
  const before = fingerprint(TOPIC);
  expect(fingerprint("'topic' = 'others'")).not.toBe(before);
  expect(fingerprint(TOPIC, "SELECT city FROM orders WHERE city <> 'a'")).not.toBe(before);
});
