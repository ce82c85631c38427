import { expect, test } from 'vitest';
import { type BytesBuffer, copyBytesCell, createColumnBuffer, putText } from '../../../src/core/mod.ts';

const text = { kind: 'VARCHAR', length: 2147483647, nullable: true } as const;
const column = (): BytesBuffer => createColumnBuffer(text, 400) as BytesBuffer;
const shown = ({ data, offsets, lengths }: BytesBuffer, row: number): string =>
  Buffer.from(data.subarray(offsets[row]!, offsets[row]! + lengths[row]!)).toString();

test('texts of every length are copied whole, between columns that grow meanwhile', () => {
  const [source, target] = [column(), column()];
  const texts = Array.from({ length: 300 }, (_, n) => [...'ä€😀\u{10ffff}z'.repeat(60)].slice(0, n).join(''));
  for (const [row, value] of texts.entries()) putText(source, row, value);
  for (const row of texts.keys()) copyBytesCell(source, row, target, row);
  const back = column();
  for (const row of texts.keys()) copyBytesCell(target, row, back, row);
  const borrowed = { physical: 'bytes', nulls: null, ...pick(back) } as const;
  const last = column();
  for (const row of texts.keys()) copyBytesCell(borrowed, row, last, row);
  expect(texts.map((_, row) => shown(last, row))).toEqual(texts);
});

const pick = ({ data, offsets, lengths }: BytesBuffer) => ({ data, offsets, lengths });

test('binaries keep every byte pattern, those of signalling NaNs too', () => {
  const type = { kind: 'VARBINARY', length: 2147483647, nullable: true } as const;
  const [source, target] = [
    createColumnBuffer(type, 4) as BytesBuffer,
    createColumnBuffer(type, 4) as BytesBuffer,
  ];
  const bytes = Uint8Array.from({ length: 64 }, (_, i) => [1, 0, 0, 0, 0, 0, 0xf0, 0x7f][i % 8]!);
  Object.assign(source, { data: bytes, offsets: Int32Array.of(0), lengths: Int32Array.of(64), used: 64 });
  copyBytesCell(source, 0, target, 0);
  expect([...target.data.subarray(0, 64)]).toEqual([...bytes]);
});
