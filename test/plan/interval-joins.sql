CREATE TABLE bids (id INT, item STRING, price INT, ts TIMESTAMP(3), p AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');
CREATE TABLE asks (aid INT, item STRING, ask INT, ts TIMESTAMP(3), p AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH ('connector' = 'kafka', 'topic' = 'asks', 'format' = 'json');
SELECT b.id, a.aid, b.ts AS bts, a.ts AS ats FROM bids b JOIN asks a ON b.item = a.item AND a.ts BETWEEN b.ts - INTERVAL '5' SECOND AND b.ts + INTERVAL '5' SECOND;
SELECT b.id, a.aid FROM bids b LEFT JOIN asks a ON b.item = a.item AND a.p BETWEEN b.p AND b.p + INTERVAL '4' SECOND AND b.price < a.ask;
SELECT b.id, a.aid FROM bids b, asks a WHERE b.item = a.item AND b.ts > a.ts - INTERVAL '1' MINUTE AND b.ts < a.ts AND b.price > 3;
SELECT b.id, a.aid FROM bids b, asks a WHERE b.item = a.item AND b.ts > a.ts;
