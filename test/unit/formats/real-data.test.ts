import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { DataType } from '../../../src/core/mod.ts';
import { createDecoder } from '../../../src/formats/mod.ts';
import { dataFile } from '../../support/data.ts';
import { decodeAll, schemaOf, T, timestampLtz } from './support.ts';

const ISO = { 'timestamp-format.standard': 'ISO-8601' };
const linesOf = (path: string): string[] =>
  gunzipSync(readFileSync(path))
    .toString()
    .split('\n')
    .filter(line => line !== '');

const wiki = dataFile('wikiticker-2015-09-12-sampled.jsonl.gz');
it.skipIf(wiki === null)('39,244 edits of Wikipedia read as JSON.parse reads them', () => {
  const fields = {
    time: timestampLtz(3),
    comment: T.text,
    isRobot: T.bool,
    metroCode: T.int,
    user: T.text,
    delta: T.long,
  };
  const lines = linesOf(wiki!);
  const { rows, rejected } = decodeAll(createDecoder('json', schemaOf(fields), null, ISO), lines);
  expect(rejected).toEqual({});
  expect(rows).toHaveLength(39_244);
  lines.forEach((line, i) => {
    const { time, comment, isRobot, metroCode, user, delta } = JSON.parse(line);
    expect(rows[i]).toEqual(['+I', [Date.parse(time), 0], comment, isRobot, metroCode, user, BigInt(delta)]);
  });
});

const archive = dataFile('gharchive-2021-07-21-800.jsonl.gz');
it.skipIf(archive === null)('800 nested events of GitHub read as JSON.parse reads them', () => {
  const actor: DataType = {
    kind: 'ROW',
    nullable: true,
    fields: [
      { name: 'login', type: T.text },
      { name: 'id', type: T.long },
    ],
  };
  const fields = {
    id: T.long,
    type: T.text,
    actor,
    payload: T.text,
    created_at: timestampLtz(3),
    org: actor,
  };
  const lines = linesOf(archive!);
  const { rows, rejected } = decodeAll(createDecoder('json', schemaOf(fields), null, ISO), lines);
  expect(rejected).toEqual({});
  expect(rows).toHaveLength(800);
  lines.forEach((line, i) => {
    const event = JSON.parse(line);
    const who = (a?: { login: string; id: number }) => (a === undefined ? null : [a.login, BigInt(a.id)]);
    const [, id, type, actorRow, payload, created, org] = rows[i]!;
    expect([id, type, actorRow, created, org]).toEqual([
      BigInt(event.id),
      event.type,
      who(event.actor),
      [Date.parse(event.created_at), 0],
      who(event.org),
    ]);
    expect(JSON.parse(String(payload))).toEqual(event.payload);
  });
});
