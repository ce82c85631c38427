import type { Sink } from '../../contract/mod.ts';
import { forEachRow, MillraceError, ROW_KIND_NAMES, rowValues } from '../../core/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';
import { printRow } from './row-text.ts';

export interface PrintOptions {
  /** Takes a line without its end. */
  readonly print: (line: string) => void;
}

const KNOWN = ['connector', 'print-identifier', 'standard-error', 'sink.parallelism'];

/** Prints rows when they come: `+I[1, a]`, behind `identifier> ` where one is set. */
export function printSink(table: TableDeclaration, { print }: PrintOptions): Sink {
  const unknown = Object.keys(table.options).filter(name => !KNOWN.includes(name));
  if (unknown.length > 0) {
    throw new MillraceError(
      'SQL_INVALID',
      `Unsupported options found for 'print'.\n\nUnsupported options:\n\n${unknown.sort().join('\n')}` +
        `\n\nSupported options:\n\n${[...KNOWN].sort().join('\n')}`,
    );
  }
  const identifier = table.options['print-identifier'] ?? '';
  const prefix = identifier === '' ? '' : `${identifier}> `;
  return {
    delivery: 'at-least-once',
    openWriter: async () => ({
      write: batch =>
        forEachRow(batch, row => {
          const kind = ROW_KIND_NAMES[batch.rowKinds?.[row] ?? 0]!;
          print(`${prefix}${printRow(kind, rowValues(batch, row), table.physicalSchema)}`);
        }),
      prepare: async () => null,
      flush: async () => {},
      close: async () => {},
    }),
    openCommitter: async () => null,
  };
}
