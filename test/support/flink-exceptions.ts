const MAP_ORDER = 'the order inside a MAP is no contract; ours is the order of writing';
const YEARS = 'beyond the years 0001 to 9999, where Flink prints or refuses wrong years';
const FOLDED = 'Flink folds this constant while planning and fails; ours computes it as of a column';
const REMAINDER = "a planner error of Flink's; ours computes the remainder";
const ARRIVAL = "Flink's rows of this VALUES arrive in another order; ours come as written";
const ITEM = 'Flink prints -1 for an element that is not there when elements are NOT NULL; ours is NULL';

/**
 * Recorded answers of Flink that are not copied, each with the reason; `group: sql` for expressions, the file for
 * queries. They are listed in docs/reference/sql.md.
 */
export const FLINK_EXCEPTIONS: Readonly<Record<string, string>> = {
  'integer arithmetic on constant columns: n / z': FOLDED,
  'integer arithmetic on constant columns: z / n': FOLDED,
  'integer arithmetic on constant columns: CAST(b AS DOUBLE) / z': FOLDED,
  'decimal arithmetic: 10.5 % 3': REMAINDER,
  'decimal arithmetic: CAST(7.25 AS DECIMAL(10,2)) % CAST(2.2 AS DECIMAL(5,1))': REMAINDER,
  'nullable columns: m % 0.1': REMAINDER,
  "casts from string: TRY_CAST('25:00:00' AS TIME)": FOLDED,
  "temporal arithmetic: DATE '0001-01-01' - INTERVAL '1' DAY": YEARS,
  "temporal arithmetic: DATE '9999-12-31' + INTERVAL '1' DAY": YEARS,
  "temporal arithmetic: TIMESTAMP '9999-12-31 23:59:59' + INTERVAL '1' SECOND": YEARS,
  'aggregates: JSON_ARRAYAGG(s)': ARRIVAL,
  'aggregates: JSON_ARRAYAGG(s NULL ON NULL)': ARRIVAL,
  'collections: ARRAY[1,2,3][4]': ITEM,
  "collections: MAP['a',1]['z']": ITEM,
  "collections: MAP_KEYS(MAP['a',1,'b',2])": MAP_ORDER,
  "collections: MAP_VALUES(MAP['a',1,'b',2])": MAP_ORDER,
  "collections: MAP_ENTRIES(MAP['a',1,'b',2])": MAP_ORDER,
  'statements and names: TYPEOF(PROCTIME())': "an error of Flink's own; ours names the type",
  '021-tumble-offset.sql': 'Flink loses the rows of the first windows of a TUMBLE with an offset',
  '085-refused-unnest-ordinality-nullable.sql': "a planner error of Flink's; ours numbers the elements",
};
