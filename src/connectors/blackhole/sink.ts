import type { Sink } from '../../contract/mod.ts';
import { refuseUnknownOptions, type TableDeclaration } from '../../plan/mod.ts';

/** A sink for measuring what comes before it. */
export function blackholeSink(table: TableDeclaration): Sink {
  refuseUnknownOptions('blackhole', table.options, ['connector', 'sink.parallelism']);
  return {
    delivery: 'at-least-once',
    openWriter: async () => ({
      write: () => {},
      prepare: async () => null,
      flush: async () => {},
      close: async () => {},
    }),
    openCommitter: async () => null,
  };
}
