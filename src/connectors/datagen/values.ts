import {
  type DataType,
  type Field,
  MillraceError,
  parseDecimal,
  type Rng,
  type RowValue,
  STRING_LENGTH_MAX,
} from '../../core/mod.ts';
import { booleanOption, type TableDeclaration, wholeOption, wrongOption } from '../../plan/mod.ts';

type Given = TableDeclaration['options'];

/** What a value may depend on. */
export interface Draw {
  readonly rng: Rng;
  readonly nowMs: number;
  /** Rows made before this one. */
  readonly row: number;
}
export type Generate = (draw: Draw) => RowValue;

/** How a column is made, the options it reads, and after how many rows it ends (infinity: never). */
export interface FieldGenerator {
  readonly generate: Generate;
  readonly options: readonly string[];
  readonly rows: number;
}

const LENGTH_DEFAULT = 100;
const COLLECTION_LENGTH_DEFAULT = 3;
const INTEGERS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  TINYINT: [-128n, 127n],
  SMALLINT: [-32768n, 32767n],
  INT: [-(2n ** 31n), 2n ** 31n - 1n],
  BIGINT: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** The generator of one column by its options `fields.<path>.…`. */
export function fieldGenerator(given: Given, { name, type }: Field, prefix = 'fields'): FieldGenerator {
  const path = `${prefix}.${name}`;
  const kind = given[`${path}.kind`] ?? 'random';
  if (kind === 'sequence') return sequence(given, path, type);
  if (kind !== 'random') throw wrongOption(`${path}.kind`, kind, 'random or sequence');
  const made = random(given, path, type);
  const rate = nullRate(given, `${path}.null-rate`);
  const own = ['kind', 'null-rate'].map(option => `${path}.${option}`);
  const generate: Generate =
    rate === 0 ? made.generate : draw => (draw.rng.next() < rate ? null : made.generate(draw));
  return { generate, options: [...own, ...made.options], rows: Number.POSITIVE_INFINITY };
}

function nullRate(given: Given, name: string): number {
  const text = given[name] ?? '0';
  const rate = Number(text);
  if (text.trim() === '' || !(rate >= 0 && rate <= 1)) throw wrongOption(name, text, 'a number from 0 to 1');
  return rate;
}

type Made = Omit<FieldGenerator, 'rows'>;

function random(given: Given, path: string, type: DataType): Made {
  switch (type.kind) {
    case 'BOOLEAN':
      return { generate: ({ rng }) => rng.next() < 0.5, options: [] };
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return randomInteger(given, path, type);
    case 'FLOAT':
    case 'DOUBLE':
    case 'DECIMAL':
      return randomNumber(given, path, type);
    case 'CHAR':
    case 'VARCHAR':
    case 'BINARY':
    case 'VARBINARY':
      return randomText(given, path, type);
    case 'DATE':
      return { generate: ({ nowMs }) => Math.floor(nowMs / 86_400_000), options: [] };
    case 'TIME':
      return { generate: ({ nowMs }) => nowMs % 86_400_000, options: [] };
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return randomTime(given, path);
    case 'INTERVAL_YEAR_MONTH':
      return { generate: ({ rng }) => rng.int(0, 120_000), options: [] };
    case 'INTERVAL_DAY_TIME':
      return { generate: ({ rng }) => BigInt(rng.int(0, 2 ** 31)), options: [] };
    case 'ARRAY':
    case 'MAP':
    case 'ROW':
      return randomNested(given, path, type);
    default:
      throw new MillraceError(
        'SQL_INVALID',
        `Unsupported type '${type.kind}' of the field ${path} for 'datagen'.`,
      );
  }
}

