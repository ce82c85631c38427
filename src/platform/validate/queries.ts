import { MillraceError } from '../../core/mod.ts';

/** One query of `validate.sql`: what a sink must hold. */
export interface SinkQuery {
  readonly sink: string;
  readonly key: readonly string[];
  /** A SELECT whose columns are those of the sink. */
  readonly sql: string;
}

/**
 * Reads `validate.sql`: each query stands below `-- sink: NAME` and `-- key: a, b` and ends before the next
 * one.
 * APP_INVALID names the line where something is missing.
 */
export function parseValidateSql(path: string, text: string): readonly SinkQuery[] {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, i) => (/^--\s*sink:/.test(line) ? [i] : []));
  if (starts.length === 0) {
    throw new MillraceError('APP_INVALID', `${path}: expected queries below lines like \`-- sink: TABLE\`.`);
  }
  return starts.map((start, n) => {
    const block = lines.slice(start, starts[n + 1] ?? lines.length);
    const sink = block[0]!.replace(/^--\s*sink:/, '').trim();
    const keyLine = block.find(line => /^--\s*key:/.test(line));
    const key = (keyLine ?? '')
      .replace(/^--\s*key:/, '')
      .split(',')
      .flatMap(name => name.trim() || []);
    const sql = block
      .filter(line => !line.startsWith('--'))
      .join('\n')
      .trim()
      .replace(/;$/, '');
    if (key.length === 0 || sql === '') {
      const missing = sql === '' ? 'a query' : '`-- key: COLUMN, …`';
      throw new MillraceError('APP_INVALID', `${path}:${start + 1}: sink ${sink} needs ${missing}.`);
    }
    return { sink, key, sql };
  });
}
