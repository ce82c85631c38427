import { DuckDBDecimalValue, DuckDBInstance, DuckDBTimestampValue } from '@duckdb/node-api';
import { printTimestamp } from '../../src/formats/mod.ts';

const STRUCTS = {
  person: `id BIGINT, name VARCHAR, emailAddress VARCHAR, creditCard VARCHAR, city VARCHAR, state VARCHAR,
    dateTime TIMESTAMP, extra VARCHAR`,
  auction: `id BIGINT, itemName VARCHAR, description VARCHAR, initialBid BIGINT, reserve BIGINT,
    dateTime TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT, extra VARCHAR`,
  bid: `auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, dateTime TIMESTAMP,
    extra VARCHAR`,
} as const;

const RANKS = ['TRUE', 'price < 10000', 'price >= 10000 AND price < 1000000', 'price >= 1000000'];
const NAMES = ['total', 'rank1', 'rank2', 'rank3'];
const counts = (what: string, kind: string): string =>
  RANKS.map((rank, i) => `count(${what}) FILTER (WHERE ${rank}) AS ${NAMES[i]}_${kind}`).join(', ');
const COUNTS = [
  counts('*', 'bids'),
  counts('DISTINCT bidder', 'bidders'),
  counts('DISTINCT auction', 'auctions'),
].join(', ');
const DAY = "strftime(dateTime, '%Y-%m-%d')";
const TEN_SECONDS = "time_bucket(INTERVAL '10 seconds', dateTime)";
const CHANNEL_ID = "nullif(regexp_extract(url, '(&|^)channel_id=([^&]*)', 2), '')";
/** Bids while their auction is open. */
const OPEN_BIDS = `auction a JOIN bid b ON a.id = b.auction AND b.dateTime BETWEEN a.dateTime AND a.expires`;

