import { COLLECTION_FUNCTIONS } from './collections.ts';
import { CONDITIONAL_FUNCTIONS } from './conditions.ts';
import type { FunctionDefinition } from './definition.ts';
import { ENCODING_FUNCTIONS } from './encodings.ts';
import { JSON_FUNCTIONS } from './json.ts';
import { NUMERIC_FUNCTIONS } from './numbers.ts';
import { PATTERN_FUNCTIONS } from './patterns.ts';
import { SESSION_FUNCTIONS } from './session.ts';
import { STRING_FUNCTIONS } from './strings.ts';
import { TIME_FUNCTIONS } from './times.ts';

/** Every scalar function, in the order of the reference. */
export const FUNCTIONS: readonly FunctionDefinition[] = [
  ...CONDITIONAL_FUNCTIONS,
  ...STRING_FUNCTIONS,
  ...PATTERN_FUNCTIONS,
  ...ENCODING_FUNCTIONS,
  ...NUMERIC_FUNCTIONS,
  ...TIME_FUNCTIONS,
  ...COLLECTION_FUNCTIONS,
  ...JSON_FUNCTIONS,
  ...SESSION_FUNCTIONS,
];

const BY_NAME: ReadonlyMap<string, FunctionDefinition> = new Map(FUNCTIONS.map(f => [f.name, f]));

/** The function of an upper-case name. */
export const functionNamed = (name: string): FunctionDefinition | undefined => BY_NAME.get(name);

/** Functions of Flink 1.20 that are known by name and not supported. */
export const FLINK_FUNCTIONS: ReadonlySet<string> = new Set(
  `APPROX_COUNT_DISTINCT ARRAY_AGG ARRAY_APPEND ARRAY_CONCAT ARRAY_CONTAINS ARRAY_DISTINCT ARRAY_EXCEPT
  ARRAY_INTERSECT ARRAY_JOIN ARRAY_MAX ARRAY_MIN ARRAY_POSITION ARRAY_PREPEND ARRAY_REMOVE ARRAY_REVERSE
  ARRAY_SLICE ARRAY_SORT ARRAY_UNION CARDINALITY COLLECT CUME_DIST CURRENT_WATERMARK DENSE_RANK ELEMENT
  FIRST_VALUE GROUPING GROUPING_ID GROUP_ID HOP HOP_END HOP_PROCTIME HOP_ROWTIME HOP_START JSON_ARRAY
  JSON_ARRAYAGG JSON_EXISTS JSON_OBJECT JSON_OBJECTAGG JSON_QUERY JSON_STRING JSON_VALUE LAG LAST_VALUE
  LEAD LISTAGG MAP_ENTRIES MAP_FROM_ARRAYS MAP_KEYS MAP_UNION MAP_VALUES NTILE PERCENT_RANK RANK
  ROW_NUMBER SESSION SESSION_END SESSION_PROCTIME SESSION_ROWTIME SESSION_START SINGLE_VALUE
  SOURCE_WATERMARK SPLIT STDDEV STDDEV_POP STDDEV_SAMP STR_TO_MAP TUMBLE TUMBLE_END TUMBLE_PROCTIME
  TUMBLE_ROWTIME TUMBLE_START VARIANCE VAR_POP VAR_SAMP`
    .split(/\s+/)
    .filter(name => !BY_NAME.has(name)),
);
