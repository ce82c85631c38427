import { readFileSync } from 'node:fs';
import { MillraceError } from '../../../core/mod.ts';
import { connect } from '../client.ts';
import { type Command, flagOf } from '../command.ts';

/** All results of a script. */
interface Answer extends Result {
  readonly results: readonly Result[];
}

interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** `millrace sql` */
export const sqlCommand: Command = {
  name: 'sql',
  summary: 'ask a question of the topics in SQL',
  description:
    'A script of SELECT, SHOW, DESCRIBE and EXPLAIN, and declarations for them; tables and functions of the\n' +
    'application are known by their names. A SELECT runs over what the topics hold now and ends.',
  positionals: [],
  flags: [
    { name: 'execute', value: 'SQL', short: 'e', help: 'the script' },
    { name: 'file', value: 'FILE', short: 'f', help: 'read the script from a file' },
    { name: 'json', help: 'one JSON object a row' },
  ],
  examples: [
    'millrace sql -e "SHOW TABLES; DESCRIBE orders"',
    'millrace sql -e "SELECT status, COUNT(*) FROM orders GROUP BY status"',
  ],
  run: async context => {
    const file = flagOf(context, 'file');
    const sql = file === undefined ? flagOf(context, 'execute') : readFileSync(file, 'utf8');
    if (sql === undefined) throw new MillraceError('CONFIG_INVALID', 'sql needs -e SQL or -f FILE.');
    const answer = await connect(context).json<Answer>('POST', '/api/sql', { sql });
    const results = answer.results.length === 0 ? [answer] : answer.results;
    const print = flagOf(context, 'json') === 'true' ? jsonLines : printResult;
    context.out(results.map(print).join(print === printResult ? '\n' : ''));
    return 0;
  },
};

function jsonLines({ columns, rows }: Result): string {
  const line = (row: readonly unknown[]): string =>
    `${JSON.stringify(Object.fromEntries(columns.map((column, i) => [column, row[i]])))}\n`;
  return rows.map(line).join('');
}

/** A plan or a declaration is a text; anything else a table. */
function printResult(result: Result): string {
  const [cell] = result.rows[0] ?? [];
  const isText = result.columns.length === 1 && result.rows.length === 1 && String(cell).includes('\n');
  return isText ? `${String(cell).trimEnd()}\n` : printTable(result);
}

function printTable({ columns, rows }: Result): string {
  const text = rows.map(row => row.map(value => (value === null ? 'NULL' : String(value))));
  const widths = columns.map((column, i) => Math.max(column.length, ...text.map(row => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  const count = `${rows.length} row${rows.length === 1 ? '' : 's'}`;
  return `${[line(columns), line(widths.map(width => '-'.repeat(width))), ...text.map(line), count].join('\n')}\n`;
}
