import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { MillraceError } from '../../../src/core/mod.ts';
import { runSlt, type SltMode } from '../slt.ts';
import { Contents, histories, type Step } from './history.ts';
import { type Relation, relations } from './queries.ts';
import { render, TABLES } from './render.ts';
import { EVENTS, eventRows, type TimedCase, timedCases, timedTexts } from './timed.ts';

/** A query, what comes to its tables, and how it is run. */
export interface LawCase {
  readonly query: Relation;
  readonly steps: readonly Step[];
  readonly mode: SltMode;
  readonly miniBatch: boolean;
}

const modes: fc.Arbitrary<SltMode> = fc.constantFrom<SltMode>(
  {},
  { crashing: true },
  { parallelism: [2] },
  { crashing: true, parallelism: [1, 3, 2] },
  { deliveryRows: 1 },
  { deliveryRows: 2, crashing: true, parallelism: [2, 1] },
);

/** Random cases. */
export const lawCases: fc.Arbitrary<LawCase> = fc.record({
  query: relations(TABLES.length),
  steps: histories,
  mode: modes,
  miniBatch: fc.boolean(),
});

const WITH =
  "'connector' = 'kafka', 'topic' = 't', 'format' = 'debezium-json', 'properties.bootstrap.servers' = 'x'";
const sqlType = { INT: 'INT', STRING: 'STRING' } as const;

/** The batch side: DuckDB, asked for the whole answer after each step. */
export class Oracle {
  readonly #connection: DuckDBConnection;

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  static async open(): Promise<Oracle> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    // It gives a row for ROW_NUMBER() <= 1 over an empty table.
    await connection.run("SET disabled_optimizers = 'top_n_window_elimination'");
    return new Oracle(connection);
  }

  close(): void {
    this.#connection.closeSync();
  }

  /** The case as a test file: after each step the accumulated changes must equal DuckDB's answer. */
  async sltOf({ query, steps, miniBatch }: LawCase): Promise<string> {
    const [flink, duckdb] = [render(query, 'flink'), render(query, 'duckdb')];
    const declarations = TABLES.map(({ name, columns }) => {
      const list = columns.map((type, i) => `x${i} ${sqlType[type]}`).join(', ');
      return `statement ok\nCREATE TABLE ${name} (${list}) WITH (${WITH})`;
    });
    await this.#create();
    const settings = miniBatch ? ["statement ok\nSET 'table.exec.mini-batch.enabled' = 'true'"] : [];
    const records = [...settings, ...declarations, `view q\n${flink.sql}`];
    const contents = TABLES.map(() => new Contents());
    for (const { table, changes } of steps) {
      const lines = contents[table]!.apply(table, changes);
      records.push(`rows ${TABLES[table]!.name}\n${lines.join('\n')}`);
      await this.#fill(table, contents[table]!);
      records.push(['query q', '----', ...(await this.#answer(duckdb.sql))].join('\n'));
    }
    return `${records.join('\n\n')}\n`;
  }

  /** The same over events in time: asked once, when all have come. */
  async timedSltOf({ query, deliveries }: TimedCase): Promise<string> {
    const { flink, duckdb } = timedTexts(query);
    const batches = eventRows(deliveries);
    await this.#connection.run('CREATE OR REPLACE TABLE e (id INT, k INT, v INT, ts TIMESTAMP)');
    const tuples = batches
      .flat()
      .map(([id, k, v, ts]) => `(${id}, ${k}, ${v}, TIMESTAMP '${ts}')`)
      .join(', ');
    await this.#connection.run(`INSERT INTO e VALUES ${tuples}`);
    const records = [
      '# arrival order matters: late rows are dropped',
      `statement ok\n${EVENTS} WITH (${WITH.replace('debezium-json', 'json')})`,
      `view q\n${flink}`,
      ...batches.map(rows => `rows e\n${rows.map(row => `+I ${row.join(' | ')}`).join('\n')}`),
      'end e',
      ['query q', '----', ...(await this.#answer(duckdb))].join('\n'),
    ];
    return `${records.join('\n\n')}\n`;
  }

  async #create(): Promise<void> {
    for (const { name, columns } of TABLES) {
      const list = columns.map((type, i) => `x${i} ${type === 'INT' ? 'INT' : 'VARCHAR'}`).join(', ');
      await this.#connection.run(`CREATE OR REPLACE TABLE ${name} (${list})`);
    }
  }

  async #fill(table: number, { rows }: Contents): Promise<void> {
    const { name, columns } = TABLES[table]!;
    await this.#connection.run(`DELETE FROM ${name}`);
    if (rows.length === 0) return;
    const cell = (value: string | null, i: number) =>
      value === null ? 'NULL' : columns[i] === 'INT' ? value : `'${value}'`;
    const tuples = rows.map(row => `(${row.map(cell).join(', ')})`);
    await this.#connection.run(`INSERT INTO ${name} VALUES ${tuples.join(', ')}`);
  }

  async #answer(sql: string): Promise<string[]> {
    const result = await this.#connection.runAndReadAll(sql);
    const text = (value: unknown) => (value === null ? 'NULL' : String(value));
    return result
      .getRows()
      .map(row => row.map(text).join(' | '))
      .sort();
  }
}

/** Checks random queries over events in time, likewise. */
export async function checkTimedLaw(runs: number, seed: number): Promise<void> {
  const oracle = await Oracle.open();
  try {
    const property = fc.asyncProperty(timedCases, modes, async (tried, mode) => {
      await runSlt(await oracle.timedSltOf(tried), mode);
    });
    const { failed, counterexample, errorInstance } = await fc.check(property, { numRuns: runs, seed });
    if (!failed || counterexample === null) return;
    const [tried, mode] = counterexample;
    throw new LawBroken(await oracle.timedSltOf(tried), mode, errorInstance);
  } finally {
    oracle.close();
  }
}

/** Checks random cases; a failing one is shrunk, and thrown as a test file that fails. */
export async function checkLaw(runs: number, seed: number): Promise<{ readonly refused: number }> {
  const oracle = await Oracle.open();
  try {
    let refused = 0;
    const property = fc.asyncProperty(lawCases, async tried => {
      try {
        await runSlt(await oracle.sltOf(tried), tried.mode);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refused++;
      }
    });
    const { failed, counterexample, errorInstance } = await fc.check(property, { numRuns: runs, seed });
    if (!failed || counterexample === null) return { refused };
    const [tried] = counterexample;
    throw new LawBroken(await oracle.sltOf(tried), tried.mode, errorInstance);
  } finally {
    oracle.close();
  }
}

/** A query that Flink does not take either, such as one for rank 0. */
function isRefusal(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof MillraceError && cause.code.startsWith('SQL_');
}

/** A case for which the law does not hold. `slt` belongs into test/slt/regressions. */
export class LawBroken extends Error {
  readonly slt: string;

  constructor(slt: string, mode: SltMode, cause: unknown) {
    super(
      `run as ${JSON.stringify(mode)}:\n${slt}\n${cause instanceof Error ? cause.message : String(cause)}`,
    );
    this.slt = slt;
  }
}
