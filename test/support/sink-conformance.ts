import { expect, it } from 'vitest';
import type { Sink, SinkContext } from '../../src/contract/mod.ts';
import type { RowValue, Schema } from '../../src/core/mod.ts';
import { batchOf } from './tables.ts';

type Row = readonly ['+I' | '-U' | '+U' | '-D', ...RowValue[]];

/** A sink under test over an empty target of its own. */
export interface SinkUnderTest {
  readonly schema: Schema;
  /** The same table again: as after a restart. */
  open(): Promise<Sink>;
  /** What a reader of committed data sees, in any order, each row as one string. */
  visible(): Promise<readonly string[]>;
  /** Rows to write, each distinct, and how each shows. */
  readonly rows: readonly { readonly row: Row; readonly shown: string }[];
}

let incarnations = 0;

/** What every exactly-once sink guarantees: see `contract/sink.ts`. `make` is called once per test. */
export function exactlyOnceSinkConformance(make: () => Promise<SinkUnderTest>): void {
  const context = (): SinkContext => ({ incarnation: `i${++incarnations}`, sinkId: 'app/job/sink' });

  async function stage(test: SinkUnderTest, sink: Sink, at: SinkContext, epoch: number, index: number) {
    const writer = await sink.openWriter(at);
    await writer.write(batchOf(test.schema, [test.rows[index]!.row]));
    const staged = await writer.prepare(epoch);
    expect(await writer.prepare(epoch + 1), 'an epoch without rows stages nothing').toBeNull();
    await writer.close();
    expect(staged).not.toBeNull();
    return staged!;
  }

  it('shows nothing before the commit, everything after it', async () => {
    const test = await make();
    const [sink, at] = [await test.open(), context()];
    const staged = await stage(test, sink, at, 1, 0);
    expect(await test.visible()).toEqual([]);
    const committer = (await sink.openCommitter(at))!;
    await committer.commit(1, staged);
    expect(await test.visible()).toEqual([test.rows[0]!.shown]);
    await committer.close();
  });

  it('skips an epoch that is applied, also after a restart', async () => {
    const test = await make();
    const [sink, at] = [await test.open(), context()];
    const first = await stage(test, sink, at, 1, 0);
    const second = await stage(test, sink, at, 2, 1);
    const committer = (await sink.openCommitter(at))!;
    await committer.commit(1, first);
    await committer.commit(2, second);
    await committer.commit(1, first);
    await committer.close();
    const again = (await (await test.open()).openCommitter(at))!;
    await again.commit(1, first);
    await again.commit(2, second);
    await again.close();
    expect([...(await test.visible())].sort()).toEqual([test.rows[0]!.shown, test.rows[1]!.shown].sort());
  });

  it('applies the same epoch of another incarnation', async () => {
    const test = await make();
    const sink = await test.open();
    for (const index of [0, 1]) {
      const at = context();
      const committer = (await sink.openCommitter(at))!;
      await committer.commit(1, await stage(test, sink, at, 1, index));
      await committer.close();
    }
    expect(await test.visible()).toHaveLength(2);
  });
}
