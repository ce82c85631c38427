import { expect, it } from 'vitest';
import type { Position, Source, SplitReader } from '../../src/contract/mod.ts';
import { rowsOf } from './batch-rows.ts';

/** A bounded source under test: each row as one string, in the order of its only split. */
export interface SourceUnderTest {
  open(): Promise<Source>;
  readonly expected: readonly string[];
}

const NEVER = new AbortController().signal;

/** All rows from `position` on, and the position after each batch with how many rows it had brought. */
export async function readToEnd(
  source: Source,
  position: Position | null = null,
): Promise<{ rows: string[]; positions: { after: number; position: Position }[] }> {
  const rows: string[] = [];
  const positions: { after: number; position: Position }[] = [];
  for (const split of await source.splits()) {
    const reader: SplitReader = await source.open(split, position);
    for (;;) {
      const event = await reader.poll(1000, NEVER);
      if (event.kind === 'end') break;
      if (event.kind === 'batch') rows.push(...rowsOf(event.batch).map(row => JSON.stringify(row, plain)));
      positions.push({ after: rows.length, position: reader.position() });
    }
    expect(await reader.lag()).toBe(0);
    await reader.close();
  }
  return { rows, positions };
}

const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/** What every bounded source guarantees: see `contract/source.ts`. */
export function boundedSourceConformance(make: () => Promise<SourceUnderTest>): void {
  it('delivers every row once and ends', async () => {
    const test = await make();
    const source = await test.open();
    expect(source.bounded).toBe(true);
    expect((await readToEnd(source)).rows).toEqual(test.expected);
  });

  it('goes on exactly behind any position it reported, which is plain JSON', async () => {
    const test = await make();
    const { positions } = await readToEnd(await test.open());
    expect(positions.length).toBeGreaterThan(1);
    for (const { after, position } of positions) {
      const stored: unknown = JSON.parse(JSON.stringify(position));
      expect((await readToEnd(await test.open(), stored)).rows).toEqual(test.expected.slice(after));
    }
  });
}
