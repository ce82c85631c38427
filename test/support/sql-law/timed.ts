import fc from 'fast-check';

/** A row of the table of events: it comes `disorder` seconds off its turn. */
interface Event {
  readonly key: number;
  readonly value: number;
  readonly disorder: number;
}

/** A query over events in time, by kind and two choices. */
export interface TimedQuery {
  readonly kind: keyof typeof QUERIES;
  readonly a: number;
  readonly b: number;
  readonly keyed: boolean;
}

/** What comes in how many deliveries, and what is asked. */
export interface TimedCase {
  readonly query: TimedQuery;
  readonly deliveries: readonly (readonly Event[])[];
}

const AGGREGATES = ['SUM(v)', 'COUNT(*)', 'MIN(v)', 'MAX(v)', 'COUNT(DISTINCT v)'];

interface Texts {
  readonly flink: string;
  readonly duckdb: string;
}

const both = (sql: string): Texts => ({ flink: sql, duckdb: sql });
const aggregate = (choice: number, choices: readonly string[]) => choices[choice % choices.length]!;
/** A time as a test file prints it. */
const printed = (time: string) => `strftime(${time}, '%Y-%m-%d %H:%M:%S.%g')`;

/** DuckDB counts no DISTINCT values over RANGE frames as Flink does, so OVER leaves them out. */
const overs = AGGREGATES.slice(0, 4);

const QUERIES = {
  overRows: ({ a, b, keyed }: TimedQuery): Texts => {
    const frame = a === 0 ? 'UNBOUNDED PRECEDING' : `${a} PRECEDING`;
    const partition = keyed ? 'PARTITION BY k ' : '';
    const window = `(${partition}ORDER BY ts ROWS BETWEEN ${frame} AND CURRENT ROW)`;
    return both(`SELECT id, ${aggregate(b, overs)} OVER ${window} AS x FROM e`);
  },
  overRange: ({ a, b, keyed }: TimedQuery): Texts => {
    const frame = a === 0 ? 'UNBOUNDED PRECEDING' : `INTERVAL '${a * 2}' SECOND PRECEDING`;
    const partition = keyed ? 'PARTITION BY k ' : '';
    const window = `(${partition}ORDER BY ts RANGE BETWEEN ${frame} AND CURRENT ROW)`;
    return both(`SELECT id, ${aggregate(b, overs)} OVER ${window} AS x FROM e`);
  },
  lag: ({ a, keyed }: TimedQuery): Texts =>
    both(`SELECT id, LAG(v, ${a + 1}) OVER (${keyed ? 'PARTITION BY k ' : ''}ORDER BY ts) AS x FROM e`),
  oneRow: ({ a, b, keyed }: TimedQuery): Texts => {
    const order = `${keyed ? 'PARTITION BY k, v' : 'PARTITION BY k'} ORDER BY ts ${a % 2 === 0 ? 'ASC' : 'DESC'}`;
    const rows = `SELECT *, ROW_NUMBER() OVER (${order}) AS rn FROM e`;
    const inner = `SELECT k, v, id FROM (${rows}) AS n WHERE rn = 1`;
    return both(b % 2 === 0 ? inner : `SELECT v, COUNT(*) AS n FROM (${inner}) AS o GROUP BY v`);
  },
  tumble: ({ a, b, keyed }: TimedQuery): Texts => {
    const size = (a + 1) * 5;
    const [key, by] = keyed ? ['k, ', 'k, '] : ['', ''];
    const x = aggregate(b, AGGREGATES);
    return {
      flink:
        `SELECT ${key}window_start, ${x} AS x FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), ` +
        `INTERVAL '${size}' SECOND)) GROUP BY ${by}window_start, window_end`,
      duckdb:
        `SELECT ${key}${printed('w')}, ${x} FROM (SELECT *, time_bucket(INTERVAL '${size} seconds', ts, ` +
        `TIMESTAMP '1970-01-01') AS w FROM e) GROUP BY ${by}w`,
    };
  },
  hop: ({ a, b, keyed }: TimedQuery): Texts => {
    const [slide, size] = [(a % 3) + 2, ((a % 3) + 2) * ((b % 3) + 1)];
    const [key, by] = keyed ? ['k, ', 'k, '] : ['', ''];
    const x = aggregate(b, AGGREGATES);
    const starts = `time_bucket(INTERVAL '${slide} seconds', ts, TIMESTAMP '1970-01-01') - to_seconds(i * ${slide})`;
    return {
      flink:
        `SELECT ${key}window_start, ${x} AS x FROM TABLE(HOP(TABLE e, DESCRIPTOR(ts), ` +
        `INTERVAL '${slide}' SECOND, INTERVAL '${size}' SECOND)) GROUP BY ${by}window_start, window_end`,
      duckdb:
        `SELECT ${key}${printed('w')}, ${x} FROM (SELECT e.*, ${starts} AS w FROM e, range(${size / slide}) AS r(i)) ` +
        `GROUP BY ${by}w`,
    };
  },
};

export const timedTexts = (query: TimedQuery): Texts => QUERIES[query.kind](query);

const kinds = Object.keys(QUERIES) as (keyof typeof QUERIES)[];
const event = fc.record({ key: fc.nat(2), value: fc.nat(5), disorder: fc.nat(3) });

export const timedCases: fc.Arbitrary<TimedCase> = fc.record({
  query: fc.record({ kind: fc.constantFrom(...kinds), a: fc.nat(5), b: fc.nat(9), keyed: fc.boolean() }),
  deliveries: fc.array(fc.array(event, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 }),
});

export const EVENTS = `CREATE TABLE e (id INT, k INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)`;

/** The cells of the events: a row each two seconds, none more than the watermark's delay late, no time twice. */
export function eventRows(deliveries: TimedCase['deliveries']): readonly (readonly (readonly string[])[])[] {
  let id = 0;
  return deliveries.map(events =>
    events.map(({ key, value, disorder }) => {
      const ms = Date.UTC(2026, 0, 1) + (id * 2 + disorder) * 1000 + id;
      const time = new Date(ms).toISOString().replace('T', ' ').slice(0, 23);
      return [`${id++}`, `${key}`, value === 0 ? 'NULL' : `${value}`, time];
    }),
  );
}
