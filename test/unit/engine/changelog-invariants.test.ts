import { expect, test } from 'vitest';
import { RowKind } from '../../../src/core/mod.ts';
import type { ChangelogMode, PhysicalNode } from '../../../src/plan/mod.ts';
import { watchChangelog } from '../../support/changelog-invariants.ts';
import { BIGINT, batchOf, type Row, schemaOf } from './harness.ts';

const schema = schemaOf({ id: BIGINT, n: BIGINT });
const node = (changelogMode: ChangelogMode): PhysicalNode => ({
  ...{ kind: 'scan', id: 7, schema, changelogMode, projection: [0, 1] },
  table: { name: 't', physicalSchema: schema, primaryKey: [0], options: {} },
});
const watch =
  (mode: ChangelogMode, ...rows: Row[]) =>
  () =>
    watchChangelog(node(mode)).rows(batchOf(schema, rows));

test('the watcher of changelogs lets right ones pass and tells wrong ones', () => {
  const add: Row = [RowKind.insert, 1n, 5n];
  const before: Row = [RowKind.updateBefore, 1n, 5n];
  const after: Row = [RowKind.updateAfter, 1n, 6n];
  watch('retract', add, before, after, [RowKind.delete, 1n, 6n], add)();
  watch('upsert', add, after, [RowKind.delete, 1n, 6n], add)();
  expect(watch('append', add, after)).toThrow(/node 7 .*not a row kind of its mode: \+U/);
  expect(watch('upsert', add, before)).toThrow(/not a row kind of its mode: -U/);
  expect(watch('upsert', [RowKind.delete, 2n, 1n])).toThrow(/the key is not there: -D/);
  expect(watch('retract', add, [RowKind.delete, 1n, 6n])).toThrow(/there is no such row: -D/);
  expect(watch('retract', add, [RowKind.insert, 1n, 9n])).toThrow(/the key is there already: \+I/);
  const watcher = watchChangelog(node('append'));
  watcher.watermark(5);
  expect(() => watcher.watermark(4)).toThrow(/went back to 4/);
});
