import type { FunctionCall, OrderItem, SqlExpression } from './expression.ts';
import type { Identifier, Position, QualifiedName } from './position.ts';

/** A query with what surrounds its body: WITH, ORDER BY, LIMIT. */
export interface Query {
  readonly kind: 'query';
  readonly with: readonly CommonTable[];
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  /** Null without a limit (also LIMIT ALL). */
  readonly limit: SqlExpression | null;
  readonly offset: SqlExpression | null;
  readonly at: Position;
}

export interface CommonTable {
  readonly name: Identifier;
  /** Renamed columns; empty when none. */
  readonly columns: readonly Identifier[];
  readonly query: Query;
}

export type QueryBody = Select | Values | SetOperation | Query;

export interface SetOperation {
  readonly kind: 'setOperation';
  readonly operator: 'UNION' | 'INTERSECT' | 'EXCEPT';
  readonly all: boolean;
  readonly left: QueryBody;
  readonly right: QueryBody;
  readonly at: Position;
}

export interface Values {
  readonly kind: 'values';
  readonly rows: readonly (readonly SqlExpression[])[];
  readonly at: Position;
}

export interface Select {
  readonly kind: 'select';
  readonly hints: readonly Hint[];
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly from: TableReference | null;
  readonly where: SqlExpression | null;
  /** Null without GROUP BY; empty items cannot be. */
  readonly groupBy: readonly GroupItem[] | null;
  readonly having: SqlExpression | null;
  readonly windows: readonly NamedWindow[];
  readonly qualify: SqlExpression | null;
  readonly at: Position;
}

export interface SelectItem {
  readonly expression: SqlExpression;
  readonly alias: Identifier | null;
}

export type GroupItem =
  | { readonly kind: 'expression'; readonly expression: SqlExpression }
  | {
      readonly kind: 'sets';
      readonly operator: 'GROUPING SETS' | 'ROLLUP' | 'CUBE';
      readonly sets: readonly (readonly SqlExpression[])[];
      readonly at: Position;
    };

export interface NamedWindow {
  readonly name: Identifier;
  readonly spec: WindowSpec;
}

/** What stands in OVER (…). */
export interface WindowSpec {
  readonly kind: 'window';
  readonly base: string | null;
  readonly partitionBy: readonly SqlExpression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame: WindowFrame | null;
  readonly at: Position;
}

export interface WindowFrame {
  readonly unit: 'ROWS' | 'RANGE';
  readonly start: FrameBound;
  readonly end: FrameBound | null;
}

export type FrameBound =
  | {
      readonly kind: 'unbounded' | 'bounded';
      readonly direction: 'PRECEDING' | 'FOLLOWING';
      readonly value: SqlExpression | null;
    }
  | { readonly kind: 'current' };

/** `name`, `name('k'='v', …)` or `name(a, b)` inside a hint comment. */
export interface Hint {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly at: Position;
}

export interface TableAlias {
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
}

export type TableReference =
  | {
      readonly kind: 'table';
      readonly name: QualifiedName;
      readonly hints: readonly Hint[];
      /** FOR SYSTEM_TIME AS OF. */
      readonly asOf: SqlExpression | null;
      readonly alias: TableAlias | null;
      readonly at: Position;
    }
  | {
      readonly kind: 'derived';
      readonly lateral: boolean;
      readonly query: Query;
      readonly alias: TableAlias | null;
      readonly at: Position;
    }
  | {
      readonly kind: 'tableFunction';
      readonly lateral: boolean;
      readonly call: FunctionCall;
      readonly alias: TableAlias | null;
      readonly at: Position;
    }
  | {
      readonly kind: 'unnest';
      readonly args: readonly SqlExpression[];
      readonly ordinality: boolean;
      readonly alias: TableAlias | null;
      readonly at: Position;
    }
  | Join;

export interface Join {
  readonly kind: 'join';
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS';
  readonly natural: boolean;
  /** True for `FROM a, b`. */
  readonly comma: boolean;
  readonly left: TableReference;
  readonly right: TableReference;
  readonly on: SqlExpression | null;
  readonly using: readonly Identifier[];
  readonly at: Position;
}
