import { MillraceError } from '../../core/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';

/** A run of values of the partition column, both ends included, as texts. */
export interface PartitionBounds {
  readonly column: string;
  readonly from: string;
  readonly to: string;
}

const NAMES = [
  'scan.partition.column',
  'scan.partition.num',
  'scan.partition.lower-bound',
  'scan.partition.upper-bound',
] as const;

const NUMBERS: readonly string[] = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'DECIMAL', 'FLOAT', 'DOUBLE'];

const invalid = (message: string): MillraceError => new MillraceError('SQL_INVALID', message);

/** The parts that a table is read in, by `scan.partition.*` as Flink cuts them; one without bounds otherwise. */
export function partitionBounds(table: TableDeclaration): readonly (PartitionBounds | null)[] {
  const values = NAMES.map(name => table.options[name]);
  if (values.every(value => value === undefined)) return [null];
  if (values.includes(undefined)) {
    throw invalid(`Either all or none of the following options should be provided:\n${NAMES.join('\n')}`);
  }
  const [column, num, lower, upper] = values as [string, string, string, string];
  const field = table.physicalSchema.fields.find(f => f.name === column);
  if (field === undefined) throw invalid(`the partition column '${column}' is no column of '${table.name}'`);
  if (!NUMBERS.includes(field.type.kind)) {
    throw new MillraceError(
      'SQL_UNSUPPORTED',
      `partitions by the column '${column}' of type ${field.type.kind}`,
    );
  }
  const [count, min, max] = [whole(num, NAMES[1]), whole(lower, NAMES[2]), whole(upper, NAMES[3])];
  if (count < 1n) throw invalid(`Could not parse value '${num}' for key '${NAMES[1]}'.`);
  if (min > max) {
    throw invalid(`'${NAMES[2]}'='${lower}' must not be larger than '${NAMES[3]}'='${upper}'.`);
  }
  return cut(column, count, min, max);
}

function whole(text: string, name: string): bigint {
  if (!/^-?\d{1,18}$/.test(text)) throw invalid(`Could not parse value '${text}' for key '${name}'.`);
  return BigInt(text);
}

/** Parts whose sizes differ by one at most, the larger ones first. */
function cut(column: string, wanted: bigint, min: bigint, max: bigint): readonly PartitionBounds[] {
  const size = max - min + 1n;
  const count = wanted > size ? size : wanted;
  const [each, more] = [size / count, size % count];
  const parts: PartitionBounds[] = [];
  let from = min;
  for (let i = 0n; i < count; i++) {
    const to = from + each - (i < more ? 0n : 1n);
    parts.push({ column, from: String(from), to: String(to) });
    from = to + 1n;
  }
  return parts;
}
