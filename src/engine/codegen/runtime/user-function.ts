import type { ScalarFunction } from '../../../contract/mod.ts';
import {
  type DataType,
  MillraceError,
  messageOf,
  parseDecimal,
  printDecimal,
  printType,
} from '../../../core/mod.ts';
import { printDate, printTime } from '../../../formats/mod.ts';
import type { SourcePosition } from '../../../plan/mod.ts';

/** A call as the generated code knows it. */
export interface UserCall {
  readonly id: string;
  readonly name: string;
  readonly parameters: readonly DataType[];
  readonly returns: DataType;
  readonly at: SourcePosition;
}

/** The function for generated code: the engine's values in and out, null for NULL. */
export function userFunctionOf(
  { id, name, parameters, returns, at }: UserCall,
  found: ScalarFunction | undefined,
): (...values: readonly unknown[]) => unknown {
  const failed = (sentence: string, cause?: unknown): MillraceError =>
    new MillraceError('EXPRESSION_FAILED', `The function '${name}' ${sentence}.`, { position: at, cause });
  if (found === undefined) throw failed(`is gone: there is no ${id}`);
  const toValue = parameters.map(valueReader);
  const fromValue = resultReader(returns);
  return (...values) => {
    let result: unknown;
    try {
      result = found.call(...values.map((value, i) => (value === null ? null : toValue[i]!(value))));
    } catch (cause) {
      throw failed(`failed: ${messageOf(cause)}`, cause);
    }
    if (result === null || result === undefined) {
      if (returns.nullable) return null;
      throw failed(`returned NULL, though it is declared as ${printType(returns)}`);
    }
    const value = fromValue(result);
    if (value === undefined) {
      throw failed(
        `returned ${describe(result)}, which is no ${printType({ ...returns, nullable: true } as DataType)}`,
      );
    }
    return value;
  };
}

const describe = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value));

/** How a function sees values of a type. */
function valueReader(type: DataType): (value: unknown) => unknown {
  switch (type.kind) {
    case 'DECIMAL':
      return value => printDecimal(value as bigint, type.scale);
    case 'DATE':
      return value => printDate(value as number);
    case 'TIME':
      return value => {
        const second = Math.floor((value as number) / 1000);
        return printTime(second, ((value as number) - second * 1000) * 1e6);
      };
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return value => new Date(value as number);
    default:
      return value => value;
  }
}

const RANGES: Readonly<Record<string, number>> = { TINYINT: 2 ** 7, SMALLINT: 2 ** 15, INT: 2 ** 31 };

/** The engine's value of what a function returned; undefined where it does not fit the type. */
function resultReader(type: DataType): (result: unknown) => unknown {
  switch (type.kind) {
    case 'BOOLEAN':
      return result => (typeof result === 'boolean' ? result : undefined);
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT': {
      const limit = RANGES[type.kind]!;
      return result =>
        Number.isInteger(result) && (result as number) >= -limit && (result as number) < limit
          ? result
          : undefined;
    }
    case 'BIGINT':
      return bigintOf;
    case 'FLOAT':
      return result => (typeof result === 'number' ? Math.fround(result) : undefined);
    case 'DOUBLE':
      return result => (typeof result === 'number' ? result : undefined);
    case 'DECIMAL':
      return result => decimalOf(result, type.precision, type.scale);
    case 'DATE':
      return result => {
        const fits = typeof result === 'string' && /^\d{4}-\d\d-\d\d$/.test(result);
        const ms = fits ? Date.parse(`${result}T00:00:00Z`) : Number.NaN;
        return Number.isNaN(ms) ? undefined : ms / 86_400_000;
      };
    case 'TIME':
      return timeOf;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return result =>
        result instanceof Date && !Number.isNaN(result.getTime()) ? result.getTime() : undefined;
    case 'BINARY':
    case 'VARBINARY':
      return result => (result instanceof Uint8Array ? result : undefined);
    default:
      return result => (typeof result === 'string' ? result : undefined);
  }
}

function bigintOf(result: unknown): bigint | undefined {
  const value =
    typeof result === 'bigint' ? result : Number.isSafeInteger(result) ? BigInt(result as number) : null;
  return value !== null && BigInt.asIntN(64, value) === value ? value : undefined;
}

function decimalOf(result: unknown, precision: number, scale: number): bigint | undefined {
  const isText = typeof result === 'string' || typeof result === 'number' || typeof result === 'bigint';
  return isText ? (parseDecimal(String(result), precision, scale) ?? undefined) : undefined;
}

function timeOf(result: unknown): number | undefined {
  const [, h, m, s, fraction = ''] =
    typeof result === 'string' ? (/^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?$/.exec(result) ?? []) : [];
  if (h === undefined) return undefined;
  const ms = (Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000 + Number(fraction.padEnd(3, '0'));
  return ms < 86_400_000 && Number(m) < 60 && Number(s) < 60 ? ms : undefined;
}
