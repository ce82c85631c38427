import type { Sink } from '../../contract/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';

/** A sink for measuring what comes before it. */
export function blackholeSink(table: TableDeclaration): Sink {
  const unknown = Object.keys(table.options).filter(
    name => name !== 'connector' && name !== 'sink.parallelism',
  );
  if (unknown.length > 0) {
    const names = unknown.sort().join('\n');
    throw new MillraceError(
      'SQL_INVALID',
      `Unsupported options found for 'blackhole'.\n\nUnsupported options:\n\n${names}`,
    );
  }
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