function randomInteger(given: Given, path: string, type: DataType): Made {
  const [low, high] = INTEGERS[type.kind]!;
  const min = whole(given, `${path}.min`, low!);
  const max = whole(given, `${path}.max`, high!);
  refuseEmpty(path, min, max);
  const span = max - min + 1n;
  // 32 bits at a time: a double has not enough of them for BIGINT.
  const draw = (rng: Rng): bigint => {
    const bits = (BigInt(rng.int(0, 2 ** 32 - 1)) << 32n) | BigInt(rng.int(0, 2 ** 32 - 1));
    return min + ((bits * span) >> 64n);
  };
  const isBig = type.kind === 'BIGINT';
  return {
    generate: ({ rng }) => (isBig ? draw(rng) : Number(draw(rng))),
    options: [`${path}.min`, `${path}.max`],
  };
}

function whole(given: Given, name: string, otherwise: bigint): bigint {
  const text = given[name];
  if (text === undefined) return otherwise;
  if (!/^[+-]?\d+$/.test(text)) throw wrongOption(name, text, 'a whole number');
  return BigInt(text);
}

function refuseEmpty(path: string, min: bigint | number, max: bigint | number): void {
  if (min <= max) return;
  throw new MillraceError('SQL_INVALID', `'${path}.min' is ${min}, which is above '${path}.max', ${max}.`);
}

function randomNumber(given: Given, path: string, type: DataType): Made {
  const widest = type.kind === 'DECIMAL' ? 10 ** (type.precision - type.scale) : Number.MAX_VALUE;
  const bound = (name: string, otherwise: number): number => {
    const text = given[`${path}.${name}`];
    if (text === undefined) return otherwise;
    if (text.trim() === '' || Number.isNaN(Number(text)))
      throw wrongOption(`${path}.${name}`, text, 'a number');
    return Number(text);
  };
  const min = bound('min', 0);
  const max = bound('max', type.kind === 'FLOAT' ? 3.4028234663852886e38 : widest);
  refuseEmpty(path, min, max);
  const draw = (rng: Rng): number => min + rng.next() * (max - min);
  const options = [`${path}.min`, `${path}.max`];
  if (type.kind === 'FLOAT') return { generate: ({ rng }) => Math.fround(draw(rng)), options };
  if (type.kind !== 'DECIMAL') return { generate: ({ rng }) => draw(rng), options };
  const { precision, scale } = type;
  const digits = (rng: Rng): RowValue => {
    const cut = Math.floor(draw(rng) * 10 ** Math.min(scale, 15)) / 10 ** Math.min(scale, 15);
    return parseDecimal(
      cut.toLocaleString('en', { useGrouping: false, maximumFractionDigits: scale }),
      precision,
      scale,
    );
  };
  return { generate: ({ rng }) => digits(rng), options };
}

function randomText(
  given: Given,
  path: string,
  type: DataType & { readonly kind: 'CHAR' | 'VARCHAR' | 'BINARY' | 'VARBINARY' },
): Made {
  const isFixed = type.kind === 'CHAR' || type.kind === 'BINARY';
  const option = `${path}.length`;
  if (isFixed && given[option] !== undefined) {
    throw new MillraceError(
      'SQL_INVALID',
      `Custom length for fixed-length type (${type.kind}) field '${path}' is not supported.`,
    );
  }
  const widest = type.length === STRING_LENGTH_MAX ? LENGTH_DEFAULT : type.length;
  const length = isFixed ? type.length : wholeOption(given, option, widest);
  if (length > type.length) {
    throw new MillraceError(
      'SQL_INVALID',
      `Custom length '${length}' for variable-length type (${type.kind}) field '${path}' should be shorter than ` +
        `'${type.length}' defined in the schema.`,
    );
  }
  const varies = !isFixed && booleanOption(given, `${path}.var-len`, false);
  const isBinary = type.kind === 'BINARY' || type.kind === 'VARBINARY';
  const lengthOf = (rng: Rng): number => (varies ? rng.int(1, Math.max(1, length)) : length);
  const options = isFixed ? [] : [option, `${path}.var-len`];
  if (isBinary) {
    const bytes = (rng: Rng) => Uint8Array.from({ length: lengthOf(rng) }, () => rng.int(0, 255));
    return { generate: ({ rng }) => bytes(rng), options };
  }
  const text = (rng: Rng) => Array.from({ length: lengthOf(rng) }, () => HEX[rng.int(0, 15)]).join('');
  return { generate: ({ rng }) => text(rng), options };
}

