import { ByteSink } from './byte-sink.ts';
import type { ColumnEncoder } from './column-encoder.ts';

/**
 * JSON that stands for an unknown value of a NOT NULL column in an old row: its constant DEFAULT where it has
 * one, as
 * Debezium's schema says, else the type's zero. `expression` is pg_get_expr's text.
 */
export function fillJson(encoder: ColumnEncoder, expression: string | null): string {
  const constant = expression === null ? undefined : constantText(expression);
  if (constant === undefined) return encoder.zero;
  const sink = new ByteSink();
  const bytes = Buffer.from(constant);
  sink.reserve(bytes.length * encoder.growth + 128);
  encoder.put(sink, bytes, 0, bytes.length);
  return Buffer.from(sink.taken(0)).toString('utf8');
}

/**
 * `'new'::text`, `42`, `(-1)`, `true` as the text PostgreSQL would print; undefined for anything computed.
 */
function constantText(expression: string): string | undefined {
  const quoted = /^'((?:[^']|'')*)'(?:::[\w. "()[\],]+)?$/.exec(expression);
  if (quoted !== null) return quoted[1]!.replaceAll("''", "'");
  const number = /^\(?(-?\d+(?:\.\d+)?)\)?(?:::[\w ]+(?:\(\d+(?:,\d+)?\))?)?$/.exec(expression);
  if (number !== null) return number[1];
  return expression === 'true' || expression === 'false' ? expression[0] : undefined;
}
