import { MillraceError } from '../core/mod.ts';
import type { AppFile } from './load.ts';

/** What the `SET 'view.…'` options of a file under `views/` say. */
export interface ViewDeclaration {
  readonly name: string;
  readonly key: readonly string[];
  readonly rowsMax: number;
  readonly retention: { readonly column: string; readonly ms: number } | null;
}

const ROWS_MAX = 1_000_000;
const UNIT_MS: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1000, min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000 },
};
const KNOWN = ['view.name', 'view.key', 'view.rows.max', 'view.retention', 'view.retention.column'];

/**
 * Read the `view.…` options of a view's script. `view.retention` is like `12 h`, on
 * `view.retention.column`.
 */
export function viewDeclaration(file: AppFile, options: Readonly<Record<string, string>>): ViewDeclaration {
  const refuse = (message: string): never => {
    throw new MillraceError('APP_INVALID', `${file.path}: ${message}`);
  };
  for (const option of Object.keys(options)) {
    if (option.startsWith('view.') && !KNOWN.includes(option)) {
      refuse(`unknown option '${option}'; there are ${KNOWN.join(', ')}.`);
    }
  }
  const key = (options['view.key'] ?? '').split(',').flatMap(column => column.trim() || []);
  if (key.length === 0) refuse("SET 'view.key' = '…' must name the columns that identify a row.");
  const rowsMax = Number(options['view.rows.max'] ?? 10_000);
  if (!Number.isInteger(rowsMax) || rowsMax < 1 || rowsMax > ROWS_MAX) {
    refuse(`'view.rows.max' must be a whole number from 1 to ${ROWS_MAX}.`);
  }
  return { name: options['view.name'] ?? file.name, key, rowsMax, retention: retentionOf(options, refuse) };
}

function retentionOf(
  options: Readonly<Record<string, string>>,
  refuse: (message: string) => never,
): ViewDeclaration['retention'] {
  const column = options['view.retention.column'];
  const text = options['view.retention'];
  if (column === undefined && text === undefined) return null;
  if (column === undefined) return refuse("'view.retention' needs 'view.retention.column'.");
  if (text === undefined) return { column, ms: Number.POSITIVE_INFINITY };
  const match = /^(\d+)\s*([a-z]+)$/.exec(text.trim());
  const unit = match && UNIT_MS[match[2]!];
  return unit
    ? { column, ms: Number(match[1]) * unit }
    : refuse(`'view.retention' = '${text}': expected like '12 h'.`);
}