const HEX = '0123456789abcdef';

const UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, ms: 1, s: 1000, sec: 1000, min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000 },
};

function randomTime(given: Given, path: string): Made {
  const option = `${path}.max-past`;
  const text = given[option] ?? '0';
  const [, count, unit = ''] = /^(\d+)\s*([a-z]*)$/.exec(text.trim()) ?? [];
  const factor = UNITS[unit];
  if (count === undefined || factor === undefined)
    throw wrongOption(option, text, "a duration such as '1 h'");
  const maxPastMs = Number(count) * factor;
  return {
    generate: ({ rng, nowMs }) => ({
      millis: nowMs - (maxPastMs === 0 ? 0 : rng.int(0, maxPastMs)),
      nanos: 0,
    }),
    options: [option],
  };
}

function randomNested(given: Given, path: string, type: DataType): Made {
  if (type.kind === 'ROW') {
    const parts = type.fields.map(field => fieldGenerator(given, field, path));
    return {
      generate: draw => parts.map(part => part.generate(draw)),
      options: parts.flatMap(part => part.options),
    };
  }
  const option = `${path}.length`;
  const length = wholeOption(given, option, COLLECTION_LENGTH_DEFAULT);
  const child = (name: string, of: DataType) => fieldGenerator(given, { name, type: of }, path);
  if (type.kind === 'ARRAY') {
    const element = child('element', type.element);
    return {
      generate: draw => Array.from({ length }, () => element.generate(draw)),
      options: [option, ...element.options],
    };
  }
  if (type.kind !== 'MAP') throw new MillraceError('INTERNAL', `${type.kind} is not nested`);
  const [key, value] = [child('key', type.key), child('value', type.value)];
  return {
    generate: draw => distinct(Array.from({ length }, () => [key.generate(draw), value.generate(draw)])),
    options: [option, ...key.options, ...value.options],
  };
}

/** Entries with each key once, as a map has them. */
function distinct(entries: readonly (readonly RowValue[])[]): readonly RowValue[] {
  return [...new Map(entries.map(entry => [String(entry[0]), entry])).values()];
}

const SEQUENCED = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL', 'CHAR', 'VARCHAR'];

/** Counts from start to end, both included; the table ends with its shortest sequence. */
function sequence(given: Given, path: string, type: DataType): FieldGenerator {
  if (!SEQUENCED.includes(type.kind)) {
    throw new MillraceError(
      'SQL_INVALID',
      `Unsupported type '${type.kind}' of the sequence ${path} for 'datagen'.`,
    );
  }
  const options = ['kind', 'start', 'end'].map(option => `${path}.${option}`);
  for (const name of options) {
    if (given[name] !== undefined) continue;
    throw new MillraceError(
      'SQL_INVALID',
      `Could not find required property '${name}' for sequence generator.`,
    );
  }
  const start = whole(given, `${path}.start`, 0n);
  const end = whole(given, `${path}.end`, 0n);
  if (start > end) {
    throw new MillraceError(
      'SQL_INVALID',
      `'${path}.start' is ${start}, which is above '${path}.end', ${end}.`,
    );
  }
  const at = ({ row }: Draw): bigint => start + BigInt(row);
  return { generate: draw => sequenced(at(draw), type), options, rows: Number(end - start + 1n) };
}

function sequenced(value: bigint, type: DataType): RowValue {
  if (type.kind === 'BIGINT') return value;
  if (type.kind === 'DECIMAL') return value * 10n ** BigInt(type.scale);
  return type.kind === 'CHAR' || type.kind === 'VARCHAR' ? String(value) : Number(value);
}
