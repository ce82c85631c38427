import type { Sink } from '../../contract/mod.ts';
import { forEachRow, ROW_KIND_NAMES, rowValues } from '../../core/mod.ts';
import { booleanOption, refuseUnknownOptions, type TableDeclaration } from '../../plan/mod.ts';
import { printRow } from './row-text.ts';

export interface PrintOptions {
  /** Takes a line without its end, for standard output or for standard error. */
  readonly print: (line: string, isError: boolean) => void;
}

const KNOWN = ['connector', 'print-identifier', 'standard-error', 'sink.parallelism'];

/** Prints rows when they come: `+I[1, a]`, behind `identifier> ` where one is set. */
export function printSink(table: TableDeclaration, { print }: PrintOptions): Sink {
  refuseUnknownOptions('print', table.options, KNOWN);
  const isError = booleanOption(table.options, 'standard-error', false);
  const identifier = table.options['print-identifier'] ?? '';
  const prefix = identifier === '' ? '' : `${identifier}> `;
  return {
    delivery: 'at-least-once',
    openWriter: async () => ({
      write: batch =>
        forEachRow(batch, row => {
          const kind = ROW_KIND_NAMES[batch.rowKinds?.[row] ?? 0]!;
          print(`${prefix}${printRow(kind, rowValues(batch, row), table.physicalSchema)}`, isError);
        }),
      prepare: async () => null,
      flush: async () => {},
      close: async () => {},
    }),
    openCommitter: async () => null,
  };
}
