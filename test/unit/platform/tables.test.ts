import { describe, expect, test } from 'vitest';
import { tableFactories } from '../../../src/platform/tables.ts';
import { tableOf } from '../../support/tables.ts';
import { T } from '../formats/support.ts';

const tables = tableFactories({
  log: null as never, // no connector of these asks for it
  postgresUrl: () => '',
  print: () => undefined,
});
const of = (options: Record<string, string>) => tableOf({ k: T.int }, [], options);

describe('a declaration that can not be followed names its table, then what is wrong', () => {
  test('of a source', async () => {
    const wrong = of({ connector: 'datagen', 'rows-per-sec': '1' });
    await expect(tables.source(wrong, [0])).rejects.toMatchObject({
      code: 'SQL_INVALID',
      message: expect.stringContaining(
        "Unable to create a source for reading table 'default_catalog.default_database.t'.\n\n" +
          "Unsupported options found for 'datagen'.\n\nUnsupported options:\n\nrows-per-sec\n",
      ),
    });
  });

  test('of a sink', async () => {
    await expect(tables.sink(of({ connector: 'nope' }), 'append')).rejects.toMatchObject({
      code: 'SQL_INVALID',
      message: expect.stringContaining(
        "Unable to create a sink for writing table 'default_catalog.default_database.t'.\n\n" +
          "Could not find any factory for identifier 'nope'",
      ),
    });
  });
});
