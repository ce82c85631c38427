import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ReplayKind, replayRecords } from '../../../src/formats/mod.ts';

/** All records and rejections of a text, cut into chunks of `size` bytes. */
async function read(
  text: string,
  kind: ReplayKind,
  size = 7,
): Promise<{ records: unknown[]; rejected: string[] }> {
  const bytes = Buffer.from(text);
  async function* chunks(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const records: unknown[] = [];
  const rejected: string[] = [];
  const reject = (line: number, reason: string): void => void rejected.push(`${line}: ${reason}`);
  for await (const piece of replayRecords(chunks(), kind, reject)) {
    records.push(...piece.map(r => JSON.parse(Buffer.from(r).toString())));
  }
  return { records, rejected };
}

describe('replay', () => {
  it('reads CSV: header names, quotes, null for an empty cell without quotes', async () => {
    const csv = '\ufeffa,"b ""x""",c\r\n1,"two, ""2""",\r\n,"",3\n"line\nbreak",é😀,x\n';
    expect((await read(csv, 'csv')).records).toEqual([
      { a: '1', 'b "x"': 'two, "2"', c: null },
      { a: null, 'b "x"': '', c: '3' },
      { a: 'line\nbreak', 'b "x"': 'é😀', c: 'x' },
    ]);
  });

  it('rejects lines with another number of cells and goes on', async () => {
    const { records, rejected } = await read('a,b\n1,2\n3\n4,5,6\n7,8\n', 'csv');
    expect(records).toEqual([
      { a: '1', b: '2' },
      { a: '7', b: '8' },
    ]);
    expect(rejected).toEqual(['3: expected 2 cells, found 1', '4: expected 2 cells, found 3']);
  });

  it('reads TSV without quoting and JSON lines as they are', async () => {
    expect((await read('r\tn\nsaid "hi\t1\n\t2', 'tsv')).records).toEqual([
      { r: 'said "hi', n: '1' },
      { r: null, n: '2' },
    ]);
    expect((await read('{"a":1}\r\n\n{"a":"é"}', 'jsonl')).records).toEqual([{ a: 1 }, { a: 'é' }]);
  });

  it('refuses a file whose quotes never close, naming it', async () => {
    await expect(read('a\n"open\n', 'csv')).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
  });

  const data = process.env['MILLRACE_TEST_DATA'];
  const file = data === undefined ? '' : join(data, 'online_retail_II_2009_2010.csv.gz');
  it.skipIf(!existsSync(file))('reads 525,461 retail lines, 107,927 of them without customer', async () => {
    let count = 0;
    let withoutCustomer = 0;
    const chunks = createReadStream(file).pipe(createGunzip());
    for await (const piece of replayRecords(chunks, 'csv', () => expect.unreachable())) {
      count += piece.length;
      withoutCustomer += piece.filter(r => Buffer.from(r).includes('"CustomerID":null')).length;
    }
    expect([count, withoutCustomer]).toEqual([525_461, 107_927]);
  });
});
