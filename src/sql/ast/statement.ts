import type { DataType } from '../../core/types.ts';
import type { SqlExpression } from './expression.ts';
import type { Identifier, Position, QualifiedName } from './position.ts';
import type { Hint, Query } from './query.ts';

/** Keys and values of WITH (…), as written. */
export type TableOptions = Readonly<Record<string, string>>;

/** A column of CREATE TABLE. */
export type ColumnDefinition =
  | {
      readonly kind: 'physical';
      readonly name: Identifier;
      readonly type: DataType;
      /** PRIMARY KEY NOT ENFORCED written at the column. */
      readonly primaryKey: boolean;
      readonly comment: string | null;
    }
  | {
      readonly kind: 'computed';
      readonly name: Identifier;
      readonly expression: SqlExpression;
      readonly comment: string | null;
    }
  | {
      readonly kind: 'metadata';
      readonly name: Identifier;
      readonly type: DataType;
      /** METADATA FROM 'key'; null when the column's name is the key. */
      readonly from: string | null;
      readonly virtual: boolean;
      readonly comment: string | null;
    };

export interface WatermarkDefinition {
  readonly column: QualifiedName;
  readonly expression: SqlExpression;
  readonly at: Position;
}

export interface PrimaryKeyDefinition {
  readonly name: string | null;
  readonly columns: readonly Identifier[];
  readonly at: Position;
}

export interface LikeClause {
  readonly table: QualifiedName;
  readonly options: readonly {
    readonly strategy: 'INCLUDING' | 'EXCLUDING' | 'OVERWRITING';
    readonly feature: string;
  }[];
}

/** What a table is made of, without its name: what LIKE copies and ALTER changes. */
export interface TableDefinition {
  readonly columns: readonly ColumnDefinition[];
  readonly watermark: WatermarkDefinition | null;
  readonly primaryKey: PrimaryKeyDefinition | null;
  readonly comment: string | null;
  readonly partitionedBy: readonly Identifier[];
  readonly options: TableOptions;
}

export interface CreateTable extends TableDefinition {
  readonly kind: 'createTable';
  readonly temporary: boolean;
  /** CREATE OR REPLACE TABLE … AS. */
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly name: QualifiedName;
  readonly like: LikeClause | null;
  /** CREATE TABLE … AS query. */
  readonly query: Query | null;
  readonly at: Position;
}

export interface CreateView {
  readonly kind: 'createView';
  readonly temporary: boolean;
  readonly ifNotExists: boolean;
  readonly name: QualifiedName;
  readonly columns: readonly Identifier[];
  readonly comment: string | null;
  readonly query: Query;
  readonly at: Position;
}

export interface CreateFunction {
  readonly kind: 'createFunction';
  readonly temporary: boolean;
  readonly system: boolean;
  readonly ifNotExists: boolean;
  readonly name: QualifiedName;
  /** The name of the module's export. */
  readonly className: string;
  readonly language: string | null;
  /** USING 'file'; null when the language names the place by itself. */
  readonly file: string | null;
  readonly at: Position;
}

/** CREATE DATABASE or CREATE CATALOG. */
export interface CreateNamespace {
  readonly kind: 'createNamespace';
  readonly what: 'DATABASE' | 'CATALOG';
  readonly ifNotExists: boolean;
  readonly name: QualifiedName;
  readonly comment: string | null;
  readonly options: TableOptions;
  readonly at: Position;
}

export interface Drop {
  readonly kind: 'drop';
  readonly what: 'TABLE' | 'VIEW' | 'FUNCTION' | 'DATABASE' | 'CATALOG';
  readonly temporary: boolean;
  /** DROP TEMPORARY SYSTEM FUNCTION. */
  readonly system: boolean;
  readonly ifExists: boolean;
  readonly name: QualifiedName;
  readonly cascade: boolean;
  readonly at: Position;
}

