import { createHash } from 'node:crypto';
import type { Difference, SinkReport, TableDigest } from './report.ts';

/** A row in two texts: its key, and all of its columns. */
export interface KeyedRow {
  readonly key: string;
  readonly text: string;
}

const DIFFERENCES_SHOWN = 10;

/** Compares what a sink holds with what it must hold: rows, keys, all columns. */
export function compareSink(
  sink: string,
  expected: readonly KeyedRow[],
  found: readonly KeyedRow[],
): SinkReport {
  const left = new Map(found.map(row => [row.key, row.text]));
  const differences: Difference[] = [];
  for (const { key, text } of expected) {
    const other = left.get(key) ?? null;
    if (other !== text) differences.push({ key, expected: text, found: other });
    left.delete(key);
  }
  for (const [key, text] of left) differences.push({ key, expected: null, found: text });
  // A key twice on one side is hidden by the maps, but not from the number of rows.
  if (differences.length === 0 && expected.length !== found.length) {
    differences.push({ key: '(number of rows)', expected: `${expected.length}`, found: `${found.length}` });
  }
  return {
    sink,
    expected: digest(expected),
    found: digest(found),
    differences: differences.slice(0, DIFFERENCES_SHOWN),
    moreDifferences: Math.max(0, differences.length - DIFFERENCES_SHOWN),
  };
}

function digest(rows: readonly KeyedRow[]): TableDigest {
  const hash = createHash('sha256');
  for (const text of rows.map(row => row.text).sort()) hash.update(text).update('\n');
  return { rows: rows.length, hash: hash.digest('hex').slice(0, 16) };
}
