import colors from 'picocolors';

export interface Column {
  readonly name: string;
  /** Figures stand at the right. */
  readonly right?: boolean;
}

/** Columns as wide as they must be, with a head. */
export function printTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, i) => Math.max(column.name.length, ...rows.map(row => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (columns[i]!.right ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return `${[colors.bold(line(columns.map(column => column.name))), ...rows.map(line)].join('\n')}\n`;
}

/** A figure with its thousands apart; `-` where it is not known. */
export const count = (value: number | null | undefined): string =>
  value === null || value === undefined ? '-' : value.toLocaleString('en');

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `3.4 MB`; `-` where it is not known. */
export function size(bytes: number | null): string {
  if (bytes === null) return '-';
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