/** A column of ALTER TABLE … ADD or MODIFY, with the place it shall have. */
export interface PlacedColumn {
  readonly column: ColumnDefinition;
  /** Null to leave it where it is, or to put it at the end. */
  readonly place: { readonly kind: 'first' } | { readonly kind: 'after'; readonly name: Identifier } | null;
}

export type AlterAction =
  | { readonly kind: 'rename'; readonly to: QualifiedName }
  | { readonly kind: 'renameColumn'; readonly from: Identifier; readonly to: Identifier }
  | { readonly kind: 'setOptions'; readonly options: TableOptions }
  | { readonly kind: 'resetOptions'; readonly keys: readonly string[] }
  | {
      readonly kind: 'add' | 'modify';
      readonly columns: readonly PlacedColumn[];
      readonly watermark: WatermarkDefinition | null;
      readonly primaryKey: PrimaryKeyDefinition | null;
    }
  | { readonly kind: 'dropColumns'; readonly columns: readonly Identifier[] }
  /** DROP PRIMARY KEY, or DROP CONSTRAINT with a name. */
  | { readonly kind: 'dropKey'; readonly name: Identifier | null }
  | { readonly kind: 'dropWatermark' }
  /** ALTER VIEW … AS. */
  | { readonly kind: 'query'; readonly query: Query };

export interface Alter {
  readonly kind: 'alter';
  readonly what: 'TABLE' | 'VIEW' | 'DATABASE';
  readonly ifExists: boolean;
  readonly name: QualifiedName;
  readonly action: AlterAction;
  readonly at: Position;
}

export interface Insert {
  readonly kind: 'insert';
  readonly overwrite: boolean;
  readonly table: QualifiedName;
  /** Hints behind the table's name. */
  readonly hints: readonly Hint[];
  /** PARTITION (k = v, …); empty when none. */
  readonly partition: readonly { readonly column: Identifier; readonly value: SqlExpression }[];
  /** Target columns in order; empty for all. */
  readonly columns: readonly Identifier[];
  readonly query: Query;
  readonly at: Position;
}

/** EXECUTE STATEMENT SET BEGIN … END: one job with several sinks. */
export interface StatementSet {
  readonly kind: 'statementSet';
  readonly inserts: readonly Insert[];
  readonly at: Position;
}

export interface SetOption {
  readonly kind: 'set';
  /** Null for a bare SET, which lists the options. */
  readonly option: { readonly key: string; readonly value: string } | null;
  readonly at: Position;
}

export interface ResetOption {
  readonly kind: 'reset';
  /** Null for a bare RESET, which clears all. */
  readonly key: string | null;
  readonly at: Position;
}

export interface Explain {
  readonly kind: 'explain';
  readonly details: readonly string[];
  readonly statement: QueryStatement | Insert | StatementSet;
  readonly at: Position;
}

export interface Describe {
  readonly kind: 'describe';
  readonly extended: boolean;
  readonly name: QualifiedName;
  readonly at: Position;
}

export interface Show {
  readonly kind: 'show';
  /** `TABLES`, `VIEWS`, `CREATE TABLE`, `COLUMNS`, `CURRENT DATABASE`, … */
  readonly what: string;
  /** The object of SHOW CREATE and SHOW COLUMNS, the database of SHOW TABLES FROM. */
  readonly name: QualifiedName | null;
  readonly like: {
    readonly pattern: string;
    readonly negated: boolean;
    /** ILIKE. */
    readonly caseless: boolean;
  } | null;
  readonly at: Position;
}

export interface Use {
  readonly kind: 'use';
  readonly catalog: boolean;
  readonly name: QualifiedName;
  readonly at: Position;
}

export interface QueryStatement {
  readonly kind: 'select';
  readonly query: Query;
  readonly at: Position;
}

/** One statement of a script. */
export type Statement =
  | CreateTable
  | CreateView
  | CreateFunction
  | CreateNamespace
  | Drop
  | Alter
  | Insert
  | StatementSet
  | SetOption
  | ResetOption
  | Explain
  | Describe
  | Show
  | Use
  | QueryStatement;
