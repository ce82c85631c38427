/**
 * Logical types, named as in Flink SQL. `nullable` is part of the type, as in Flink.
 * Lengths and precisions follow Flink's defaults: STRING = VARCHAR(2147483647), DECIMAL(10, 0), TIMESTAMP(6).
 */
export type DataType = ScalarType | ArrayType | MapType | MultisetType | RowType;

export type ScalarType =
  | {
      readonly kind: 'BOOLEAN' | 'TINYINT' | 'SMALLINT' | 'INT' | 'BIGINT' | 'FLOAT' | 'DOUBLE' | 'DATE';
      readonly nullable: boolean;
    }
  | { readonly kind: 'NULL'; readonly nullable: true }
  | {
      readonly kind: 'CHAR' | 'VARCHAR' | 'BINARY' | 'VARBINARY';
      readonly length: number;
      readonly nullable: boolean;
    }
  | {
      readonly kind: 'DECIMAL';
      readonly precision: number;
      readonly scale: number;
      readonly nullable: boolean;
    }
  | {
      readonly kind: 'TIME' | 'TIMESTAMP' | 'TIMESTAMP_LTZ';
      readonly precision: number;
      readonly nullable: boolean;
    }
  | { readonly kind: 'INTERVAL_YEAR_MONTH' | 'INTERVAL_DAY_TIME'; readonly nullable: boolean };

export interface ArrayType {
  readonly kind: 'ARRAY';
  readonly element: DataType;
  readonly nullable: boolean;
}
export interface MapType {
  readonly kind: 'MAP';
  readonly key: DataType;
  readonly value: DataType;
  readonly nullable: boolean;
}
/** A bag: laid out as a map from element to how often it is there. */
export interface MultisetType {
  readonly kind: 'MULTISET';
  readonly element: DataType;
  readonly nullable: boolean;
}
export interface RowType {
  readonly kind: 'ROW';
  readonly fields: readonly Field[];
  readonly nullable: boolean;
}

/** One column of a schema or one field of a ROW. */
export interface Field {
  readonly name: string;
  readonly type: DataType;
  /**
   * Only in what a scan declares: the column is this value inside the record's rows, outermost name first.
   */
  readonly path?: readonly string[];
}

/** The columns of a table, a batch or an operator's output, in order. Names are unique. */
export interface Schema {
  readonly fields: readonly Field[];
}

export const STRING_LENGTH_MAX = 2147483647;

/** How a value of the type lies in a column; see `batch.ts`. */
export type PhysicalType =
  | 'bool'
  | 'i32'
  | 'i64'
  | 'f64'
  | 'bytes'
  | 'decimal64'
  | 'decimal128'
  | 'timestamp'
  | 'list'
  | 'map'
  | 'struct';

/**
 * The physical layout of a logical type. DATE is days, TIME milliseconds of the day, intervals months or
 * milliseconds.
 */
export function physicalTypeOf(type: DataType): PhysicalType {
  switch (type.kind) {
    case 'BOOLEAN':
      return 'bool';
    case 'NULL':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'DATE':
    case 'TIME':
    case 'INTERVAL_YEAR_MONTH':
      return 'i32';
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return 'i64';
    case 'FLOAT':
    case 'DOUBLE':
      return 'f64';
    case 'CHAR':
    case 'VARCHAR':
    case 'BINARY':
    case 'VARBINARY':
      return 'bytes';
    case 'DECIMAL':
      return type.precision <= 18 ? 'decimal64' : 'decimal128';
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return 'timestamp';
    case 'ARRAY':
      return 'list';
    case 'MAP':
    case 'MULTISET':
      return 'map';
    case 'ROW':
      return 'struct';
  }
}

/** How often an element is in a MULTISET. */
const COUNT: DataType = { kind: 'INT', nullable: false };

/** The types of the columns a nested type is laid out in: element; key and value; fields. Else none. */
export function childTypes(type: DataType): readonly DataType[] {
  switch (type.kind) {
    case 'ARRAY':
      return [type.element];
    case 'MAP':
      return [type.key, type.value];
    case 'MULTISET':
      return [type.element, COUNT];
    case 'ROW':
      return type.fields.map(f => f.type);
    default:
      return [];
  }
}

/** True for types whose values hold values. */
export function isNestedType(type: DataType): type is ArrayType | MapType | MultisetType | RowType {
  return type.kind === 'ARRAY' || type.kind === 'MAP' || type.kind === 'MULTISET' || type.kind === 'ROW';
}

/** The type as Flink prints it: `DECIMAL(10, 3) NOT NULL`, `TIMESTAMP_LTZ(3)`, `ROW<a INT, b STRING>`. */
export function printType(type: DataType): string {
  return type.nullable ? printBare(type) : `${printBare(type)} NOT NULL`;
}

function printBare(type: DataType): string {
  switch (type.kind) {
    case 'VARCHAR':
      return type.length === STRING_LENGTH_MAX ? 'STRING' : `VARCHAR(${type.length})`;
    case 'VARBINARY':
      return type.length === STRING_LENGTH_MAX ? 'BYTES' : `VARBINARY(${type.length})`;
    case 'CHAR':
    case 'BINARY':
      return `${type.kind}(${type.length})`;
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'TIME':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return `${type.kind}(${type.precision})`;
    case 'ARRAY':
      return `ARRAY<${printType(type.element)}>`;
    case 'MULTISET':
      return `MULTISET<${printType(type.element)}>`;
    case 'MAP':
      return `MAP<${printType(type.key)}, ${printType(type.value)}>`;
    case 'ROW':
      return `ROW<${type.fields.map(f => `\`${f.name}\` ${printType(f.type)}`).join(', ')}>`;
    default:
      return type.kind;
  }
}
