export type Cell = string | number | boolean | null;
/** A row by column name. */
export type Row = Readonly<Record<string, Cell>>;

/** Rows as CSV with a header line; null is an empty field, text is quoted. */
export function toCsv(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map(row => columns.map(column => cellText(row[column] ?? null)).join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'string' ? `"${cell.replaceAll('"', '""')}"` : String(cell);
}
