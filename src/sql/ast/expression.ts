import type { DataType } from '../../core/types.ts';
import type { Position, QualifiedName } from './position.ts';
import type { Query, WindowSpec } from './query.ts';

/** Units of EXTRACT, FLOOR … TO, TIMESTAMPADD and intervals. */
export type TimeUnit = (typeof TIME_UNITS)[number];

export const TIME_UNITS = [
  'YEAR',
  'QUARTER',
  'MONTH',
  'WEEK',
  'DAY',
  'HOUR',
  'MINUTE',
  'SECOND',
  'MILLISECOND',
  'MICROSECOND',
  'NANOSECOND',
  'DOW',
  'DOY',
  'ISODOW',
  'ISOYEAR',
  'EPOCH',
  'DECADE',
  'CENTURY',
  'MILLENNIUM',
] as const;

export type BinaryOperator =
  | 'OR'
  | 'AND'
  | '='
  | '<>'
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '||';

/** What may follow `IS [NOT]`. */
export type IsTest =
  | 'NULL'
  | 'TRUE'
  | 'FALSE'
  | 'UNKNOWN'
  | 'JSON VALUE'
  | 'JSON OBJECT'
  | 'JSON ARRAY'
  | 'JSON SCALAR';

/** `INTERVAL [-]'value' from[(precision)] [TO to]`. */
export interface IntervalLiteral {
  readonly kind: 'interval';
  readonly negative: boolean;
  readonly value: string;
  readonly from: TimeUnit;
  /** Declared digits of the leading field; null when not written. */
  readonly precision: number | null;
  readonly to: TimeUnit | null;
  readonly at: Position;
}

export interface FunctionCall {
  readonly kind: 'call';
  /** As written; functions are looked up without regard to case. */
  readonly name: QualifiedName;
  readonly args: readonly SqlExpression[];
  readonly distinct: boolean;
  readonly filter: SqlExpression | null;
  readonly withinGroup: readonly OrderItem[] | null;
  readonly nullTreatment: 'RESPECT' | 'IGNORE' | null;
  /** A window by name or in place. */
  readonly over: string | WindowSpec | null;
  /** False for CURRENT_TIMESTAMP and the like, written without parentheses. */
  readonly parentheses: boolean;
  readonly at: Position;
}

export interface OrderItem {
  readonly expression: SqlExpression;
  readonly descending: boolean;
  readonly nulls: 'FIRST' | 'LAST' | null;
}

/**
 * An expression as written, before names and types are resolved. `at` of an operator is the operator's own
 * place.
 */
export type SqlExpression =
  | { readonly kind: 'null'; readonly at: Position }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly at: Position }
  | { readonly kind: 'number'; readonly text: string; readonly at: Position }
  | { readonly kind: 'string'; readonly value: string; readonly at: Position }
  /** X'…' in upper-case hex digits. */
  | { readonly kind: 'binaryString'; readonly hex: string; readonly at: Position }
  | {
      readonly kind: 'temporal';
      readonly type: 'DATE' | 'TIME' | 'TIMESTAMP';
      readonly value: string;
      readonly at: Position;
    }
  | IntervalLiteral
  | { readonly kind: 'column'; readonly parts: readonly string[]; readonly at: Position }
  /** `*` or `t.*`, in a select list or as the argument of COUNT. */
  | { readonly kind: 'star'; readonly qualifier: readonly string[]; readonly at: Position }
  | {
      readonly kind: 'unary';
      readonly operator: '+' | '-' | 'NOT';
      readonly operand: SqlExpression;
      readonly at: Position;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: SqlExpression;
      readonly right: SqlExpression;
      readonly at: Position;
    }
  | {
      readonly kind: 'is';
      readonly operand: SqlExpression;
      readonly test: IsTest;
      readonly negated: boolean;
      readonly at: Position;
    }
  | {
      readonly kind: 'distinctFrom';
      readonly left: SqlExpression;
      readonly right: SqlExpression;
      readonly negated: boolean;
      readonly at: Position;
    }
  | {
      readonly kind: 'between';
      readonly operand: SqlExpression;
      readonly low: SqlExpression;
      readonly high: SqlExpression;
      readonly negated: boolean;
      readonly symmetric: boolean;
      readonly at: Position;
    }
  | {
      readonly kind: 'in';
      readonly operand: SqlExpression;
      readonly items: readonly SqlExpression[] | Query;
      readonly negated: boolean;
      readonly at: Position;
    }
  | {
      readonly kind: 'like';
      readonly operator: 'LIKE' | 'SIMILAR TO';
      readonly operand: SqlExpression;
      readonly pattern: SqlExpression;
      readonly escape: SqlExpression | null;
      readonly negated: boolean;
      readonly at: Position;
    }
  | {
      readonly kind: 'case';
      /** CASE x WHEN …; null for the searched form. */
      readonly operand: SqlExpression | null;
      readonly branches: readonly { readonly when: SqlExpression; readonly result: SqlExpression }[];
      readonly otherwise: SqlExpression | null;
      readonly at: Position;
    }
  | {
      readonly kind: 'cast';
      readonly operand: SqlExpression;
      readonly type: DataType;
      /** TRY_CAST. */
      readonly safe: boolean;
      /** The unit of a type INTERVAL without TO: what a number counts. */
      readonly unit?: TimeUnit;
      readonly at: Position;
    }
  | FunctionCall
  /** `name => value`. */
  | {
      readonly kind: 'named';
      readonly name: string;
      readonly value: SqlExpression;
      readonly at: Position;
    }
  /** A word that is an argument: the unit of EXTRACT, the side of TRIM. */
  | { readonly kind: 'keyword'; readonly word: string; readonly at: Position }
  /** ROW(a, b), or (a, b) when not explicit. */
  | {
      readonly kind: 'row';
      readonly items: readonly SqlExpression[];
      readonly explicit: boolean;
      readonly at: Position;
    }
  | { readonly kind: 'array'; readonly items: readonly SqlExpression[]; readonly at: Position }
  /** MAP[k, v, …]: keys and values alternate. */
  | { readonly kind: 'map'; readonly items: readonly SqlExpression[]; readonly at: Position }
  | {
      readonly kind: 'item';
      readonly operand: SqlExpression;
      readonly index: SqlExpression;
      readonly at: Position;
    }
  | {
      readonly kind: 'field';
      readonly operand: SqlExpression;
      readonly name: string;
      readonly at: Position;
    }
  | { readonly kind: 'subquery'; readonly query: Query; readonly at: Position }
  | { readonly kind: 'exists'; readonly query: Query; readonly at: Position }
  /** DESCRIPTOR(a, b) of a window table function. */
  | { readonly kind: 'descriptor'; readonly columns: readonly string[]; readonly at: Position }
  /** TABLE t or a query as an argument of a table function, partitioned for SESSION. */
  | {
      readonly kind: 'tableArgument';
      readonly table: QualifiedName | Query;
      readonly partitionBy: readonly SqlExpression[];
      readonly at: Position;
    }
  /** `(a - b) DAY`: the difference of two times, cut to the unit. */
  | {
      readonly kind: 'difference';
      readonly left: SqlExpression;
      readonly right: SqlExpression;
      readonly unit: TimeUnit;
      readonly to: TimeUnit | null;
      readonly at: Position;
    };