/** What each query asks, put to a batch engine: windows as plain arithmetic, sessions by the gap before. */
const BATCH: Readonly<Record<string, string>> = {
  q0: 'SELECT auction, bidder, price, dateTime, extra FROM bid',
  q1: 'SELECT auction, bidder, price * 0.908 AS price, dateTime, extra FROM bid',
  q2: 'SELECT auction, price FROM bid WHERE auction % 123 = 0',
  q3: `SELECT name, city, state, a.id FROM auction a JOIN person p ON seller = p.id
    WHERE category = 10 AND state IN ('OR', 'ID', 'CA')`,
  q4: `SELECT category AS id, sum(final) // count(*) AS final
    FROM (SELECT a.id, category, max(price) AS final FROM ${OPEN_BIDS} GROUP BY ALL) GROUP BY category`,
  q5: `WITH counted AS (
      SELECT auction, count(*) AS num, epoch_ms(dateTime) // 2000 + k AS slice
      FROM bid, range(5) r(k) GROUP BY ALL)
    SELECT auction, num FROM counted QUALIFY num = max(num) OVER (PARTITION BY slice)`,
  q7: `SELECT b.auction, bidder, price, b.dateTime, extra FROM bid b JOIN (
      SELECT max(price) AS top, ${TEN_SECONDS} AS begin_at FROM bid GROUP BY begin_at
    ) ON price = top AND b.dateTime BETWEEN begin_at AND begin_at + INTERVAL '10 seconds'`,
  q8: `SELECT DISTINCT p.id, p.name, p.begin_at AS stime
    FROM (SELECT id, name, ${TEN_SECONDS} AS begin_at FROM person) p
    JOIN (SELECT seller, ${TEN_SECONDS} AS begin_at FROM auction) a
    ON p.id = a.seller AND p.begin_at = a.begin_at`,
  q9: `SELECT a.*, b.auction, bidder, price, b.dateTime AS bid_dateTime, b.extra AS bid_extra
    FROM ${OPEN_BIDS}
    QUALIFY row_number() OVER (PARTITION BY a.id ORDER BY price DESC, b.dateTime) = 1`,
  q11: `WITH gaps AS (
      SELECT bidder, dateTime, dateTime - lag(dateTime) OVER w > INTERVAL '10 seconds' AS begins FROM bid
      WINDOW w AS (PARTITION BY bidder ORDER BY dateTime)),
    numbered AS (
      SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY bidder ORDER BY dateTime) AS session
      FROM gaps)
    SELECT bidder, count(*) AS bid_count, min(dateTime) AS starttime,
      max(dateTime) + INTERVAL '10 seconds' AS endtime FROM numbered GROUP BY bidder, session`,
  q14: `SELECT auction, bidder, price * 0.908 AS price,
      CASE WHEN hour(dateTime) BETWEEN 8 AND 18 THEN 'dayTime'
        WHEN hour(dateTime) <= 6 OR hour(dateTime) >= 20 THEN 'nightTime' ELSE 'otherTime' END AS bidTimeType,
      dateTime, extra, length(extra) - length(replace(extra, 'c', '')) AS c_counts
    FROM bid WHERE price * 0.908 > 1000000 AND price * 0.908 < 50000000`,
  q15: `SELECT ${DAY} AS day, ${COUNTS} FROM bid GROUP BY day`,
  q16: `SELECT channel, ${DAY} AS day, max(strftime(dateTime, '%H:%M')) AS minute, ${COUNTS}
    FROM bid GROUP BY channel, day`,
  q17: `SELECT auction, ${DAY} AS day, ${counts('*', 'bids')}, min(price) AS min_price,
      max(price) AS max_price, sum(price) // count(*) AS avg_price, sum(price)::BIGINT AS sum_price
    FROM bid GROUP BY auction, day`,
  q18: `SELECT auction, bidder, price, channel, url, dateTime, extra FROM bid
    QUALIFY row_number() OVER (PARTITION BY bidder, auction ORDER BY dateTime DESC) = 1`,
  q19: `SELECT *, row_number() OVER (PARTITION BY auction ORDER BY price DESC) AS rank_number FROM bid
    QUALIFY rank_number <= 10`,
  q20: `SELECT auction, bidder, price, channel, url, b.dateTime AS bid_dateTime, b.extra AS bid_extra,
      itemName, description, initialBid, reserve, a.dateTime AS auction_dateTime, expires, seller, category,
      a.extra AS auction_extra
    FROM bid b JOIN auction a ON auction = a.id WHERE category = 10`,
  q21: `SELECT auction, bidder, price, channel,
      CASE lower(channel) WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2'
        WHEN 'baidu' THEN '3' ELSE ${CHANNEL_ID} END AS channel_id
    FROM bid WHERE channel_id IS NOT NULL`,
  q22: `SELECT auction, bidder, price, channel, split_part(url, '/', 4) AS dir1,
      split_part(url, '/', 5) AS dir2, split_part(url, '/', 6) AS dir3 FROM bid`,
};

/** The events of a file of JSON lines in a batch engine. */
export interface NexmarkReference {
  /** The sorted JSON rows of a query. */
  rows(query: string): Promise<string[]>;
  bids(): Promise<number>;
}

export async function openNexmarkReference(path: string): Promise<NexmarkReference> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const columns = Object.entries(STRUCTS).map(([name, fields]) => `${name}: 'STRUCT(${fields})'`);
  await connection.run(`CREATE TABLE nexmark AS SELECT * FROM read_json('${path}',
    format = 'newline_delimited', columns = {event_type: 'INTEGER', ${columns.join(', ')}})`);
  for (const kind of Object.keys(STRUCTS)) {
    await connection.run(`CREATE VIEW ${kind} AS
      SELECT unnest(e.${kind}) FROM nexmark e WHERE e.${kind} IS NOT NULL`);
  }
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects();
  return {
    rows: async query => (await ask(BATCH[query]!)).map(row => JSON.stringify(row, asFlinkWrites)).sort(),
    bids: async () => Number((await ask('SELECT count(*) AS n FROM bid'))[0]!['n']),
  };
}

/** Values as Flink's JSON format has them. */
function asFlinkWrites(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  if (!(value instanceof DuckDBTimestampValue)) return value;
  return printTimestamp(Number(value.micros / 1000n), 0, 'SQL', false);
}
