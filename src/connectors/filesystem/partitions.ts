import {
  type DataType,
  type Field,
  MillraceError,
  parseDecimal,
  printDecimal,
  type RowValue,
} from '../../core/mod.ts';
import { printDate } from '../../formats/mod.ts';

/** Characters that Hive, and so Flink, writes as %XX in the name of a folder. */
const ESCAPED = /[\u0000-\u001f"#%'*/:=?\\{[\]^\u007f]/g;

const escapeName = (text: string): string =>
  text.replace(ESCAPED, c => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

const unescapeName = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** The folder of a partition, `a=1/b=x`; `nullName` stands for NULL and for the empty text. */
export function partitionFolder(
  fields: readonly Field[],
  values: readonly RowValue[],
  nullName: string,
): string {
  return fields
    .map(({ name, type }, i) => {
      const text = values[i] === null ? '' : printValue(values[i]!, type, name);
      return `${escapeName(name)}=${text === '' ? nullName : escapeName(text)}`;
    })
    .join('/');
}

/** The values of a file's partition columns, by the folders its path goes through. */
export function partitionValues(
  path: string,
  fields: readonly Field[],
  nullName: string,
): readonly RowValue[] {
  const parts = new Map(
    path
      .split('/')
      .filter(part => part.includes('='))
      .map(part => {
        const at = part.indexOf('=');
        return [unescapeName(part.slice(0, at)), unescapeName(part.slice(at + 1))] as const;
      }),
  );
  return fields.map(({ name, type }) => {
    const text = parts.get(name);
    if (text === undefined) {
      throw new MillraceError(
        'FORMAT_INVALID',
        `the file ${path} lies in no folder of the partition '${name}'`,
      );
    }
    return text === nullName ? null : parseValue(text, type, name, path);
  });
}

function printValue(value: NonNullable<RowValue>, type: DataType, name: string): string {
  switch (type.kind) {
    case 'DATE':
      return printDate(value as number);
    case 'DECIMAL':
      return printDecimal(value as bigint, type.scale);
    case 'CHAR':
    case 'VARCHAR':
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return String(value);
    default:
      throw unsupported(type, name);
  }
}

function parseValue(text: string, type: DataType, name: string, path: string): RowValue {
  const wrong = (): never => {
    throw new MillraceError('FORMAT_INVALID', `the folder ${name}=${text} of ${path} is no ${type.kind}`);
  };
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return text;
    case 'BOOLEAN':
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : wrong();
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return /^-?\d+$/.test(text) ? Number(text) : wrong();
    case 'BIGINT':
      return /^-?\d+$/.test(text) ? BigInt(text) : wrong();
    case 'DECIMAL':
      return parseDecimal(text, type.precision, type.scale) ?? wrong();
    case 'DATE':
      return /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) / 86_400_000 : wrong();
    default:
      throw unsupported(type, name);
  }
}

const unsupported = (type: DataType, name: string): MillraceError =>
  new MillraceError(
    'SQL_UNSUPPORTED',
    `the partition column '${name}' of type ${type.kind} is not supported yet`,
  );
