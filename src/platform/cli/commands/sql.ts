import { readFileSync } from 'node:fs';
import { MillraceError } from '../../../core/mod.ts';
import { connect } from '../client.ts';
import { type Command, flagOf } from '../command.ts';

interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** `millrace sql` */
export const sqlCommand: Command = {
  name: 'sql',
  summary: 'ask a question of the topics in SQL',
  description:
    'A script of CREATE TABLE statements and one SELECT; tables of the application are known by their names. The SELECT\n' +
    'runs over what the topics hold now and ends.',
  positionals: [],
  flags: [
    { name: 'execute', value: 'SQL', short: 'e', help: 'the script' },
    { name: 'file', value: 'FILE', short: 'f', help: 'read the script from a file' },
    { name: 'json', help: 'one JSON object a row' },
  ],
  examples: ['millrace sql -e "SELECT status, COUNT(*) FROM orders GROUP BY status"'],
  run: async context => {
    const file = flagOf(context, 'file');
    const sql = file === undefined ? flagOf(context, 'execute') : readFileSync(file, 'utf8');
    if (sql === undefined) throw new MillraceError('CONFIG_INVALID', 'sql needs -e SQL or -f FILE.');
    const answer = await connect(context).json<Answer>('POST', '/api/sql', { sql });
    context.out(flagOf(context, 'json') === 'true' ? jsonLines(answer) : printTable(answer));
    return 0;
  },
};

function jsonLines({ columns, rows }: Answer): string {
  const line = (row: readonly unknown[]): string =>
    `${JSON.stringify(Object.fromEntries(columns.map((column, i) => [column, row[i]])))}\n`;
  return rows.map(line).join('');
}

function printTable({ columns, rows }: Answer): string {
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
