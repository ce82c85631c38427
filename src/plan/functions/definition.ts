import type { DataType } from '../../core/mod.ts';
import { type FunctionCall, type SqlExpression, sqlInvalid } from '../../sql/mod.ts';
import { call, coerce } from '../build-expression.ts';
import type { Expression, SourcePosition } from '../expression.ts';
import {
  isBinary,
  isDatetime,
  isExact,
  isInteger,
  isNumeric,
  isString,
  isTimestamp,
  simple,
  withNullable,
} from '../types/kinds.ts';
import { calciteType } from '../types/print.ts';

/** What an argument may be. */
export type Family = keyof typeof FAMILIES;

interface FamilyInfo {
  /** As Flink's messages name it. */
  readonly label: string;
  readonly fits: (type: DataType) => boolean;
}

/** The families of argument types. */
export const FAMILIES = {
  any: { label: 'ANY', fits: () => true },
  string: { label: 'CHARACTER', fits: isString },
  binary: { label: 'BINARY', fits: isBinary },
  boolean: { label: 'BOOLEAN', fits: type => type.kind === 'BOOLEAN' },
  numeric: { label: 'NUMERIC', fits: isNumeric },
  exact: { label: 'EXACT_NUMERIC', fits: isExact },
  integer: { label: 'INTEGER', fits: isInteger },
  date: { label: 'DATE', fits: type => type.kind === 'DATE' },
  datetime: { label: 'DATETIME', fits: isDatetime },
  timestamp: { label: 'TIMESTAMP', fits: isTimestamp },
} as const satisfies Record<string, FamilyInfo>;

/** A call whose arguments are bound. */
export interface BoundCall {
  /** Upper-case name as written. */
  readonly name: string;
  readonly args: readonly Expression[];
  readonly at: SourcePosition;
}

/**
 * One scalar function of the table: what it is called, how it is written, and how a call becomes an
 * expression.
 */
export interface FunctionDefinition {
  readonly name: string;
  readonly group: FunctionGroup;
  /** How to write it, for the reference. */
  readonly syntax: string;
  readonly note: string;
  readonly bind: (bound: BoundCall) => Expression;
  /** Binds a call with clauses of its own instead. */
  readonly bindSyntax?: (node: FunctionCall, bind: (node: SqlExpression) => Expression) => Expression;
}

export type FunctionGroup =
  | 'conditional'
  | 'string'
  | 'pattern'
  | 'encoding'
  | 'numeric'
  | 'time'
  | 'json'
  | 'collection'
  | 'session';

interface Signature {
  readonly params: readonly Family[];
  /** How many of `params` may be left out, from the end. */
  readonly optional?: number;
  /** The last parameter may repeat. */
  readonly variadic?: boolean;
  /** Name in the plan where it is not the function's own. */
  readonly planName?: string;
  readonly note?: string;
  /** Result type; its nullability is set from the arguments unless `nullable` says otherwise. */
  readonly result: (args: readonly Expression[]) => DataType;
  /** 'always' for functions that give NULL on bad input. */
  readonly nullable?: 'always' | 'never';
  /** Type the arguments are cast to before the call. */
  readonly coerceTo?: (args: readonly Expression[]) => readonly (DataType | null)[];
}

/** A function with fixed parameters. */
export function define(
  group: FunctionGroup,
  name: string,
  syntax: string,
  signature: Signature,
): FunctionDefinition {
  const bind = (bound: BoundCall): Expression => {
    checkArguments(bound, signature);
    const targets = signature.coerceTo?.(bound.args) ?? [];
    const operands = bound.args.map((arg, i) => {
      const target = targets[i];
      return target === undefined || target === null ? arg : coerce(arg, target, bound.at);
    });
    const type = withNullable(signature.result(bound.args), nullability(bound.args, signature.nullable));
    return call(signature.planName ?? name, operands, type, bound.at);
  };
  return { name, group, syntax, note: signature.note ?? '', bind };
}

function nullability(args: readonly Expression[], rule: 'always' | 'never' | undefined): boolean {
  if (rule !== undefined) return rule === 'always';
  return args.some(arg => arg.type.nullable);
}

function checkArguments(bound: BoundCall, signature: Signature): void {
  const { params } = signature;
  const min = params.length - (signature.optional ?? 0);
  const max = signature.variadic === true ? Number.POSITIVE_INFINITY : params.length;
  if (bound.args.length < min || bound.args.length > max) {
    const expected =
      min === max ? `${min}` : max === Number.POSITIVE_INFINITY ? `at least ${min}` : `${min} to ${max}`;
    throw sqlInvalid(
      bound.at,
      `Invalid number of arguments to function '${bound.name}'. Was expecting ${expected} arguments`,
    );
  }
  const fits = bound.args.every((arg, i) => {
    const family = FAMILIES[params[Math.min(i, params.length - 1)]!];
    return arg.type.kind === 'NULL' || family.fits(arg.type);
  });
  if (!fits)
    throw cannotApply(
      bound,
      params.map(param => `<${FAMILIES[param].label}>`),
    );
}

/** "Cannot apply 'F' to arguments of type 'F(<INTEGER>)'. Supported form(s): 'F(<CHARACTER>)'". */
export function cannotApply(bound: BoundCall, forms: readonly string[]): Error {
  const given = bound.args.map(arg => `<${calciteType(arg.type)}>`).join(', ');
  return sqlInvalid(
    bound.at,
    `Cannot apply '${bound.name}' to arguments of type '${bound.name}(${given})'. ` +
      `Supported form(s): '${bound.name}(${forms.join(', ')})'`,
  );
}

/** Type of an argument, for results that follow it. */
export function typeOfArg(args: readonly Expression[], index: number): DataType {
  return args[index]!.type;
}

export const INT: DataType = simple('INT');
export const BIGINT: DataType = simple('BIGINT');
export const DOUBLE: DataType = simple('DOUBLE');
