import { randomInt } from 'node:crypto';
import { blackholeSink } from '../connectors/blackhole/mod.ts';
import { datagenSource } from '../connectors/datagen/mod.ts';
import { filesystemSink, filesystemSource } from '../connectors/filesystem/mod.ts';
import { kafkaSink, kafkaSource } from '../connectors/kafka/mod.ts';
import { jdbcLookup, jdbcSink, jdbcSource } from '../connectors/postgres/mod.ts';
import { printSink } from '../connectors/print/mod.ts';
import type { Lookup, ScalarFunction, Sink, Source } from '../contract/mod.ts';
import { type Clock, MillraceError } from '../core/mod.ts';
import type { Log } from '../log/mod.ts';
import { type ChangelogMode, fullName, type TableDeclaration } from '../plan/mod.ts';
import { ForeignLogs } from './foreign-logs.ts';
import { systemClock } from './system-clock.ts';

/** What tables are made of. */
export interface TableDependencies {
  readonly log: Log;
  /** The application's own database, for `jdbc` tables without `url`; asked at each connection. */
  readonly postgresUrl: () => string;
  /** Where `print` tables write a line; the second is true for `standard-error`. */
  readonly print: (line: string, isError: boolean) => void;
  /** The machine's, unless a test brings its own. */
  readonly clock?: Clock;
  /** A number that differs from start to start, for `datagen`. */
  readonly randomSeed?: () => number;
  /** SQL functions of the application, by id. */
  readonly functions?: ReadonlyMap<string, ScalarFunction>;
}

/** From declared tables to what reads and writes them. */
export interface TableFactories {
  /** A function of CREATE FUNCTION, by its id. */
  function(id: string): ScalarFunction | undefined;
  source(table: TableDeclaration, projection: readonly number[]): Promise<Source>;
  /**
   * `input` is what the plan feeds into the table. Options are checked here, the target when the writer
   * opens.
   */
  sink(table: TableDeclaration, input: ChangelogMode): Promise<Sink>;
  /** The table's physical columns `projection`, asked by its physical columns `keys`. */
  lookup(table: TableDeclaration, projection: readonly number[], keys: readonly number[]): Lookup;
  /** Ends the connections to clusters that tables named. */
  close(): Promise<void>;
}

/** The connectors there are, by the name in `'connector' = '…'`. Wrong declarations are SQL_INVALID. */
export function tableFactories(deps: TableDependencies): TableFactories {
  const datagen = {
    clock: deps.clock ?? systemClock,
    randomSeed: deps.randomSeed ?? (() => randomInt(2 ** 31)),
  };
  const logs = new ForeignLogs(deps.log, datagen.clock);
  const sources: Readonly<Record<string, TableFactories['source']>> = {
    datagen: async (table, projection) => datagenSource(table, projection, datagen),
    filesystem: async (table, projection) => filesystemSource(table, projection, datagen),
    kafka: async (table, projection) => kafkaSource(logs.of(table), table, projection),
    'upsert-kafka': async (table, projection) => kafkaSource(logs.of(table), table, projection),
    jdbc: async (table, projection) => jdbcSource(table, projection, deps),
  };
  const sinks: Readonly<Record<string, TableFactories['sink']>> = {
    filesystem: async table => filesystemSink(table, datagen),
    kafka: async (table, input) => kafkaSink(logs.of(table), table, input),
    'upsert-kafka': async (table, input) => kafkaSink(logs.of(table), table, input),
    jdbc: async (table, input) => jdbcSink(table, input, deps),
    print: async table => printSink(table, deps),
    blackhole: async table => blackholeSink(table),
  };
  const lookups: Readonly<Record<string, TableFactories['lookup']>> = {
    jdbc: (table, projection, keys) => jdbcLookup(table, projection, keys, deps),
  };
  return {
    close: () => logs.close(),
    function: id => deps.functions?.get(id),
    lookup: (table, projection, keys) => chosen(lookups, table, 'lookup table')(table, projection, keys),
    source: (table, projection) =>
      naming(table, 'source for reading', async () => chosen(sources, table, 'source')(table, projection)),
    sink: (table, input) =>
      naming(table, 'sink for writing', async () => chosen(sinks, table, 'sink')(table, input)),
  };
}

/** What is wrong with a declaration, with Flink's sentence before it, which says whose. */
async function naming<T>(table: TableDeclaration, role: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'SQL_INVALID') throw error;
    const message = `Unable to create a ${role} table '${fullName(table)}'.\n\n${error.message}`;
    throw new MillraceError('SQL_INVALID', message, { cause: error });
  }
}

function chosen<T>(factories: Readonly<Record<string, T>>, table: TableDeclaration, role: string): T {
  const name = table.options['connector'];
  const factory = name === undefined ? undefined : factories[name];
  if (factory !== undefined) return factory;
  const available = Object.keys(factories).sort().join('\n');
  throw new MillraceError(
    'SQL_INVALID',
    name === undefined
      ? `Table options do not contain an option key 'connector' for discovering a connector (table '${table.name}').`
      : `Could not find any factory for identifier '${name}' that can make a ${role} of table '${table.name}'.` +
          `\n\nAvailable factory identifiers are:\n\n${available}`,
  );
}
